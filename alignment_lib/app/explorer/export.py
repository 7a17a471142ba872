"""A scenario as an Excel workbook: numbers as numbers, every text inert."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

from alignment_lib.publishing.workbook_cells import make_styles, write_table
from alignment_lib.rounds.live.figures import Figures
from alignment_lib.rounds.live.live_round import LiveRound

__all__ = ["export_scenario"]

_EPOCH = datetime(2000, 1, 1)


def export_scenario(live: LiveRound, figures: Figures, name: str, compared: pd.DataFrame) -> bytes:
    """Workbook with the assumptions as chosen, the plan, the bridge and the scenarios compared.

    Parameters
    ----------
    live : LiveRound
        The round.
    figures : Figures
        The plan shown.
    name : str
        What the scenario is called in the workbook.
    compared : DataFrame
        Rows of the comparison; may be empty.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    # Without these two options a cell that begins with = or http would become a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        # A fixed day: the same choices give the same bytes.
        book.set_properties({"created": _EPOCH, "title": f"Scenario {name}"})
        styles = make_styles(book)
        sheets = {
            "Assumptions": _assumptions(live, figures),
            "Plan": _plan(live, figures),
            "Bridge": _bridge(live, figures),
            "Compared": compared,
        }
        for title, frame in sheets.items():
            caption = f"{title}, {live.ready.round.name}, {name}"
            write_table(book.add_worksheet(title), frame, styles, caption)
    return buffer.getvalue()


def _assumptions(live: LiveRound, figures: Figures) -> pd.DataFrame:
    counted = {row.id for row in figures.rows}
    effects = dict(figures.effects)
    rows = [
        {
            "id": row.id,
            "title": row.title,
            "function": row.function,
            "status": row.status,
            "counts here": "yes" if row.id in counted else "no",
            "unit": row.unit,
            "value here": figures.values.get(row.id, row.expected),
            "low": row.low,
            "expected": row.expected,
            "high": row.high,
            f"effect in the round, {live.ready.history.measure}": effects.get(row.id, 0.0),
        }
        for row in live.register
    ]
    return pd.DataFrame(rows)


def _plan(live: LiveRound, figures: Figures) -> pd.DataFrame:
    horizon = live.ready.horizon
    return horizon.labels.assign(
        baseline=horizon.with_closed(figures.plan.grid.baseline).ravel(),
        plan=horizon.with_closed(figures.plan.plan).ravel(),
    )


def _bridge(live: LiveRound, figures: Figures) -> pd.DataFrame:
    rows: Sequence[tuple[str, float]] = [
        ("baseline", figures.baseline),
        *sorted(figures.effects, key=lambda item: (-abs(item[1]), item[0])),
        ("plan", figures.total),
    ]
    return pd.DataFrame(rows, columns=["step", f"{live.ready.history.measure}, {live.ready.round.name}"])
