"""A pivot with periods across turned into one row a period."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.exports import Export
from alignment_lib.inputs.import_cells import iso_days, read_dimensions, read_figures
from alignment_lib.inputs.mapping_files import ImportMapping
from alignment_lib.inputs.period_headings import find_months
from alignment_lib.inputs.problems import ProblemLog, counted

__all__ = ["take_pivot"]


def take_pivot(export: Export, mapping: ImportMapping, log: ProblemLog) -> dict[str, pd.DataFrame]:
    """Sales with one row for each period of the pivot."""
    months = find_months(export.columns)
    frame = read_dimensions(export, mapping)
    parts = []
    for column, day in sorted(months.items(), key=lambda item: item[1]):
        values = read_figures(export, column, mapping, log)
        parts.append(frame.assign(period=day, **{mapping.measure: values}))
    if log.problems:
        return {}
    table = pd.concat(parts, ignore_index=True)
    known = table.dropna(subset=[mapping.measure])
    blank = len(table) - len(known)
    if blank:
        log.note(
            "blank_cells",
            f"{counted(blank, 'empty cell')} of the pivot taken as not known, not as zero.",
            blank,
        )
    keys = list(mapping.dimensions)
    if not keys:
        known, keys = known.assign(total="all"), ["total"]
    sums = known.groupby(["period", *keys], sort=True)[mapping.measure].sum().reset_index()
    return {"sales": iso_days(sums[["period", *keys, mapping.measure]], "period")}
