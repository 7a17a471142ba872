"""From which day on leads were recorded whatever became of them, and not only those that lived on.

An export taken later often holds of old leads only those that were won or are still worked on; rates, lags
and best quarters of such *survivors* say nothing of leads as they come in.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["find_recorded_from"]

_FEWEST = 10
_CHANCE = 1e-6
"""A quarter is of survivors only where chance would make it so in fewer cases than this."""


def find_recorded_from(
    table: pd.DataFrame, stated: dt.date | None = None
) -> tuple[pd.Timestamp | None, tuple[Notice, ...]]:
    """First day of the leads that were recorded whatever became of them; None where all were.

    A quarter of creation holds survivors only where none of its leads was lost or rejected, although of later
    leads as old so many were that chance would hardly spare them all. Only quarters from the first on,
    without a gap, are left out, and never all.

    Parameters
    ----------
    table : DataFrame
        Prepared leads: ``created, is_won, is_lost, is_rejected, is_disqualified``.
    stated : date, optional
        ``recorded_from`` of the settings, which goes before what is found.

    Examples
    --------
    >>> days = pd.to_datetime(["2025-01-15"] * 40 + ["2025-04-15"] * 40)
    >>> lost = [False] * 40 + [True] * 30 + [False] * 10
    >>> table = pd.DataFrame({"created": days, "is_lost": lost, "is_won": [not one for one in lost]})
    >>> table = table.assign(is_rejected=False, is_disqualified=False)
    >>> find_recorded_from(table)[0]
    Timestamp('2025-04-01 00:00:00')
    """
    created = table["created"]
    if stated is not None:
        first = pd.Timestamp(stated)
        early = int((created < first).sum())
        text = f"Leads created before {first:%Y-%m-%d} are in no rate, lag or best quarter (recorded_from)."
        return first, (Notice("recorded_from", text, early),) if early else ()
    fell = table[["is_lost", "is_rejected", "is_disqualified"]].any(axis=1) & ~table["is_won"]
    quarter = created.dt.to_period("Q")
    sums = pd.DataFrame({"leads": quarter.notna(), "fell": fell}).groupby(quarter)[["leads", "fell"]].sum()
    survivors = _survivors(sums["leads"].to_numpy(float), sums["fell"].to_numpy(float))
    if not survivors:
        return None, ()
    first = sums.index[survivors].start_time
    early = int((created < first).sum())
    text = (
        f"Of leads created before {first:%Y-%m-%d} only those are there that were won or live on: they are "
        "in no rate, lag or best quarter. If that is not so, set recorded_from in [funnel]."
    )
    return pd.Timestamp(first), (Notice("survivors_only", text, early),)


def _survivors(leads: np.ndarray, fell: np.ndarray) -> int:
    """How many of the first quarters hold survivors only."""
    found = 0
    for place in range(len(leads) - 1):
        if fell[place]:
            break
        # The quarter after the first lead that fell: the youngest leads have not had time to.
        later = np.flatnonzero(fell[place + 1 :])
        if not len(later):
            break
        at = place + 1 + int(later[0])
        share = fell[at:].sum() / max(leads[at:].sum(), 1.0)
        early = leads[: place + 1].sum()
        if early >= _FEWEST and (1.0 - share) ** early < _CHANCE:
            found = place + 1
    return found
