"""What a baseline was chosen from, and what its drivers did: tables beside the forecast."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["describe_model"]

_COLUMNS = ("stage", "candidate", "series_error", "total_error", "relative_error", "weight", "chosen")


def describe_model(ready: PreparedRound) -> dict[str, pd.DataFrame]:
    """Tables of the model behind a round's baseline, those without rows left out.

    Returns
    -------
    dict of str to DataFrame
        ``candidates``: ``stage, candidate, series_error, total_error`` (shares of sales), ``relative_error``
        (1 is that of last year's period), ``weight, chosen``. ``driver_effects``: what each driver did in
        the past, as `DriverEffects.effects`.
    """
    tables = {"candidates": _candidates(ready)}
    if ready.effects is not None:
        tables["driver_effects"] = ready.effects.effects
    return {name: table for name, table in tables.items() if len(table)}


def _candidates(ready: PreparedRound) -> pd.DataFrame:
    parts = []
    plain = ready.forecast.candidates
    if len(plain):
        stage = [
            f"without drivers, {name} ({count})"
            for name, count in zip(plain["class"], plain["series"], strict=True)
        ]
        named = plain.rename(columns={"error": "relative_error"}).assign(stage=stage)
        parts.append(named.assign(chosen=named["weight"].fillna(0.0) > 0))
    if ready.effects is not None and len(ready.effects.backtest):
        found = ready.effects.backtest
        parts.append(found.rename(columns={"series_wape": "series_error", "total_wape": "total_error"}))
    if not parts:
        return pd.DataFrame(columns=list(_COLUMNS))
    frame = pd.concat([part.reindex(columns=list(_COLUMNS)) for part in parts], ignore_index=True)
    numbers = dict.fromkeys(("series_error", "total_error", "relative_error", "weight"), np.float64)
    return frame.astype(numbers | {"chosen": bool})
