"""How earlier rounds' pipelines came out: what each part of a closed span brought, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.deals import Deals
from alignment_lib.inputs.snapshots import Snapshot

__all__ = ["pipeline_scores"]


def pipeline_scores(deals: Deals, earlier: Sequence[Snapshot]) -> pd.DataFrame:
    """Set the frozen pipelines of earlier rounds beside what was won since.

    A won deal belongs to *open* where it was opened before the round's day, else to *to create*; spans that
    are not over are left out.

    Parameters
    ----------
    deals : Deals
        As known now.
    earlier : sequence of Snapshot
        Published rounds, oldest first.

    Returns
    -------
    DataFrame
        ``round, span, expected, p10, p90, actual, inside`` of the total, and ``open_expected, open_actual,
        to_create_expected, to_create_actual``.
    """
    won = deals.table[deals.table["outcome"] == "won"].fillna({"amount": 0.0})
    rows = []
    for snapshot in earlier:
        if not snapshot.has("pipeline"):
            continue
        day = pd.Timestamp(snapshot.manifest["as_of"]) + pd.Timedelta(days=1)
        table = snapshot.read("pipeline")
        is_whole = (table[list(snapshot.dimensions)].astype(str) == "").all(axis=1)
        whole = table[is_whole].sort_values("start")
        for row in whole.to_dict("records"):
            if row["end"] > deals.now:
                continue
            inside = won[(won["closed_at"] >= row["start"]) & (won["closed_at"] < row["end"])]
            before, known = inside["opened"] < day, inside["closed_at"] < day
            actual = float(inside["amount"].sum())
            rows.append(
                {
                    "round": snapshot.round,
                    "span": row["span"],
                    "expected": row["total"],
                    "p10": row["total_p10"],
                    "p90": row["total_p90"],
                    "actual": actual,
                    "inside": bool(row["total_p10"] <= actual <= row["total_p90"]),
                    "open_expected": row["open"],
                    "open_actual": float(inside.loc[before & ~known, "amount"].sum()),
                    "to_create_expected": row["to_create"],
                    "to_create_actual": float(inside.loc[~before & ~known, "amount"].sum()),
                }
            )
    columns = ["expected", "p10", "p90", "actual"]
    found = pd.DataFrame(rows)
    return found.astype(dict.fromkeys(columns, np.float64)) if len(found) else found
