"""The response to spend of a round, as the tables it publishes: verdicts, channels, curves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.response.curves import saturate
from alignment_lib.forecasting.response.health import Response
from alignment_lib.rounds.spending.spend_data import SpendData

__all__ = ["RESPONSE_TABLES", "response_tables"]

RESPONSE_TABLES = ("spend_checks", "spend_response", "spend_curves")
_POINTS = 25
_REACH = 1.6
"""Curves are drawn to so many times the most that was ever spent in a period."""
_MORE = 0.1
"""A marginal return is that of so much more money in every period of the last year."""


def response_tables(found: SpendData, response: Response) -> dict[str, pd.DataFrame]:
    """The tables of `RESPONSE_TABLES`; a channel whose verdict is fail has no number in any of them."""
    checks = [(one.about, one.channel, one.verdict, one.sentence) for one in response.health.checks]
    checks += [
        (
            "identification",
            name,
            "fail",
            f"No {found.outcome} of {name} were ever recorded: what its money brings cannot be seen.",
        )
        for name in sorted(found.idle)
    ]
    rows = [_channel(found, response, at) for at in range(len(found.data.channels))]
    rows += [
        {"source": name, "verdict": "fail", "money": money} for name, money in sorted(found.idle.items())
    ]
    curves = [
        _curve(found, response, at) for at, name in enumerate(found.data.channels) if response.is_known(name)
    ]
    columns = ["source", "money", "brought", "p10", "p90", "is_now", "is_seen"]
    return {
        "spend_checks": pd.DataFrame(checks, columns=["about", "source", "verdict", "sentence"]),
        "spend_response": pd.DataFrame(rows, columns=_COLUMNS).assign(outcome=found.outcome),
        "spend_curves": pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=columns),
    }


_COLUMNS = [
    *("source", "verdict", "money", "money_now", "brought", "returns", "returns_p10", "returns_p90"),
    *("marginal", "marginal_p10", "marginal_p90", "carry", "half"),
]


def _channel(found: SpendData, response: Response, at: int) -> dict[str, object]:
    name, year = found.data.channels[at], found.data.year
    money = found.data.spend[-year:, at]
    row: dict[str, object] = {
        "source": name,
        "verdict": response.health.of(name),
        "money": float(money.sum()),
        "money_now": _usual(money),
    }
    if response.fit is None or not response.is_known(name):
        return row
    fit, curves = response.fit, response.fit.curves
    spend = found.data.spend[:, at]
    more = np.append(spend[:-year], money * (1.0 + _MORE))
    marginal = curves.caused(more, at, spend) / max(float(money.sum()) * _MORE, 1e-300)
    for key, draws in (("returns", fit.returns(at)), ("marginal", marginal)):
        low, middle, high = np.quantile(draws, [0.1, 0.5, 0.9])
        row |= {key: float(middle), f"{key}_p10": float(low), f"{key}_p90": float(high)}
    return row | {
        "brought": float(np.median(fit.caused_by(at))),
        "carry": float(np.median(curves.carry[:, at])),
        "half": float(np.median(curves.half[:, at])),
    }


def _usual(money: np.ndarray) -> float:
    """Mean of the periods with money: what runs in bursts is not thinned out over those without."""
    return float(money[money > 0].mean()) if (money > 0).any() else 0.0


def _steady(response: Response, at: int, money: float) -> np.ndarray:
    """What the same money in every period brings in each, by draw."""
    assert response.fit is not None  # noqa: S101
    curves = response.fit.curves
    stock = np.array(money)
    return np.asarray(curves.most[:, at] * saturate(stock, curves.half[:, at], curves.shape[:, at]))


def _curve(found: SpendData, response: Response, at: int) -> pd.DataFrame:
    """Points of one channel's curve; the point where we are is among them."""
    spent = found.data.spend[:, at]
    now, most = _usual(spent[-found.data.year :]), float(spent.max())
    money = np.unique(np.append(np.linspace(0.0, _REACH * most, _POINTS), now))
    brought = np.stack([_steady(response, at, float(one)) for one in money])
    low, middle, high = np.quantile(brought, [0.1, 0.5, 0.9], axis=1)
    least = float(spent[spent > 0].min())
    return pd.DataFrame(
        {
            "source": found.data.channels[at],
            "money": money,
            "brought": middle,
            "p10": low,
            "p90": high,
            "is_now": money == now,
            "is_seen": (money >= least) & (money <= most),
        }
    )
