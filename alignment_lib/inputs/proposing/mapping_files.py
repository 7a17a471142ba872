"""A mapping as a value and as TOML: what each column of an export is for, and what the user decided."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["ACTIONS", "DECISIONS", "KINDS", "ImportMapping", "read_mapping", "write_mapping"]

KINDS = ("order_lines", "pivot", "leads", "opportunities", "spend", "costs", "prices", "contacts")


ACTIONS = ("take", "leave out", "subtract", "units", "revenue")
"""What becomes of rows: counted, left out, counted against the others, or read as one measure of several."""
DECISIONS = {
    "named_by": "first day or last day: which day of its period a date or heading names",
    "first_period": "leave out or keep, where the export does not cover it from its beginning",
    "last_period": "leave out or keep, where it is not over or not covered to its end",
    "after_today": "leave out or keep, what lies after the day of the import",
    "until": "the last period that is sold, by its first day; later ones are left out",
    "blank_labels": "keep or carry down: a blank label stands for itself, or for the label above it",
    "year": "the calendar year of the first heading, where headings name none",
    "currency": "the currency in which sums are written",
    "follow_lines": "carry down or keep: lines without an order's own cells continue the order above",
    "customers": "companies or persons: names of persons are never written",
    "undated_outcomes": "keep or open: what was won or lost without a closing day",
}
"""What ``[import]`` may say."""
_CHOICES = {
    "named_by": ("first day", "last day"),
    "first_period": ("leave out", "keep"),
    "last_period": ("leave out", "keep"),
    "after_today": ("leave out", "keep"),
    "blank_labels": ("keep", "carry down"),
    "follow_lines": ("carry down", "keep"),
    "customers": ("companies", "persons"),
    "undated_outcomes": ("keep", "open"),
}
_PATTERNS = {"until": (r"\d{4}-\d{2}-\d{2}", "a day such as 2025-11-01"), "year": (r"\d{4}", "a year")}
_BY_PERIOD = ("order_lines", "pivot", "spend")
_SAID = {
    "columns": "  # column of the workspace = column of the export",
    "also": "  # further columns with the same date; the latest that is filled counts",
    "dimensions": "  # broadest first; strike out what you do not plan by",
    "values": "  # one word for all rows",
    "outcomes": "  # won, lost, or nothing while open",
    "milestones": "  # the date that a lead's first row with this word gives",
    "import": "  # what was decided about rows that can be read in two ways",
    "rates": "  # worth of one unit in the currency that is written; 0 where it is not said yet",
}


@dataclass(frozen=True)
class ImportMapping:
    """How an export becomes a table of the workspace.

    Attributes
    ----------
    kind : str
        One of `KINDS`: what one row of the export is.
    columns : dict of str to str
        Column of the contract to column of the export.
    dimensions : dict of str to str
        Dimension to column of the export, broadest first.
    measure : {"units", "revenue"}
        What the figures of a pivot are.
    date, decimal, thousands : str
        How dates and numbers are written.
    grain : {"week", "month"}
        Periods into which order lines are added up.
    outcomes : dict of str to str
        Words of the status column to ``won``, ``lost`` or ``""`` (still open).
    header : tuple of str
        Columns of the export for which the mapping was made.
    doubts : tuple of str
        What the user must settle first.
    values : dict of str to str
        Column of the contract to the one word that stands in all its rows.
    milestones : dict of str to str
        Words of the status column to the date of the funnel that a lead's first row with it gives.
    decisions : dict of str to object
        What the user decided about rows that can be read in two ways.
    profile : str
        The declared mapping that was used, if any.
    rows : dict of str to dict
        By column of the export, what becomes of the rows with each of its words (`ACTIONS`).
    rates : dict of str to float
        What one unit of each currency is worth in the currency that is written.
    also : dict of str to tuple of str
        Further columns of the export for a date of the contract; the latest day that is filled counts.
    """

    kind: str
    columns: Mapping[str, str] = field(default_factory=dict)
    dimensions: Mapping[str, str] = field(default_factory=dict)
    measure: str = "units"
    date: str = "%Y-%m-%d"
    decimal: str = "."
    thousands: str = ""
    grain: str = "week"
    outcomes: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    milestones: Mapping[str, str] = field(default_factory=dict)
    decisions: Mapping[str, Any] = field(default_factory=dict)
    profile: str = ""
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        """Every column of the export that has a use."""
        further = {name for names in self.also.values() for name in names}
        return frozenset({*self.columns.values(), *self.dimensions.values(), *further})


def write_mapping(mapping: ImportMapping) -> str:
    """The mapping as TOML with a comment on every line that may be changed."""
    lines = ["# How the export is read. Change what is wrong, then run the same command again.", ""]
    if mapping.doubts:
        lines += [
            "# Settle these first: correct the line each speaks of, then delete the doubt.",
            "doubts = [",
        ]
        lines += [f"  {_quote(doubt)}," for doubt in mapping.doubts] + ["]", ""]
    lines.append(f"kind = {_quote(mapping.kind)}  # {', '.join(KINDS)}")
    if mapping.profile:
        lines.append(f"profile = {_quote(mapping.profile)}  # the declared mapping of this system's export")
    if mapping.kind == "pivot":
        lines.append(f"measure = {_quote(mapping.measure)}  # units or revenue")
    if mapping.kind in _BY_PERIOD:
        lines.append(f"grain = {_quote(mapping.grain)}  # week or month")
    if mapping.date:
        lines.append(
            f"date = {_quote(mapping.date)}  # how dates are written, whatever time of day stands behind"
        )
    lines.append(f"decimal = {_quote(mapping.decimal)}")
    lines.append(f"thousands = {_quote(mapping.thousands)}")
    header = ", ".join(_quote(name) for name in mapping.header)
    lines.append(f"header = [{header}]  # the export this was made for; do not change")
    lines += _list_aside(mapping)
    return "\n".join([*lines, *_write_sections(mapping)]) + "\n"


def _write_sections(mapping: ImportMapping) -> list[str]:
    lines: list[str] = []
    for title, table in (
        ("columns", mapping.columns),
        ("also", mapping.also),
        ("dimensions", mapping.dimensions),
        ("values", mapping.values),
        ("outcomes", mapping.outcomes),
        ("milestones", mapping.milestones),
        ("import", mapping.decisions),
        ("rates", mapping.rates),
    ):
        if table:
            lines += ["", f"[{title}]{_SAID.get(title, '')}"]
            lines += [
                f"{_quote(key)} = {_write(value)}{_comment(title, key)}" for key, value in table.items()
            ]
    for column, words in mapping.rows.items():
        lines += ["", f"[rows.{_quote(column)}]  # {', '.join(ACTIONS)}"]
        lines += [f"{_quote(word)} = {_quote(action)}" for word, action in words.items()]
    return lines


def _comment(title: str, key: str) -> str:
    return f"  # {DECISIONS[key]}" if title == "import" and key in DECISIONS else ""


def _list_aside(mapping: ImportMapping) -> list[str]:
    """Columns that have no use, as a comment: nothing is left aside unseen."""
    aside = [name for name in mapping.header if name not in mapping.used]
    if not aside or mapping.kind == "pivot":
        return []
    return ["# left aside: " + ", ".join(_quote(name) for name in aside)]


def _write(value: object) -> str:
    """A value as TOML: text, yes or no, a number, or a list of them on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_write(entry) for entry in value) + "]"
    return _quote(str(value))


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_mapping(path: Path) -> ImportMapping:
    """Read a saved mapping.

    Raises
    ------
    InputError
        A file that is not TOML, or says something this does not know.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            [Problem(path.name, str(error)[:120], "TOML", "correct that line, or delete the file")]
        ) from None
    return ImportMapping(**_typed(content, path.name))


def _typed(content: dict[str, Any], file: str) -> dict[str, Any]:
    kinds: dict[str, type] = dict.fromkeys(
        ("kind", "measure", "date", "decimal", "thousands", "grain", "profile"), str
    )
    kinds |= dict.fromkeys(
        ("columns", "also", "dimensions", "outcomes", "values", "milestones", "import", "rows", "rates"),
        dict,
    )
    kinds |= dict.fromkeys(("header", "doubts"), list)
    problems = [
        Problem(
            file,
            f"{key} = {value!r}"[:80],
            "one of the lines a proposal has",
            "remove or correct it",
            column=key,
        )
        for key, value in content.items()
        if key not in kinds or not isinstance(value, kinds[key])
    ]
    if content.get("kind") not in KINDS:
        problems.append(
            Problem(file, f"kind = {content.get('kind')!r}", ", ".join(KINDS), "name one", column="kind")
        )
    problems += _check_decisions(content, file)
    if problems:
        raise InputError(problems)
    given = {"decisions" if key == "import" else key: value for key, value in content.items()}
    return {key: tuple(map(str, value)) if isinstance(value, list) else value for key, value in given.items()}


def _check_decisions(content: dict[str, Any], file: str) -> list[Problem]:
    """Faults of ``[import]``, ``[rates]`` and ``[rows]``."""
    found = []
    for table, key, value, expected in [*_wrong_choices(content), *_wrong_rows(content)]:
        said = f"{key} = {value!r}"[:80]
        found.append(Problem(file, said, expected, "write one of these", column=table))
    return found


def _wrong_choices(content: dict[str, Any]) -> Iterator[tuple[str, str, object, str]]:
    for key, value in _table(content, "import").items():
        if key in _CHOICES and value not in _CHOICES[key]:
            yield "import", key, value, " or ".join(_CHOICES[key])
        if key in _PATTERNS and not re.fullmatch(_PATTERNS[key][0], str(value)):
            yield "import", key, value, _PATTERNS[key][1]
    for key, value in _table(content, "rates").items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
            yield "rates", key, value, "a number above 0"


def _wrong_rows(content: dict[str, Any]) -> Iterator[tuple[str, str, object, str]]:
    for role, names in _table(content, "also").items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            yield "also", role, names, 'a list of headings, such as ["Lost time"]'
    for column, words in _table(content, "rows").items():
        for word, action in words.items() if isinstance(words, dict) else (("", words),):
            if action not in ACTIONS:
                yield f"rows.{column}", word, action, ", ".join(ACTIONS)


def _table(content: dict[str, Any], name: str) -> dict[str, Any]:
    found = content.get(name)
    return found if isinstance(found, dict) else {}
