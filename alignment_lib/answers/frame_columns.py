"""What every column of a frame means, whoever shows it: published tables, answers, an analyst's frames."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import pandas as pd

from alignment_lib.answers.catalogue import question_names
from alignment_lib.inputs.dictionary import load_dictionary
from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES
from alignment_lib.inputs.words.nearest import check_word

__all__ = ["FRAMES", "describe_columns", "write_frames_markdown"]

FRAMES = {
    "sales": "history",
    "baseline": "plan",
    "plan": "plan",
    "bridge": "bridge",
    "odds": "odds",
    "money": "money",
    "money_odds": "money_odds",
    "assumptions": "assumptions",
    "evidence": "evidence",
    "leads": "funnel",
    "scenarios": "",
}
"""Frames of a round, each with the published table it is read from; blank where it is made of several."""
_ALL = "*"
_HEAD = """
# Frames of a round

What `al.open_round(…)` and `al.open_snapshot(…)` hand out, and the answers of `r.answers`. Written from
`alignment_lib/inputs/snapshot_tables.py` and `alignment_lib/answers/dictionary.csv`.

"""


def describe_columns(name: str) -> pd.DataFrame:
    """Meaning of every column that a frame of a round or an answer may have.

    Parameters
    ----------
    name : str
        ``plan``, ``leads``, ``bridge``, or the name of a question.

    Returns
    -------
    DataFrame
        ``column, type, unit, description``; ``{dimension}`` stands for one column per dimension.

    Raises
    ------
    UnknownWord
        No frame bears the name; the nearest is named.

    Examples
    --------
    >>> describe_columns("baseline").query("column == 'baseline'")["type"].tolist()
    ['number']
    """
    own = _own()
    table = FRAMES.get(name, name)
    known = [*FRAMES, *own, *question_names(), *SNAPSHOT_TABLES]
    check_word(name, dict.fromkeys(one for one in known if one != _ALL), "frame")
    rows: dict[str, tuple[str, str, str]] = {}
    if table in SNAPSHOT_TABLES:
        for column in SNAPSHOT_TABLES[table].columns:
            rows[column.name] = (column.type, column.unit, column.description)
    if name == "assumptions":
        for field in load_dictionary()["assumptions"]:
            rows[field.column] = (field.type, field.unit, field.description)
    for key in (name, _ALL):
        for named, type_, unit, description in own.get(key, ()):
            rows.setdefault(named, (type_, unit, description))
    return pd.DataFrame(
        [(column, *rest) for column, rest in rows.items()], columns=["column", "type", "unit", "description"]
    )


@cache
def _own() -> dict[str, tuple[tuple[str, str, str, str], ...]]:
    text = files(__package__).joinpath("dictionary.csv").read_text(encoding="utf-8")
    found: dict[str, list[tuple[str, str, str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        line = (row["column"], row["type"], row["unit"], row["description"])
        found.setdefault(row["question"], []).append(line)
    return {name: tuple(lines) for name, lines in found.items()}


def write_frames_markdown() -> str:
    """The part of ``docs/data-dictionary.md`` on frames."""
    parts = [_HEAD.lstrip("\n")]
    asked = [name for name in (*_own(), *question_names()) if name in _own() or name in SNAPSHOT_TABLES]
    shown = [*dict.fromkeys((*FRAMES, *(name for name in asked if name != _ALL))), _ALL]
    for name in shown:
        rows = _shown(name)
        title = "columns that several answers share" if name == _ALL else f"`{name}`"
        parts.append(f"\n## {title}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n")
        for cells in rows:
            escaped = [cell.replace("|", "\\|") for cell in cells]
            parts.append(f"| `{escaped[0]}` | {escaped[1]} | {escaped[2]} | {escaped[3]} |\n")
    return "".join(parts)


def _shown(name: str) -> list[tuple[str, str, str, str]]:
    """A frame's own lines: those that all share stand once, under their own heading."""
    if name == _ALL or (name not in FRAMES and name not in SNAPSHOT_TABLES):
        return list(_own()[name])
    shared = {line[0] for line in _own()[_ALL]} - {line[0] for line in _own().get(name, ())}
    described = describe_columns(name)
    table = FRAMES.get(name, name)
    fixed = {column.name for column in SNAPSHOT_TABLES[table].columns} if table in SNAPSHOT_TABLES else set()
    kept = described[~described["column"].isin(shared - fixed)]
    return [(str(a), str(b), str(c), str(d)) for a, b, c, d in kept.itertuples(index=False)]
