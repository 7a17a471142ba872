"""Small workspaces whose sales stop, and the rounds planned of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round

SETTINGS = """\
[business]
name = "Lamps"
currency = "EUR"
[calendar]
grain = "{grain}"
[sales]
dimensions = ["product"]
{more}
"""


def write_unit(folder: Path, sales: pd.DataFrame, more: str = "", grain: str = "month") -> Path:
    """A workspace of these sales; `more` goes below ``[sales]``."""
    folder.mkdir(parents=True, exist_ok=True)
    sales.to_csv(folder / "sales.csv", index=False)
    (folder / "planning.toml").write_text(SETTINGS.format(grain=grain, more=more), encoding="utf-8")
    return folder


def plan_unit(folder: Path) -> PreparedRound:
    """The unit's next round, forecast."""
    return prepare_round(PlanRequest(folder))


def totals(ready: PreparedRound) -> dict[str, float]:
    """What each series is planned to sell over the horizon."""
    names = [" ".join(row) for row in ready.forecast.keys.itertuples(index=False)]
    return dict(zip(names, ready.forecast.baseline.sum(axis=1).tolist(), strict=True))


def said(ready: PreparedRound) -> dict[str, str]:
    """Notices by their code."""
    return {notice.code: notice.text for notice in ready.notices}


def monthly(names: dict[str, tuple[float, int, int]], months: int = 60) -> pd.DataFrame:
    """Seasonal sales by product: its level, first month and the month after its last."""
    rng = np.random.default_rng(3)
    periods = pd.date_range("2021-01-01", periods=months, freq="MS")
    wave = 1 + 0.4 * np.sin(2 * np.pi * np.arange(months) / 12)
    rows = [
        (periods[at], name, round(level * wave[at] * rng.lognormal(0, 0.05)))
        for name, (level, first, stop) in names.items()
        for at in range(first, stop)
    ]
    return pd.DataFrame(rows, columns=["period", "product", "units"])
