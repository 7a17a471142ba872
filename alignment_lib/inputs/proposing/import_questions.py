"""What an export leaves open: asked with a proposal, answered in the mapping, asked again when it is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from alignment_lib.inputs.applying.row_rules import OTHERS
from alignment_lib.inputs.proposing.mapping_files import ImportMapping

__all__ = ["Question", "add_questions", "open_questions"]


@dataclass(frozen=True)
class Question:
    """One thing the user decides.

    Attributes
    ----------
    section : {"import", "rows", "rates", "once"}
        Table of the mapping that holds the answer; ``once`` is asked with a new mapping only.
    name : str
        The decision, the column, or the currency.
    answers : dict of str to str
        Proposed answers: the decision's own under ``""``, or by word of the column.
    text : str
        What is asked, with the sums at stake; ``""`` where the proposal needs no doubt.
    """

    section: Literal["import", "rows", "rates", "once"]
    name: str
    answers: dict[str, str]
    text: str = ""

    def open_in(self, mapping: ImportMapping) -> dict[str, str]:
        """Answers the mapping does not hold yet."""
        if self.section == "rows":
            held = mapping.rows.get(self.name, {})
            return {word: action for word, action in self.answers.items() if word not in held}
        if self.section == "rates":
            return {} if self.name in mapping.rates else self.answers
        return self.answers if self.section == "import" and self.name not in mapping.decisions else {}

    def as_lines(self, mapping: ImportMapping) -> str:
        """The open answers as lines to add to a saved mapping."""
        held = self.open_in(mapping)
        if self.section == "rows":
            said = ", ".join(f'"{word}" = "{action}"' for word, action in held.items())
            return f'under [rows."{self.name}"] write {said}'
        value = next(iter(held.values()))
        return f"under [{self.section}] write {self.name} = " + (
            value if self.section == "rates" else f'"{value}"'
        )


def add_questions(mapping: ImportMapping, questions: Iterable[Question]) -> ImportMapping:
    """A new mapping with the proposed answers in it, and a doubt for each that the user must look at."""
    rows = {column: dict(words) for column, words in mapping.rows.items()}
    decisions, rates, doubts = dict(mapping.decisions), dict(mapping.rates), list(mapping.doubts)
    for question in questions:
        if question.section == "rows":
            rows[question.name] = {**question.answers, **rows.get(question.name, {})}
        elif question.section == "rates":
            rates.setdefault(question.name, float(question.answers[""]))
        elif question.section == "import":
            decisions.setdefault(question.name, question.answers[""])
        if question.text and question.text not in doubts:
            doubts.append(question.text)
    dimensions = {name: column for name, column in mapping.dimensions.items() if _stays(column, rows, rates)}
    return replace(
        mapping, rows=rows, decisions=decisions, rates=rates, doubts=tuple(doubts), dimensions=dimensions
    )


def _stays(column: str, rows: dict[str, dict[str, str]], rates: dict[str, float]) -> bool:
    """A column that says what rows are is no part of the business, once some rows go or differ by it."""
    words = rows.get(column, {})
    if words and set(words) <= set(rates):
        return False
    return OTHERS in words or set(words.values()) <= {"take"}


def open_questions(mapping: ImportMapping, questions: Iterable[Question]) -> list[Question]:
    """Questions of an export that a saved mapping does not answer."""
    return [question for question in questions if question.text and question.open_in(mapping)]
