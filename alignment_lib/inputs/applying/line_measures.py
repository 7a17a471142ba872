"""Units and money of order lines: from their own columns, or money as unit price × units."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.applying.import_cells import read_figures
from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["read_measures"]


def read_measures(export: Export, mapping: ImportMapping, log: ProblemLog) -> pd.DataFrame:
    """Columns ``units`` and ``revenue`` as far as the mapping has them, 0 where a cell is blank."""
    columns = mapping.columns
    given = [name for name in ("units", "revenue") if columns.get(name)]
    frame = pd.DataFrame(
        {name: read_figures(export, columns[name], mapping, log) for name in given}, index=export.table.index
    )
    if columns.get("unit_price") and "units" in frame and "revenue" not in frame:
        price = read_figures(export, columns["unit_price"], mapping, log)
        frame["revenue"] = price * frame["units"]
        text = f"Revenue is {columns['unit_price']} × {columns['units']}, line by line."
        log.note("price_times_units", text)
        lacking = int((price.isna() & frame["units"].notna() & (frame["units"] != 0)).sum())
        if lacking:
            log.note("no_price", f"{counted(lacking, 'line')} without a price: no revenue in them.", lacking)
    return frame.fillna(0.0)
