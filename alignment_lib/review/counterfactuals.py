"""Quality against handling, and what would have been: the promise kept, the quality as planned.

Both rest on the win model fitted on the company's own leads; ranges are from draws of its coefficients
and say nothing of causes it does not see.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.factors import due_weights
from alignment_lib.funnel.handling import WARNING
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.funnel.win_model import WinModel, quality_places, wait_term
from alignment_lib.inputs.problems import Notice
from alignment_lib.review.splits import split_two_blocks

__all__ = ["had_promise_been_kept", "had_quality_been", "split_quality_handling"]

_DRAWS = 400
_GROUP_STEPS = 60
Span = tuple[pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class _Cell:
    """One source's leads due in a span, reduced to what the two blocks need.

    Attributes
    ----------
    weight : float
        Leads due.
    accepted : float
        Weighted share accepted.
    rows, shares : DataFrame, ndarray
        One accepted lead of each distinct quality profile, and the profiles' weights, summing to 1.
    reached : float
        Weighted share of accepted leads that were reached.
    wait, wait_shares : ndarray
        Grid of waits less the promise, and weights, of those reached.
    """

    weight: float
    accepted: float
    rows: pd.DataFrame
    shares: np.ndarray
    reached: float
    wait: np.ndarray
    wait_shares: np.ndarray


def split_quality_handling(
    leads: FunnelLeads,
    lag: LagDistribution,
    model: WinModel,
    before: Span,
    after: Span,
    seed: int,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """How much of the change in conversion is the leads' quality, and how much their handling.

    Per source the modelled customers per lead are a function of who the leads were (accepted share and
    mix of quality) and of how they were handled (share reached, waits): m(q, h). Quality's part is the mean
    of its change with handling as before and as after, handling's likewise (`split_two_blocks`), on the
    leads due after; what the model does not explain is neither's.

    Returns
    -------
    DataFrame
        ``source`` (blank: all), ``leads`` (due after), ``rate_before, rate_after`` (modelled customers per
        lead), ``quality, quality_low, quality_high, handling, handling_low, handling_high`` in customers,
        with 90 % bounds from draws of the model's coefficients.
    """
    cells = [_cells_of(leads, lag, model, span) for span in (before, after)]
    shared = sorted(set(cells[0]) & set(cells[1]))
    lost = sorted(set(cells[0]) ^ set(cells[1]))
    draws = _draw(model, seed)
    rows: list[dict[str, object]] = []
    samples, weights, means = [], [], []
    for source in shared:
        one, two = cells[0][source], cells[1][source]
        rates = _rates(model, one, two, draws)
        quality, handling = split_two_blocks(*rates)
        parts = np.stack([quality, handling]) * two.weight
        samples.append(parts)
        weights.append(two.weight)
        means.append((float(rates[0][0]), float(rates[3][0])))
        rows.append(_split_row(source, two.weight, rates, parts))
    if samples:
        total, weight = np.sum(samples, axis=0), float(np.sum(weights))
        before_rate, after_rate = np.average(np.array(means), axis=0, weights=weights)
        whole: dict[str, object] = {"source": "", "leads": weight, "rate_before": before_rate}
        rows.insert(0, whole | {"rate_after": after_rate} | _bounds(total))
    columns = ["source", "leads", "rate_before", "rate_after"]
    columns += [f"{name}{end}" for name in ("quality", "handling") for end in ("", "_low", "_high")]
    notices = [Notice("not_cause", WARNING)]
    if lost:
        text = f"Sources with leads in one span only are left out of the split: {', '.join(lost[:8])}."
        notices.append(Notice("source_in_one_span", text, len(lost)))
    return pd.DataFrame(rows, columns=columns), tuple(notices)


def _split_row(
    source: str, weight: float, rates: tuple[np.ndarray, ...], parts: np.ndarray
) -> dict[str, object]:
    row: dict[str, object] = {"source": source, "leads": weight}
    row |= {"rate_before": float(rates[0][0]), "rate_after": float(rates[3][0])}
    return row | _bounds(parts)


def _bounds(parts: np.ndarray) -> dict[str, object]:
    """Estimate (draw 0 is the fitted model) and 90 % bounds of quality and handling."""
    result: dict[str, object] = {}
    for name, values in zip(("quality", "handling"), parts, strict=True):
        low, high = np.quantile(values[1:], [0.05, 0.95])
        result |= {name: float(values[0]), f"{name}_low": float(low), f"{name}_high": float(high)}
    return result


def _draw(model: WinModel, seed: int) -> np.ndarray:
    """Coefficients: the fitted ones first, then draws from their distribution."""
    root = np.linalg.cholesky(model.covariance + 1e-12 * np.eye(len(model.coefficients)))
    noise = np.random.default_rng(seed).standard_normal((_DRAWS, len(model.coefficients)))
    return np.vstack([model.coefficients, model.coefficients + noise @ root.T])


def _cells_of(leads: FunnelLeads, lag: LagDistribution, model: WinModel, span: Span) -> dict[str, _Cell]:
    due = due_weights(leads, lag, *span)
    used = due > 0
    table, due = leads.table[used], due[used]
    source = table["source"].astype(str).to_numpy()
    return {
        str(name): _cell(leads, model, table[source == name], due[source == name])
        for name in np.unique(source)
    }


def _cell(leads: FunnelLeads, model: WinModel, table: pd.DataFrame, due: np.ndarray) -> _Cell:
    accepted = table["is_accepted"].to_numpy()
    chosen, weights = table[accepted], due[accepted]
    columns = list(model.levels)
    if columns:
        index = pd.MultiIndex.from_frame(chosen[columns].astype(str))
        codes, _ = pd.factorize(index)
        _, first = np.unique(codes, return_index=True)
        rows, shares = chosen.iloc[first], np.bincount(codes, weights=weights, minlength=len(first))
    else:
        rows, shares = chosen.iloc[:1], np.array([weights.sum()])[: len(chosen)]
    contacted = (
        chosen["is_contacted"].to_numpy() if "contacted" in leads.recorded else np.ones(len(chosen), bool)
    )
    wait, wait_shares = _wait_grid(model, chosen["wait_hours"].to_numpy()[contacted], weights[contacted])
    total = max(float(weights.sum()), 1e-300)
    return _Cell(
        float(due.sum()),
        float(weights.sum() / max(due.sum(), 1e-300)),
        rows,
        shares / total,
        float(weights[contacted].sum() / total),
        wait,
        wait_shares,
    )


def _wait_grid(model: WinModel, hours: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Waits in at most 60 groups of equal number, each at its weighted mean."""
    if not len(hours) or "wait" not in model.names:
        return np.zeros(1), np.ones(1)
    term = np.nan_to_num(wait_term(hours) - model.promise_wait, nan=0.0)
    order = np.argsort(term, kind="stable")
    steps = min(_GROUP_STEPS, len(term))
    group = np.empty(len(term), dtype=np.int64)
    group[order] = np.arange(len(term)) * steps // len(term)
    weight = np.bincount(group, weights=weights, minlength=steps)
    mean = np.bincount(group, weights=weights * term, minlength=steps) / np.maximum(weight, 1e-300)
    return mean, weight / max(weight.sum(), 1e-300)


def _rates(model: WinModel, one: _Cell, two: _Cell, draws: np.ndarray) -> tuple[np.ndarray, ...]:
    """Customers per lead: both blocks as before, quality as after, handling as after, both as after."""
    pairs = ((one, one), (two, one), (one, two), (two, two))
    return tuple(_rate(model, quality, handling, draws) for quality, handling in pairs)


def _rate(model: WinModel, quality: _Cell, handling: _Cell, draws: np.ndarray) -> np.ndarray:
    """Customers per lead, one figure per draw."""
    result = np.zeros(len(draws))
    place = model.names.index("wait") if "wait" in model.names else -1
    places = quality_places(model, quality.rows)
    for number, values in enumerate(draws):
        logit = values[0] + values[places].sum(axis=1)
        slope = values[place] if place >= 0 else 0.0
        chance = 1.0 / (1.0 + np.exp(-(logit[:, None] + slope * handling.wait[None, :])))
        reached = float(quality.shares @ chance @ handling.wait_shares) if len(logit) else 0.0
        share = handling.reached * reached + (1.0 - handling.reached) * model.unreached_rate
        result[number] = quality.accepted * share
    return result


def had_promise_been_kept(
    leads: FunnelLeads, lag: LagDistribution, model: WinModel, span: Span, seed: int
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Customers and money of a span had every accepted lead been handled as promised.

    Leads reached later than promised are taken as reached at the promise. Of leads given up on with fewer
    attempts than promised, the share is taken as reached that the promised attempts would reach at the
    measured chance per attempt; leads tried often enough stay unreached.

    Returns
    -------
    DataFrame
        ``source`` (blank: all), ``leads, customers`` (modelled as handled), ``customers_kept, gain,
        gain_low, gain_high`` (90 %), ``value, value_low, value_high`` at the source's money per win.
    """
    due = due_weights(leads, lag, *span)
    used = (due > 0) & leads.table["is_accepted"].to_numpy()
    table, due = leads.table[used], due[used]
    source = table["source"].astype(str).to_numpy()
    reached = table["is_contacted"].to_numpy() | ("contacted" not in leads.recorded)
    curable = _curable(leads, table, reached)
    term = np.nan_to_num(wait_term(table["wait_hours"].to_numpy()) - model.promise_wait, nan=0.0)
    names = np.unique(source)
    place = np.searchsorted(names, source)
    draws = _draw(model, seed)
    slope_at = model.names.index("wait") if "wait" in model.names else -1
    gains = np.zeros((len(draws), len(names)))
    base = np.zeros(len(names))
    places = quality_places(model, table)
    for number, values in enumerate(draws):
        logit = values[0] + values[places].sum(axis=1)
        slope = values[slope_at] if slope_at >= 0 else 0.0
        promised = 1.0 / (1.0 + np.exp(-logit))
        actual = 1.0 / (1.0 + np.exp(-(logit + slope * term)))
        kept = 1.0 / (1.0 + np.exp(-(logit + slope * np.minimum(term, 0.0))))
        gain = np.where(reached, kept - actual, curable * (promised - model.unreached_rate))
        gains[number] = np.bincount(place, weights=due * gain, minlength=len(names))
        if number == 0:
            now = np.where(reached, actual, model.unreached_rate)
            base += np.bincount(place, weights=due * now, minlength=len(names))
    weights = np.bincount(place, weights=due, minlength=len(names))
    table_out = _gain_table(names, weights, base, gains, _money_per_win(leads, names))
    return table_out, (Notice("not_cause", WARNING),)


def _curable(leads: FunnelLeads, table: pd.DataFrame, reached: np.ndarray) -> np.ndarray:
    """Chance that the attempts still owed would have reached the lead."""
    tried = leads.table["attempts"].to_numpy()
    successes = float((leads.table["is_contacted"] & leads.table["is_attempted"]).sum())
    per_attempt = successes / max(float(tried.sum()), 1.0)
    owed = np.maximum(leads.promise.attempts - table["attempts_in_window"].to_numpy(), 0)
    return np.asarray(np.where(reached, 0.0, 1.0 - (1.0 - min(per_attempt, 1.0)) ** owed))


def _money_per_win(leads: FunnelLeads, names: np.ndarray) -> np.ndarray:
    won = leads.table[leads.table["is_won"] & leads.table["value"].notna()]
    overall = float(won["value"].mean()) if len(won) else 0.0
    means = won.groupby(won["source"].astype(str))["value"].mean()
    return np.asarray([means.get(name, overall) for name in names], dtype=float)


def _gain_table(
    names: np.ndarray, weights: np.ndarray, base: np.ndarray, gains: np.ndarray, money: np.ndarray
) -> pd.DataFrame:
    values = gains * money[None, :]
    rows = []
    columns = [("", slice(None)), *((str(name), slice(place, place + 1)) for place, name in enumerate(names))]
    for source, part in columns:
        gain, value = gains[:, part].sum(axis=1), values[:, part].sum(axis=1)
        low, high = np.quantile(gain[1:], [0.05, 0.95])
        value_low, value_high = np.quantile(value[1:], [0.05, 0.95])
        row = {"source": source, "leads": weights[part].sum(), "customers": base[part].sum()}
        row |= {
            "customers_kept": base[part].sum() + gain[0],
            "gain": gain[0],
            "gain_low": low,
            "gain_high": high,
        }
        rows.append(row | {"value": value[0], "value_low": value_low, "value_high": value_high})
    return pd.DataFrame(rows)


def had_quality_been(
    actual: pd.DataFrame, planned: pd.DataFrame, split: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Sales with a lead had each source's quality been as planned, all else as it was.

    Parameters
    ----------
    actual, planned : DataFrame
        `funnel_factors` of the span and `reference_factors` of its plan.
    split : DataFrame, optional
        `split_quality_handling` of the span against an earlier one: how sure its modelled customers are of
        the leads' quality is how sure the sales that rest on it are.

    Returns
    -------
    DataFrame
        ``source`` (blank: all), ``value, quality, planned_quality, value_as_planned, gain, gain_low,
        gain_high``; bounds are NaN without a `split`.
    """
    merged = actual.merge(planned[["source", "quality"]], on="source", suffixes=("", "_planned"))
    known = merged["quality"].gt(0) & merged["quality_planned"].notna()
    merged = merged[known].sort_values("source", ignore_index=True)
    table = merged[["source", "value", "quality"]].assign(planned_quality=merged["quality_planned"])
    table["value_as_planned"] = merged["value"] * merged["quality_planned"] / merged["quality"]
    table["gain"] = table["value_as_planned"] - table["value"]
    total = table[["value", "value_as_planned", "gain"]].sum()
    whole = pd.DataFrame([{"source": "", **total, "quality": np.nan, "planned_quality": np.nan}])
    table = pd.concat([whole, table], ignore_index=True)[list(table.columns)]
    spread = _relative_spread(split) if split is not None else pd.Series(dtype=float)
    width = table["source"].map(spread).astype(float) * table["value"]
    return table.assign(gain_low=table["gain"] - width, gain_high=table["gain"] + width)


def _relative_spread(split: pd.DataFrame) -> pd.Series:
    """Half the interval of quality's part, in the customers modelled: zero quality has an error too."""
    customers = split["leads"] * split["rate_after"]
    half = (split["quality_high"] - split["quality_low"]) / 2.0
    return pd.Series((half / customers.where(customers > 0)).to_numpy(), index=split["source"])
