"""How right proposals are: every column of an export against what it is for, half by half.

Run by itself it prints the figures: ``python -m benchmarks.import_proposals``.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alignment_lib.inputs.proposing.import_mapping import propose_mapping
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import read_export

FOLDER = Path(__file__).parent.parent / "tests" / "cases" / "proposals"
SHOWN = Path(__file__).parent.parent.parent / "shared" / "cases" / "import"
HALVES = ("chosen", "held_out", "unseen", "abbreviated")
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
    folders = [folder for folder in sorted((FOLDER / half).iterdir()) if folder.is_dir()]
    return [
        score_export(
            next(path for path in folder.iterdir() if path.stem == "export"),
            tomllib.loads((folder / "truth.toml").read_text(encoding="utf-8")),
        )
        for folder in folders
    ]


def score_shown(cases: Path) -> list[Score]:
    """Scores of the shown cases of import that have columns to propose."""
    truths = tomllib.loads((FOLDER / "shown.toml").read_text(encoding="utf-8"))
    return [score_export(cases / file, truth) for truth in truths.values() for file in truth["files"]]


def score_export(path: Path, truth: Mapping[str, Any]) -> Score:
    """One export: right where the proposed use of a column is the true one."""
    export = read_export(path)
    mapping = propose_mapping(export)
    proposed, true = _uses(mapping), _true_uses(truth)
    either = set(truth.get("either", ()))
    wrong = [column for column in export.columns if not _is_right(column, proposed, true, either)]
    if mapping.kind != truth["kind"]:
        wrong = list(export.columns)
    silent = [column for column in wrong if not _is_doubted(column, mapping)]
    texts = [f"{column}: {proposed.get(column, ASIDE)}, not {true.get(column, ASIDE)}" for column in wrong]
    return Score(f"{path.parent.name}/{path.name}", len(export.columns), tuple(texts), tuple(silent))


def _uses(mapping: ImportMapping) -> dict[str, str]:
    uses = {column: role for role, column in mapping.columns.items() if column}
    return uses | dict.fromkeys(mapping.dimensions.values(), "dimension")


def _true_uses(truth: Mapping[str, Any]) -> dict[str, str]:
    columns = {column: role for role, column in truth["columns"].items()}
    return columns | dict.fromkeys(truth["dimensions"], "dimension")


def _is_right(column: str, proposed: dict[str, str], true: dict[str, str], either: Iterable[str]) -> bool:
    use = proposed.get(column, ASIDE)
    return use == true.get(column, ASIDE) or (column in either and use in ("dimension", ASIDE))


def _is_doubted(column: str, mapping: ImportMapping) -> bool:
    return any(repr(column) in doubt or f"'{column}'" in doubt for doubt in mapping.doubts)


def write_figure(name: str, scores: Sequence[Score]) -> str:
    """A half in one line."""
    columns = sum(score.columns for score in scores)
    right = columns - sum(len(score.wrong) for score in scores)
    silent = sum(len(score.silent) for score in scores)
    share = f"{right} of {columns} columns of {len(scores)} exports right ({right / columns:.1%})"
    return f"{name}: {share}, {silent} wrong without a doubt\n"


def main() -> None:
    """Print a line for each half and one for the shown cases, where they lie beside the project."""
    named = {half: score_exports(half) for half in HALVES}
    if SHOWN.is_dir():
        named["shown cases"] = score_shown(SHOWN)
    for name, scores in named.items():
        sys.stdout.write(write_figure(name, scores))
        for score in scores:
            sys.stdout.writelines(f"  {score.name}: {text}\n" for text in score.wrong)
            sys.stdout.writelines(f"  {score.name}, without a doubt: {text}\n" for text in score.silent)


if __name__ == "__main__":
    main()
