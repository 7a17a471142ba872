"""Incentives: one pool, shared and per function, with its payout before and after the quarter.

The gaming check plays sandbagging, overclaiming and lead stuffing against the scheme, and beside it the
truth-telling bonus of Gonik (1978, Harvard Business Review 56(3), 116).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.settings import IncentiveSettings
from alignment_lib.inputs.written_numbers import Said

__all__ = [
    "MEASURES",
    "RoundFigures",
    "Scheme",
    "gonik_bonus",
    "payout_function",
    "payout_share",
    "payout_statement",
    "read_scheme",
    "round_results",
    "simulate_gaming",
]

MEASURES = (
    "plan attainment", "profit", "new customers", "lead quality", "handling promise", "forecast honesty",
    "lead volume",
)  # fmt: skip
"""What may be paid for; `lead volume` is there so that a scheme which pays for it can be checked."""


@dataclass(frozen=True)
class Scheme:
    """Terms of the pool.

    Attributes
    ----------
    pool : float
        Money paid when every result is at its target.
    shared_share : float
        Share of the pool paid to all functions on the shared measures.
    functions : dict of str to float
        Each function's share of the pool; they sum to 1.
    shared : dict of str to float
        Weights of the shared part over `MEASURES`; they sum to 1.
    weights : dict of str to dict
        By function, weights of its own part; they sum to 1.
    threshold, target, cap : float
        Results (share of what was agreed) below which nothing is paid, at which all is, beyond which no
        more is.
    threshold_payout, cap_payout : float
        Share of the full amount paid at the threshold and at the cap; straight lines between.
    forecast_error : float
        Relative error of a function's own forecast that counts as fully honest.
    """

    pool: float
    shared_share: float = 0.5
    functions: Mapping[str, float] = field(default_factory=lambda: {"marketing": 0.5, "sales": 0.5})
    shared: Mapping[str, float] = field(default_factory=lambda: {"plan attainment": 1.0})
    weights: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: {
            "marketing": {"lead quality": 0.6, "forecast honesty": 0.4},
            "sales": {"handling promise": 0.6, "forecast honesty": 0.4},
        }
    )
    threshold: float = 0.8
    target: float = 1.0
    cap: float = 1.2
    threshold_payout: float = 0.5
    cap_payout: float = 1.5
    forecast_error: float = 0.08


def read_scheme(settings: IncentiveSettings) -> Scheme:
    """Terms of the pool from ``[incentives]`` of ``planning.toml``, measures in words.

    >>> read_scheme(IncentiveSettings(pool=1000.0)).weights["sales"]
    {'handling promise': 0.6, 'forecast honesty': 0.4}
    """
    values = settings.model_dump()
    values["shared"] = _in_words(values["shared"])
    values["weights"] = {name: _in_words(weights) for name, weights in values["weights"].items()}
    return Scheme(**values)


def _in_words(weights: Mapping[str, float]) -> dict[str, float]:
    return {name.replace("_", " "): value for name, value in weights.items()}


def payout_share(scheme: Scheme, result: np.ndarray) -> np.ndarray:
    """Share of the full amount that a result pays: straight lines from threshold to target to cap.

    >>> payout_share(Scheme(1.0), np.array([0.79, 0.8, 0.9, 1.0, 1.1, 1.3])).round(6).tolist()
    [0.0, 0.5, 0.75, 1.0, 1.25, 1.5]
    """
    value = np.asarray(result, dtype=float)
    points = [scheme.threshold, scheme.target, scheme.cap]
    paid = np.interp(value, points, [scheme.threshold_payout, 1.0, scheme.cap_payout])
    return np.asarray(np.where(value < scheme.threshold, 0.0, paid))


def _lines(scheme: Scheme) -> pd.DataFrame:
    """Every line of the scheme with the amount it pays at target."""
    rows = []
    for function in sorted(scheme.functions):
        own = scheme.pool * scheme.functions[function]
        for part, share, weights in (
            ("shared", scheme.shared_share, scheme.shared),
            ("own", 1.0 - scheme.shared_share, scheme.weights.get(function, {})),
        ):
            for measure in [name for name in MEASURES if weights.get(name)]:
                amount = own * share * weights[measure]
                rows.append([function, part, measure, weights[measure], amount])
    return pd.DataFrame(rows, columns=["function", "part", "measure", "weight", "at_target"])


@dataclass(frozen=True)
class RoundFigures:
    """What a closed round came to, as far as it is paid for; NaN where it is not known.

    Attributes
    ----------
    actual, planned : float
        Sales made and the headline plan, in the same measure.
    streams : dict of str to float
        Each function's own forecast of the round, in the plan's measure, and ``actual`` in it.
    accepted_share, in_time_share : float
        Of the round's leads: accepted of those decided; first attempt in time, of accepted ones whose
        promise has run out.
    promised_share : float
        The share agreed for both.
    leads, leads_required : float
        Leads created, and those the plan asked for.
    profit, profit_planned : float
        Profit after marketing as it came, and as planned.
    new_customers, new_customers_planned : float
        Customers won, and those planned.
    """

    actual: float = float("nan")
    planned: float = float("nan")
    streams: Mapping[str, float] = field(default_factory=dict)
    accepted_share: float = float("nan")
    in_time_share: float = float("nan")
    promised_share: float = 0.9
    leads: float = float("nan")
    leads_required: float = float("nan")
    profit: float = float("nan")
    profit_planned: float = float("nan")
    new_customers: float = float("nan")
    new_customers_planned: float = float("nan")


def round_results(scheme: Scheme, figures: RoundFigures) -> dict[str, float]:
    """Each measure's result as a share of what was agreed; a figure that is not known gives none.

    Attainment is actual over plan, profit and new customers likewise; quality and promise are the
    measured share over the promised one, volume is leads over those required. Honesty is (1 - relative
    error of the function's own forecast) over (1 - the error the scheme allows), by function.

    >>> made = RoundFigures(actual=80.0, planned=100.0, streams={"sales": 100.0, "actual": 80.0})
    >>> round_results(Scheme(1.0, forecast_error=0.25), made)
    {'plan attainment': 0.8, 'forecast honesty: sales': 1.0}
    """
    pairs = {
        "plan attainment": (figures.actual, figures.planned),
        "profit": (figures.profit, figures.profit_planned),
        "new customers": (figures.new_customers, figures.new_customers_planned),
        "lead quality": (figures.accepted_share, figures.promised_share),
        "handling promise": (figures.in_time_share, figures.promised_share),
        "lead volume": (figures.leads, figures.leads_required),
    }
    results = {name: top / bottom for name, (top, bottom) in pairs.items() if bottom > 0 and top == top}
    made = figures.streams.get("actual", float("nan"))
    for function in sorted(set(figures.streams) & set(scheme.functions)):
        if made > 0:
            error = abs(figures.streams[function] / made - 1.0)
            results[f"forecast honesty: {function}"] = max(1.0 - error, 0.0) / (1.0 - scheme.forecast_error)
    return results


def payout_statement(scheme: Scheme, results: Mapping[str, float], currency: str = "") -> pd.DataFrame:
    """What the quarter pays, line by line.

    Parameters
    ----------
    results : mapping of str to float
        By measure, the result as a share of what was agreed. Own measures of a function may be keyed
        ``(measure, function)``-wise as ``"forecast honesty: marketing"``. A measure without a result pays
        nothing and says so.
    currency : str
        Code written behind amounts.

    Returns
    -------
    DataFrame
        ``function, part`` (shared, own), ``measure, weight, at_target, result, payout_share, amount,
        sentence``, and a row of part ``total`` per function.
    """
    table = _lines(scheme)
    named = table["measure"] + ": " + table["function"]
    given = named.map(dict(results)).astype(float)
    table["result"] = given.fillna(table["measure"].map(dict(results)).astype(float))
    table["payout_share"] = np.where(
        table["result"].notna(), payout_share(scheme, table["result"].fillna(0.0).to_numpy()), 0.0
    )
    table["amount"] = table["at_target"] * table["payout_share"]
    table["sentence"] = [_statement_sentence(scheme, row, currency) for row in table.to_dict("records")]
    totals = table.groupby("function", sort=True)[["at_target", "amount"]].sum().reset_index()
    totals = totals.assign(part="total", measure="", weight=1.0, result=np.nan)
    totals["payout_share"] = totals["amount"] / totals["at_target"].where(totals["at_target"] > 0)
    totals["sentence"] = ""
    both = pd.concat([table, totals], ignore_index=True)
    return both.sort_values("function", kind="stable", ignore_index=True)[list(table.columns)]


def _statement_sentence(scheme: Scheme, row: Mapping[Any, Any], currency: str) -> str:
    if not np.isfinite(row["result"]):
        return f"{row['measure']}: no result is known, so nothing is paid."
    text = f"{row['measure']} at {Said(row['result']):.0%} of what was agreed"
    if row["result"] < scheme.threshold:
        return f"{text}, below the threshold of {Said(scheme.threshold):.0%}: nothing is paid."
    capped = ", at the cap" if row["result"] >= scheme.cap else ""
    amounts = [f"{Said(row[name]):,.0f} {currency}".strip() for name in ("at_target", "amount")]
    return f"{text} pays {Said(row['payout_share']):.0%} of {amounts[0]}{capped}: {amounts[1]}."


def payout_function(scheme: Scheme, steps: Sequence[float] = ()) -> pd.DataFrame:
    """What each line would pay by result, before the quarter.

    Returns
    -------
    DataFrame
        ``function, part, measure, result, amount`` at the threshold, target, cap and in between.
    """
    limits = [scheme.threshold, scheme.target, scheme.cap]
    middle = [(scheme.threshold + scheme.target) / 2, (scheme.target + scheme.cap) / 2]
    grid = np.array(
        sorted(set(steps) or {*limits, *middle, max(scheme.threshold - 0.05, 0.0), scheme.cap + 0.1})
    )
    lines = _lines(scheme)
    rows = lines.loc[np.repeat(lines.index, len(grid)), ["function", "part", "measure", "at_target"]]
    rows["result"] = np.tile(grid, len(lines))
    rows["amount"] = rows["at_target"] * payout_share(scheme, rows["result"].to_numpy())
    return rows.drop(columns="at_target").reset_index(drop=True)


def gonik_bonus(objective: np.ndarray, forecast: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Share of the base bonus by objective, own forecast and actual: most is paid when both are equal.

    With O, F and A: ``1.2 F / O`` where A = F, ``0.6 (A + F) / O`` where A > F, ``0.6 (3 A - F) / O`` where
    A < F, never below 0 (Gonik 1978, the OFA grid of IBM Brazil).

    >>> gonik_bonus(np.array(100.0), np.array([90.0, 110.0, 130.0]), np.array(110.0)).round(3).tolist()
    [1.2, 1.32, 1.2]
    """
    below = 0.6 * (3.0 * actual - forecast) / objective
    above = 0.6 * (actual + forecast) / objective
    return np.asarray(np.maximum(np.where(np.asarray(actual) < forecast, below, above), 0.0))


_PLAYS = {
    "honest": (0.0, 0.0),
    "sandbagging": (-1.0, 0.0),
    "overclaiming": (1.0, 0.0),
    "lead stuffing": (0.0, 1.0),
}
_BUYING = "buying customers"
"""Customers won at a price that costs as much profit: a play where a scheme pays for one of the two."""
_SAVING = "saving spend"
"""Money for marketing held back: it is profit now, and leads and customers that do not come."""


def simulate_gaming(
    scheme: Scheme,
    seed: int,
    draws: int = 10_000,
    size: float = 0.15,
    noise: float = 0.10,
    say: float = 0.5,
    currency: str = "",
) -> pd.DataFrame:
    """What each function would earn by telling its truth, and by gaming the scheme.

    The truth is 1 in expectation, actual sales scatter by `noise` (log-normal). A function's forecast
    moves the agreed plan by the share `say`; it sandbags or overclaims by `size`. Lead stuffing adds
    `size` of leads nobody wants: volume rises, the accepted share and the kept handling promise fall in
    proportion. Where the scheme pays for profit or new customers, buying customers adds `size` of them
    and takes as much of profit; saving spend adds `size` of profit and takes as much of leads and of new
    customers. Honesty is 1 less the relative error of the function's own forecast, over
    what the noise alone allows.

    Returns
    -------
    DataFrame
        ``function, play, payout`` (mean), ``gain`` (against honest), ``gain_error`` (its standard error),
        ``gonik, gonik_gain`` (the same amount at stake paid by `gonik_bonus` on the function's forecast,
        objective 1), ``sentence``.
    """
    actual = np.exp(np.random.default_rng(seed).normal(-(noise**2) / 2, noise, draws))
    lines = _lines(scheme)
    rows = []
    for function in sorted(scheme.functions):
        own = lines[lines["function"] == function]
        stake = float(own["at_target"].sum())
        plays = _plays_of(lines)
        paid = {name: _play(scheme, own, actual, size, noise, say, name) for name in plays}
        for name, (claim, _) in plays.items():
            gain = paid[name] - paid["honest"]
            forecast = np.full(draws, 1.0 + claim * size)
            one = np.ones(draws)
            bonus = gonik_bonus(one, forecast, actual) - gonik_bonus(one, one, actual)
            rows.append(
                {
                    "function": function,
                    "play": name,
                    "payout": float(paid[name].mean()),
                    "gain": float(gain.mean()),
                    "gain_error": float(gain.std() / np.sqrt(draws)),
                    "gonik": float(stake * gonik_bonus(one, forecast, actual).mean()),
                    "gonik_gain": float(stake * bonus.mean()),
                }
            )
    table = pd.DataFrame(rows)
    table["sentence"] = [_gaming_sentence(row, currency) for row in table.to_dict("records")]
    return table


def _plays_of(lines: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Plays that a scheme invites: claim and stuffing of each."""
    pays = lines["measure"].isin(["profit", "new customers"]).any()
    return _PLAYS | ({_BUYING: (0.0, 0.0), _SAVING: (0.0, 0.0)} if pays else {})


def _play(
    scheme: Scheme, own: pd.DataFrame, actual: np.ndarray, size: float, noise: float, say: float, name: str
) -> np.ndarray:
    """Payout of one function in every draw."""
    claim, stuffing = _PLAYS.get(name, (0.0, 0.0))
    bought = {_BUYING: size, _SAVING: -size}.get(name, 0.0)
    forecast = 1.0 + claim * size
    plan = 1.0 + say * claim * size
    typical = 1.0 - noise * np.sqrt(2.0 / np.pi)
    results = {
        "plan attainment": actual / plan,
        "profit": actual / plan * (1.0 - bought),
        "new customers": actual / plan * (1.0 + bought),
        "lead quality": np.full(len(actual), 1.0 / (1.0 + stuffing * size)),
        "handling promise": np.full(len(actual), 1.0 / (1.0 + stuffing * size)),
        "forecast honesty": np.maximum(1.0 - np.abs(forecast / actual - 1.0), 0.0) / typical,
        "lead volume": np.full(len(actual), 1.0 + stuffing * size + min(bought, 0.0)),
    }
    total = np.zeros(len(actual))
    for row in own.itertuples():
        total += float(str(row.at_target)) * payout_share(scheme, results[str(row.measure)])
    return total


def _gaming_sentence(row: Mapping[Any, Any], currency: str) -> str:
    money = f" {currency}" if currency else ""
    if row["play"] == "honest":
        return f"Telling the truth earns {row['function']} {Said(row['payout']):,.0f}{money} on average."
    pays = "pays" if row["gain"] > 2 * row["gain_error"] else "does not pay"
    gain = f"{Said(row['gain']):+,.0f}{money} for {row['function']} against the truth"
    text = f"{str(row['play']).capitalize()} {pays}: {gain}"
    if row["play"] in ("lead stuffing", _BUYING, _SAVING):
        return f"{text}."
    return f"{text}; under Gonik's bonus {Said(row['gonik_gain']):+,.0f}{money}."
