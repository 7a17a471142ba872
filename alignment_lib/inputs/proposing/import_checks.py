"""All questions of an export together: put into a new mapping, or held against a saved one."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.proposing.import_questions import Question, add_questions, open_questions
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.proposing.period_questions import ask_about_periods, settle_grain
from alignment_lib.inputs.proposing.row_questions import ask_about_rows
from alignment_lib.inputs.reading.exports import Export

__all__ = ["check_answers", "complete_mapping"]

_WITH_SUMS = ("order_lines", "pivot")


def complete_mapping(export: Export, mapping: ImportMapping, today: pd.Timestamp) -> ImportMapping:
    """A proposed mapping with the grain of its dates, and a doubt with a proposal for all that is open."""
    settled = settle_grain(export, mapping)
    return add_questions(settled, _ask(export, settled, today))


def check_answers(export: Export, mapping: ImportMapping, today: pd.Timestamp, file: str) -> None:
    """Refuse an export that leaves open what the saved mapping does not decide.

    Raises
    ------
    InputError
        Every open question with the lines that would answer it.
    """
    problems = [
        Problem(file, question.text, "a decision", f"{question.as_lines(mapping)}, or otherwise")
        for question in open_questions(mapping, _ask(export, mapping, today))
    ]
    if problems:
        raise InputError(problems)


def _ask(export: Export, mapping: ImportMapping, today: pd.Timestamp) -> Iterator[Question]:
    if mapping.kind in _WITH_SUMS and all(
        name in export.columns for name in mapping.columns.values() if name
    ):
        yield from ask_about_rows(export, mapping)
        yield from ask_about_periods(export, mapping, today)
