"""Lists in several currencies: their money is never added up, whatever the kind of list."""

from __future__ import annotations

from alignment_lib.inputs.applying.list_accounts import FIGURES
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.column_words import plain_words
from alignment_lib.inputs.words.export_numbers import find_currency_marks
from alignment_lib.inputs.words.trade_words import words_of

__all__ = ["check_currencies"]


def check_currencies(export: Export, mapping: ImportMapping, log: ProblemLog) -> None:
    """A fault where rows with money bear several currencies, in a column or beside the figures."""
    column = mapping.columns.get(FIGURES.get(mapping.kind, ""), "")
    if column not in export.columns:
        return
    filled = export.table[column] != ""
    marks = {column: find_currency_marks(export.table.loc[filled, column])}
    for name in export.columns:
        if set(plain_words(name)) & words_of("columns", "currency"):
            marks[name] = export.table.loc[filled, name]
    for name, values in marks.items():
        is_code = values.str.fullmatch("[A-Z]{3}", na=False) if name != column else values != ""
        counts = values[is_code].value_counts()
        if len(counts) > 1:
            said = ", ".join(f"{mark} ({counted(int(count), 'row')})" for mark, count in counts.items())
            mend = "export one currency at a time, or convert the amounts first"
            log.add(Problem(export.file, f"several currencies: {said}", "one currency", mend, column=name))
