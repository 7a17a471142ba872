"""How right proposals are: every column of an export against what it is for, half by half.

Run by itself it prints the figures: ``python -m benchmarks.import_proposals``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alignment_lib.inputs.exports import read_export
from alignment_lib.inputs.import_mapping import propose_mapping
from alignment_lib.inputs.mapping_files import ImportMapping

FOLDER = Path(__file__).parent.parent / "tests" / "cases" / "proposals"
HALVES = ("chosen", "held_out")
ASIDE = "left aside"


@dataclass(frozen=True)
class Score:
    """A proposal beside the truth: every column, and those that are wrong with and without a doubt."""

    name: str
    columns: int
    wrong: tuple[str, ...]
    silent: tuple[str, ...]


def score_exports(half: str) -> list[Score]:
    """Scores of all exports of one half."""
    return [score_export(folder) for folder in sorted((FOLDER / half).iterdir()) if folder.is_dir()]


def score_export(folder: Path) -> Score:
    """One export: right where the proposed use of a column is the true one."""
    export = read_export(next(path for path in folder.iterdir() if path.stem == "export"))
    truth = tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8"))
    mapping = propose_mapping(export)
    proposed, true = _uses(mapping), _true_uses(truth)
    either = set(truth.get("either", ()))
    wrong = [column for column in export.columns if not _is_right(column, proposed, true, either)]
    if mapping.kind != truth["kind"]:
        wrong = list(export.columns)
    silent = [column for column in wrong if not _is_doubted(column, mapping)]
    texts = [f"{column}: {proposed.get(column, ASIDE)}, not {true.get(column, ASIDE)}" for column in wrong]
    return Score(folder.name, len(export.columns), tuple(texts), tuple(silent))


def _uses(mapping: ImportMapping) -> dict[str, str]:
    uses = {column: role for role, column in mapping.columns.items() if column}
    return uses | dict.fromkeys(mapping.dimensions.values(), "dimension")


def _true_uses(truth: dict[str, object]) -> dict[str, str]:
    columns, dimensions = truth["columns"], truth["dimensions"]
    assert isinstance(columns, dict)
    assert isinstance(dimensions, list)
    return {column: role for role, column in columns.items()} | dict.fromkeys(dimensions, "dimension")


def _is_right(column: str, proposed: dict[str, str], true: dict[str, str], either: Iterable[str]) -> bool:
    use = proposed.get(column, ASIDE)
    return use == true.get(column, ASIDE) or (column in either and use in ("dimension", ASIDE))


def _is_doubted(column: str, mapping: ImportMapping) -> bool:
    return any(repr(column) in doubt or f"'{column}'" in doubt for doubt in mapping.doubts)


def write_figures() -> Iterator[str]:
    """A line for each half."""
    for half in HALVES:
        scores = score_exports(half)
        columns = sum(score.columns for score in scores)
        right = columns - sum(len(score.wrong) for score in scores)
        silent = sum(len(score.silent) for score in scores)
        yield f"{half}: {right} of {columns} columns of {len(scores)} exports right ({right / columns:.1%}), "
        yield f"{silent} wrong without a doubt\n"


if __name__ == "__main__":
    import sys

    sys.stdout.writelines(write_figures())
    for half in HALVES if "-v" in sys.argv else ():
        for score in score_exports(half):
            sys.stdout.writelines(f"  {score.name}: {text}\n" for text in score.wrong)
            sys.stdout.writelines(f"  {score.name} SILENT {text}\n" for text in score.silent)
