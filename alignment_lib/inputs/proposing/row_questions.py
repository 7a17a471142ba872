"""Rows that may not be added up: credit notes, drafts, budgets, several measures, prices, currencies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.row_rules import BLANK, FILLED, OTHERS, label_values
from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.import_questions import Question
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.currency_words import currency_code
from alignment_lib.inputs.words.export_dates import best_date_form
from alignment_lib.inputs.words.export_numbers import find_currency_marks, has_only_figures, parse_figures
from alignment_lib.inputs.words.period_headings import find_across
from alignment_lib.inputs.words.row_words import heading_says, name_kind, propose_action
from alignment_lib.inputs.written_numbers import Said

__all__ = ["HEADING", "ask_about_rows", "currencies_of"]

HEADING = "(heading)"
"""Name under ``[rows]`` for the words of headings, such as ``Units`` in ``Units Jan 2025``."""
_MOST_WORDS = 60
_KNOWN = 0.8
"""Share of a column's words that must be known before they are taken for what rows are."""
_SCENARIO = ("actual", "plan", "past", "ratio", "units", "revenue", "money")


def ask_about_rows(export: Export, mapping: ImportMapping) -> Iterator[Question]:
    """Every question about which rows count, and with which sign."""
    for suspect in export.suspects:
        answers = {suspect.value: suspect.proposal, OTHERS: "take"}
        said = suspect.text if suspect.text.endswith("?") else f"{suspect.text}."
        text = f'{said} Proposed: {suspect.proposal} ([rows."{suspect.column}"])'
        yield Question("rows", suspect.column, answers, text)
    sums = _sums(export, mapping)
    for column in _free_columns(export, mapping):
        yield from _ask_about_column(export, mapping, column, sums)
    if mapping.kind == "pivot":
        yield from _ask_about_headings(export, mapping)
    yield from _ask_about_currencies(export, mapping, sums)


def _sums(export: Export, mapping: ImportMapping) -> pd.Series:
    """The figure by which rows are weighed in questions: money where there is any, else pieces."""
    if mapping.kind == "pivot":
        periods = list(find_across(export.columns).periods)
        parts = [parse_figures(export.table[name], mapping.decimal, mapping.thousands) for name in periods]
        return pd.Series(np.nansum(np.column_stack(parts), axis=1), index=export.table.index)
    for role in ("revenue", "amount", "units"):
        name = mapping.columns.get(role, "")
        if name in export.columns:
            return parse_figures(export.table[name], mapping.decimal, mapping.thousands).fillna(0.0)
    return pd.Series(0.0, index=export.table.index)


def _free_columns(export: Export, mapping: ImportMapping) -> list[str]:
    """Columns that are no date, figure or key of the mapping; what is a dimension may say what rows are."""
    taken = set(mapping.columns.values())
    across = set(find_across(export.columns).periods) if mapping.kind == "pivot" else set()
    return [name for name in export.columns if name not in taken and name not in across]


def _ask_about_column(
    export: Export, mapping: ImportMapping, column: str, sums: pd.Series
) -> Iterator[Question]:
    heading = " ".join(re.sub(r"[_-]", " ", column).split())
    if heading_says("cancelled", heading) and _is_day(export.table[column]):
        yield from _ask_about_days(export, column, sums)
        return
    if export.table[column].nunique() > _MOST_WORDS:
        return
    labels = label_values(export, column)
    words = [str(word) for word in labels.unique()]
    kinds = {word: name_kind(word) for word in words if word != BLANK}
    if not kinds:
        return
    known = sum(bool(kind) for kind in kinds.values()) / len(kinds)
    if (heading_says("price", heading) and len(kinds) > 1) or {"net", "gross"} <= set(kinds.values()):
        yield _ask(
            column, labels, sums, kinds, _price_answers(export, mapping, column, labels, kinds), "prices"
        )
    elif set(kinds.values()) <= set(_SCENARIO) and len(set(kinds.values())) > 1:
        yield _ask(column, labels, sums, kinds, _answers(labels, sums, kinds, status=False), "measures")
    elif {"credit", "void"} & set(kinds.values()) and (
        known >= _KNOWN or heading_says("document", heading) or heading_says("status", heading)
    ):
        status = heading_says("status", heading) and not heading_says("document", heading)
        yield _ask(column, labels, sums, kinds, _answers(labels, sums, kinds, status=status), "documents")


def _is_day(values: pd.Series) -> bool:
    known = values[values != ""]
    return len(known) > 0 and best_date_form(known.iloc[:500])[1] >= _KNOWN


def _ask_about_days(export: Export, column: str, sums: pd.Series) -> Iterator[Question]:
    filled = (export.table[column] != "").to_numpy()
    text = (
        f"{counted(int(filled.sum()), 'row')} with a day in {column!r} "
        f"({Said(sums[filled].sum()):,.2f} in all): proposed to leave their documents out"
    )
    yield Question("rows", column, {FILLED: "leave out", BLANK: "take"}, text)


def _answers(labels: pd.Series, sums: pd.Series, kinds: Mapping[str, str], *, status: bool) -> dict[str, str]:
    totals = sums.groupby(labels.to_numpy()).sum()
    answers = {
        word: propose_action(kind, kinds.values(), negative=totals[word] < 0, status=status)
        for word, kind in kinds.items()
    }
    if (labels == BLANK).any():
        answers[BLANK] = "take"
    return answers


def _price_answers(
    export: Export, mapping: ImportMapping, column: str, labels: pd.Series, kinds: Mapping[str, str]
) -> dict[str, str]:
    """Where every sale stands once under each price, only one is taken: net, else the first."""
    beside = [name for name in mapping.dimensions.values() if name != column]
    date = mapping.columns.get("date", "")
    keys = [export.table[name].to_numpy() for name in [*beside, *([date] if date else [])]]
    words = list(kinds)
    twice = bool(keys) and _stand_alike(labels, keys, words)
    best = next((word for word, kind in kinds.items() if kind == "net"), words[0])
    only = twice or {"net", "gross"} <= set(kinds.values())
    return {word: "take" if word == best or not only else "leave out" for word in words} | (
        {BLANK: "take"} if (labels == BLANK).any() else {}
    )


def _stand_alike(labels: pd.Series, keys: list[np.ndarray], words: list[str]) -> bool:
    """Whether the same rows stand under each word."""
    rows = pd.MultiIndex.from_arrays(keys)
    sets = [rows[(labels == word).to_numpy()].value_counts().sort_index() for word in words]
    return all(sets[0].equals(other) for other in sets[1:])


_WHAT = {
    "prices": "says which price or tax a row bears",
    "measures": "says what a row measures",
    "documents": "says what became of a document",
}


def _ask(
    column: str,
    labels: pd.Series,
    sums: pd.Series,
    kinds: Mapping[str, str],
    answers: dict[str, str],
    what: str,
) -> Question:
    groups = sums.groupby(labels.to_numpy())
    totals, counts = groups.sum(), groups.size()
    parts = [
        f"{word} {Said(totals[word]):,.2f} in {counted(int(counts[word]), 'row')}: {action}"
        for word, action in answers.items()
    ]
    return Question("rows", column, answers, f"{column!r} {_WHAT[what]}; proposed: " + "; ".join(parts))


def _ask_about_headings(export: Export, mapping: ImportMapping) -> Iterator[Question]:
    across = find_across(export.columns)
    words = dict.fromkeys(across.blocks.get(name, "") for name in across.periods)
    if len(words) < 2 and not (words and name_kind(next(iter(words))) in ("plan", "past", "ratio", "money")):
        return
    kinds = {word: name_kind(word) for word in words}
    answers, parts = {}, []
    for word, kind in kinds.items():
        names = [name for name in across.periods if across.blocks.get(name, "") == word]
        values = [parse_figures(export.table[name], mapping.decimal, mapping.thousands) for name in names]
        total = float(np.nansum(np.column_stack(values)))
        label = word or BLANK
        answers[label] = (
            propose_action(kind, kinds.values(), negative=False, status=False) if kind else "take"
        )
        parts.append(f"{label} {Said(total):,.2f} in {counted(len(names), 'column')}: {answers[label]}")
    yield Question(
        "rows", HEADING, answers, "the headings name several figures; proposed: " + "; ".join(parts)
    )


def currencies_of(export: Export, mapping: ImportMapping) -> pd.Series | None:
    """The currency of each row, by a column of codes or by marks in its cells; None where none is named."""
    for column in export.columns:
        values = export.table[column]
        if re.search(r"curr|w[aä]hrung|devise|moneda|valuta|waluta", column, re.IGNORECASE):
            words = values[values != ""].unique()
            if len(words) and all(re.fullmatch(r"[A-Za-z]{3}|\W|[A-Z]{1,2}\$", word) for word in words):
                return label_values(export, column).map(lambda word: currency_code(word.upper()))
    names = [
        mapping.columns[role] for role in ("revenue", "amount", "unit_price") if mapping.columns.get(role)
    ]
    if mapping.kind == "pivot":
        names = list(find_across(export.columns).periods)
    return _marks_by_row(export, [name for name in names if name in export.columns])


def _marks_by_row(export: Export, names: list[str]) -> pd.Series | None:
    """The one currency whose mark a row's figures bear; two in one row are named together, as no rate can."""
    marked = [name for name in names if not has_only_figures(export.table[name])]
    if not marked:
        return None
    found = pd.Series("", index=export.table.index, dtype=object)
    for name in marked:
        marks = find_currency_marks(export.table[name])
        codes = marks.map(lambda mark: currency_code(mark) if mark else "")
        apart = (codes != "") & (found != "") & (codes != found)
        found = found.where(~apart, found + " and " + codes).where(found != "", codes)
    return found if (found != "").any() else None


def _ask_about_currencies(export: Export, mapping: ImportMapping, sums: pd.Series) -> Iterator[Question]:
    found = currencies_of(export, mapping)
    if found is None:
        return
    named = found[(found != "") & (found != BLANK)]
    codes = list(named.value_counts(sort=True).sort_index().sort_values(ascending=False, kind="stable").index)
    if len(codes) == 1:
        yield Question("import", "currency", {"": codes[0]})
    if len(codes) < 2:
        return
    for column in mapping.dimensions.values():
        if set(codes) <= set(export.table[column].unique()):
            # A column of codes says how a row is paid, not what was sold.
            yield Question("rows", column, dict.fromkeys(codes, "take"))
    groups = sums.groupby(found.to_numpy())
    parts = [
        f"{code} {Said(groups.sum()[code]):,.2f} in {counted(int(groups.size()[code]), 'row')}"
        for code in codes
    ]
    text = (
        f"several currencies, which are never added: {'; '.join(parts)}. Say under [import] which is "
        "written, and under [rates] what one unit of each other is worth in it"
    )
    yield Question("import", "currency", {"": codes[0]}, text)
    for code in codes:
        yield Question("rates", code, {"": "1.0" if code == codes[0] else "0.0"})
