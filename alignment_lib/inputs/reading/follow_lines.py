"""Orders whose own cells stand on their first line only: the lines below continue them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.export_numbers import find_number_forms

__all__ = ["carry_orders", "find_order_cells"]

DECISION = "follow_lines"
_FEWEST = 2


def find_order_cells(table: pd.DataFrame, date: str) -> list[str]:
    """Columns that are blank on exactly the lines that bear no date; none where no line continues an order.

    A line continues an order where it stands below one, and two columns or more are blank with the date
    while others are filled.

    >>> table = pd.DataFrame({"no": ["1", ""], "day": ["2025-01-06", ""], "item": ["Tea", "Cake"]})
    >>> find_order_cells(table, "day")
    ['no', 'day']
    """
    if date not in table.columns:
        return []
    blank = (table[date] == "").to_numpy()
    if not blank.any() or blank[0]:
        return []
    alike = [str(name) for name in table.columns if np.array_equal((table[name] == "").to_numpy(), blank)]
    lines = [name for name in table.columns if name not in alike]
    filled = (table.loc[blank, lines] != "").any(axis=1).all() if lines else False
    return alike if len(alike) >= _FEWEST and filled else []


def carry_orders(export: Export, mapping: ImportMapping) -> tuple[Export, str]:
    """The export with the cells of each order on all its lines, and what was done in words."""
    date = mapping.columns.get("date", "")
    cells = find_order_cells(export.table, date) if mapping.kind == "order_lines" else []
    if not cells or mapping.decisions.get(DECISION, "carry down") != "carry down":
        return export, ""
    # An order's own figures, such as its total, stay on its first line: carried they would count twice.
    used = {*mapping.columns.values(), *mapping.dimensions.values()}
    cells = [name for name in cells if name in used or not find_number_forms(export.table[name])]
    table = export.table.copy()
    blank = table[date] == ""
    table[cells] = table[cells].mask(blank).ffill()
    named = ", ".join(repr(name) for name in cells[:4]) + (" and more" if len(cells) > 4 else "")
    text = f"{counted(int(blank.sum()), 'line')} without {named} continue the order above and bear its cells"
    return replace(export, table=table), text
