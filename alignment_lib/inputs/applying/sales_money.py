"""Money of an import: currencies converted at stated rates or refused, and the source's own sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.applying.row_rules import BLANK, RowRules
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.proposing.row_questions import currencies_of
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.column_words import plain_words
from alignment_lib.inputs.words.export_dates import best_date_form
from alignment_lib.inputs.words.export_numbers import best_number_form, find_number_forms, read_figures
from alignment_lib.inputs.words.trade_words import words_of
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Converted", "convert", "source_values", "sum_columns"]

_CLEAR = 0.8
_SAMPLE = 2_000
_CODE = 5
"""Digits from which numbers of one length are codes."""
_FEW = 20


@dataclass(frozen=True)
class Converted:
    """The rate of each row, and what its money is called."""

    rates: np.ndarray
    currency: str = ""
    codes: pd.Series | None = None

    def others(self) -> list[tuple[str, np.ndarray]]:
        """Every other currency than the one written, with its rows."""
        if self.codes is None:
            return []
        named = [code for code in pd.unique(self.codes) if code not in ("", BLANK, self.currency)]
        return [(str(code), (self.codes == code).to_numpy()) for code in sorted(named)]

    def main_rows(self, count: int) -> np.ndarray:
        """Rows of the currency that is written, and whatever stands behind the rows of data."""
        main = np.ones(count, dtype=bool)
        for _, mine in self.others():
            main[: len(mine)] &= ~mine
        return main

    def changes(self, figure: str, rules: RowRules, values: np.ndarray) -> dict[str, tuple[int, float]]:
        """Source less result of the rows that are taken and hold something, by decision."""
        source = np.nan_to_num(values)
        held = rules.taken & (source != 0)
        found = {}
        turned = held & (rules.sign < 0)
        if turned.any():
            found["subtracted, as the mapping says"] = (int(turned.sum()), float(2 * source[turned].sum()))
        for code, rows in self.others() if figure == "revenue" else ():
            mine = held & rows
            if mine.any():
                rate = float(self.rates[mine][0])
                worth = (source * rules.sign)[mine]
                reason = f"{code} into {self.currency} at {Said(rate):.10g}"
                found[reason] = (int(mine.sum()), float((worth * (1 - rate)).sum()))
        return found


def convert(export: Export, mapping: ImportMapping, rules: RowRules, log: ProblemLog) -> Converted:
    """Rates by row; a currency without a stated rate is a fault, never added."""
    ones = np.ones(len(export.table))
    has_money = (
        "revenue" in mapping.columns or "unit_price" in mapping.columns or mapping.measure == "revenue"
    )
    codes = currencies_of(export, mapping) if has_money else None
    if codes is None:
        return Converted(ones)
    taken = codes[rules.taken]
    named = [code for code in pd.unique(taken) if code not in ("", BLANK)]
    target = str(mapping.decisions.get("currency", named[0] if named else ""))
    rates = {code: 1.0 if code == target else float(mapping.rates.get(code, 0.0)) for code in named}
    for code, rate in rates.items():
        if rate <= 0:
            mine = (taken == code).to_numpy()
            first = int(np.flatnonzero((codes == code).to_numpy() & rules.taken)[0])
            mend = f"write {code} under [rates] (worth of one in {target}), or leave its rows out by [rows]"
            log.add(
                Problem(
                    export.file,
                    f"money in {code} beside {target}",
                    "one currency, or a rate",
                    mend,
                    row=export.row_of(first),
                    count=int(mine.sum()),
                )
            )
    # A figure without a mark beside marked ones is money of the target: a total of nothing is not refused.
    return Converted(codes.map(rates).fillna(1.0).to_numpy(dtype=float), target, codes)


def source_values(export: Export, mapping: ImportMapping, figure: str) -> np.ndarray:
    """A figure as it stands in every row of the source, those laid aside last; NaN where there is none."""
    parts = []
    for table in (export.table, export.aside):
        if not len(table):
            continue
        column = mapping.columns.get(figure, "")
        if column:
            parts.append(read_figures(table[column], mapping.decimal, mapping.thousands).values)
        else:
            units = read_figures(table[mapping.columns["units"]], mapping.decimal, mapping.thousands).values
            price = read_figures(
                table[mapping.columns["unit_price"]], mapping.decimal, mapping.thousands
            ).values
            parts.append(units * price)
    return np.concatenate(parts) if parts else np.zeros(0)


def sum_columns(export: Export, used: set[str], mapping: ImportMapping) -> dict[str, float]:
    """Sum of every column of figures that is not used; days, and numbers that only name things, are none.

    Where a column can be read in several ways, marks mean what they mean in the columns that are taken.
    """
    found = {}
    for name in export.columns:
        values = export.table[name].str.removesuffix("%") if name not in used else export.table[name]
        sample = values.iloc[:_SAMPLE]
        if name in used or not (sample != "").any() or best_date_form(sample)[1] >= _CLEAR:
            continue
        form, share = best_number_form(sample)
        if share < _CLEAR or _is_name(name, sample):
            continue
        form = _form_of(values, form, mapping)
        found[name] = float(np.nansum(read_figures(values, *form).values))
    return found


def _form_of(values: pd.Series, best: tuple[str, str], mapping: ImportMapping) -> tuple[str, str]:
    """The form of the mapping where it reads the column, else one that groups by thousands."""
    forms = find_number_forms(values)
    if len(forms) < 2:
        return best
    taken = (mapping.decimal, mapping.thousands)
    if taken in forms:
        return taken
    grouped = [form for form in forms if form[1] and values.str.contains(form[1], regex=False).any()]
    same_decimal = [form for form in forms if form[0] == mapping.decimal]
    return (grouped or same_decimal or [best])[0]


def _is_name(heading: str, values: pd.Series) -> bool:
    """Whole numbers that name things: by their heading, as long codes, or as numbers of rows."""
    known = values[values != ""]
    if not known.str.fullmatch(r"\d+").all():
        return False
    if set(plain_words(heading)) & words_of("columns", "keys"):
        return True
    lengths = known.str.len()
    if len(set(lengths)) == 1 and lengths.iloc[0] >= _CODE:
        return True
    numbers = known.astype(float).to_numpy()
    return len(numbers) > _FEW and bool((np.diff(numbers) == 1).all())
