"""What a span will bring in won deals: closed so far, open that will close, still to be created, in draws.

In every draw the three parts are drawn with the same coefficients and the same luck of the quarters, and
added up; a table is made of the draws, so parts and members add up to totals as they do in each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.arrivals import HALF_LIFE, Arrivals, expect_arrivals
from alignment_lib.funnel.deals.closing import ClosingModel, incidence, places_of
from alignment_lib.funnel.deals.deals import UNKNOWN_DAY, Deals, count_weeks
from alignment_lib.funnel.deals.weeks import ends_quarter

__all__ = ["PARTS", "Pipeline", "Span", "draw_pipeline"]

PARTS = ("closed", "open", "to_create")
_CURVES, _EACH = 100, 10
_RECENT = pd.Timedelta(weeks=52)
_FEWEST_RECENT, _FEWEST_AMOUNTS = 30, 5
_WEEK = pd.Timedelta(weeks=1)


@dataclass(frozen=True)
class Span:
    """A stretch of time: its label, its first day, and the day after its last."""

    label: str
    start: pd.Timestamp
    end: pd.Timestamp


@dataclass(frozen=True)
class Pipeline:
    """Draws of what spans bring.

    Attributes
    ----------
    spans : tuple of Span
        In order, without gaps, the first that is not over first.
    values : dict of str to ndarray
        By part: ``(draws, deals or kinds, spans)`` summed to members by `member_sums`.
    members : dict of str to DataFrame
        By part: the dimensions of each row of its values.
    chance : DataFrame
        Each open deal: its number, ``chance`` to be won at all within the weeks looked ahead, ``in_span``
        (within the first span), ``expected`` (money of it in the first span).
    """

    spans: tuple[Span, ...]
    values: dict[str, np.ndarray]
    members: dict[str, pd.DataFrame]
    chance: pd.DataFrame

    def member_sums(self, dimension: str = "") -> dict[tuple[str, str], np.ndarray]:
        """Draws ``(draws, spans)`` by part and member; a blank member is the whole."""
        sums: dict[tuple[str, str], np.ndarray] = {}
        for part, values in self.values.items():
            names = (
                self.members[part][dimension] if dimension else pd.Series("", index=self.members[part].index)
            )
            for member in sorted(set(names)):
                sums[part, str(member)] = values[:, (names == member).to_numpy(), :].sum(axis=1)
        return sums


def draw_pipeline(deals: Deals, model: ClosingModel, spans: Sequence[Span], seed: int) -> Pipeline:
    """Draw what each span brings.

    Parameters
    ----------
    deals : Deals
        As known.
    model : ClosingModel
        Fitted on them.
    spans : sequence of Span
        In order and without gaps; the first may have begun.
    seed : int
        Of the draws.
    """
    rng = np.random.default_rng([seed, 1803])
    weeks = int(np.ceil((spans[-1].end - deals.now) / _WEEK))
    ends = np.array([(span.end - deals.now) / _WEEK for span in spans])
    luck = _draw_luck(model, len(spans), rng)
    by_week = np.searchsorted(ends, np.arange(weeks) + 0.5).clip(max=len(spans) - 1)
    arrivals = expect_arrivals(deals, weeks)
    values, members = {}, {}
    values["closed"], members["closed"] = _closed(deals, spans)
    values["open"], members["open"], chance = _draw_open(deals, model, ends, luck, by_week, rng)
    values["to_create"], members["to_create"] = _draw_new(deals, model, arrivals, ends, luck, rng)
    return Pipeline(tuple(spans), values, members, chance)


def _draw_luck(model: ClosingModel, spans: int, rng: np.random.Generator) -> np.ndarray:
    """What each span's wins are multiplied by, one row for each curve that is drawn."""
    shape = 1.0 / model.frailty
    return rng.gamma(shape, model.frailty, (_CURVES, spans)).clip(min=1e-6)


def _names(table: pd.DataFrame, deals: Deals) -> pd.DataFrame:
    return table[list(deals.dimensions)].reset_index(drop=True)


def _closed(deals: Deals, spans: Sequence[Span]) -> tuple[np.ndarray, pd.DataFrame]:
    """What was won so far in each span: the same in every draw."""
    won = deals.table[(deals.table["outcome"] == "won") & (deals.table["closed_at"] >= spans[0].start)]
    starts = np.array([span.start for span in spans], dtype="datetime64[ns]")
    place = np.searchsorted(starts, won["closed_at"].to_numpy().astype("datetime64[ns]"), side="right") - 1
    values = np.zeros((len(won), len(spans)))
    values[np.arange(len(won)), place] = won["amount"].fillna(0.0)
    return np.repeat(values[None], _CURVES * _EACH, axis=0), _names(won, deals)


def _draw_open(
    deals: Deals,
    model: ClosingModel,
    ends: np.ndarray,
    luck: np.ndarray,
    by_week: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """Which open deals are won in which span, and for how much."""
    looks = deals.looks
    places = places_of(model, looks, len(by_week)) if len(looks) else np.zeros((0, len(by_week), 1), int)
    size, draws = len(model.won), _CURVES * _EACH
    normal = rng.standard_normal((_CURVES, 2, size))
    dice = rng.random((_CURVES, _EACH, len(looks)))
    values = np.zeros((draws, len(looks), len(ends)))
    amounts = _amounts(deals, looks, draws, rng)
    mean = np.zeros((len(looks), len(ends)))
    for curve in range(_CURVES):
        won = incidence(model, places, normal[curve], luck[curve][by_week])
        by_end = _at_ends(won, ends)
        mean += by_end / _CURVES
        place = (dice[curve][:, :, None] > by_end[None]).sum(axis=2)
        rows = slice(curve * _EACH, (curve + 1) * _EACH)
        values[rows] = (place[:, :, None] == np.arange(len(ends))) * amounts[rows, :, None]
    chance = pd.DataFrame(
        {
            "deal": looks["deal"].to_numpy(),
            "chance": mean[:, -1],
            "in_span": mean[:, 0],
            "expected": values[:, :, 0].mean(axis=0),
        }
    )
    return values, _names(looks, deals), chance


def _at_ends(won: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Chance to have been won by the end of each span, between the ends of weeks in proportion."""
    known = np.hstack([np.zeros((len(won), 1)), won])
    whole = np.floor(ends).astype(int).clip(max=won.shape[1] - 1)
    share = ends - whole
    return np.asarray(known[:, whole] * (1.0 - share) + known[:, whole + 1] * share)


def _amounts(deals: Deals, looks: pd.DataFrame, draws: int, rng: np.random.Generator) -> np.ndarray:
    """What open deals are won for: as the CRM says, at the ratio of won to expected where states tell it.

    A deal without an amount takes that of a deal won from the same source, or of any.
    """
    stated = np.repeat(looks["amount"].to_numpy(dtype=float)[None], draws, axis=0)
    won = deals.closed[(deals.closed["outcome"] == "won") & deals.closed["amount"].notna()]
    for at in np.flatnonzero(np.isnan(stated[0])):
        alike = won.loc[won["source"] == looks["source"].iloc[at], "amount"]
        pool = alike if len(alike) >= _FEWEST_AMOUNTS else won["amount"]
        stated[:, at] = rng.choice(pool.to_numpy(), draws) if len(pool) else 0.0
    ratios = _ratios(deals, won)
    if len(ratios) < _FEWEST_RECENT:
        return stated
    drawn = rng.choice(ratios, stated.shape)
    return np.where(np.isnan(looks["amount"].to_numpy(dtype=float))[None], stated, stated * drawn)


def _ratios(deals: Deals, won: pd.DataFrame) -> np.ndarray:
    """What deals were won for over what was expected of them halfway through their life."""
    states = deals.states[deals.states["amount"].notna()] if len(deals.states) else deals.states
    if not len(states):
        return np.zeros(0)
    halfway = won["opened"] + (won["closed_at"] - won["opened"]) / 2
    then = states[(states["at"] <= halfway.reindex(states["deal"]).to_numpy())]
    last = then.drop_duplicates("deal", keep="last").set_index("deal")["amount"].astype(float)
    ratios = (won["amount"] / last.reindex(won.index)).dropna()
    return np.asarray(ratios[np.isfinite(ratios) & (ratios > 0)])


def _draw_new(
    deals: Deals,
    model: ClosingModel,
    arrivals: Arrivals,
    ends: np.ndarray,
    luck: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, pd.DataFrame]:
    """What deals bring that are not open yet: as many as arrive, of the kinds that came in the last year."""
    kinds, share, pools = _kinds(deals, model.coding.amounts)
    weekly = arrivals.weekly
    places = places_of(model, kinds.assign(at=deals.now, opened=deals.now), len(weekly))
    # From one week of arrival to the next only the calendar moves on.
    begins = np.datetime64(deals.now, "ns") + (np.arange(len(weekly)) + 0.5) * np.timedelta64(7 * 24, "h")
    is_end = 1 + model.coding.sizes[0] + ends_quarter(begins, model.coding.first_month)
    won = np.zeros((len(kinds), len(ends)))
    for week in range(len(weekly)):
        ahead = places[:, : len(weekly) - week].copy()
        ahead[:, :, 1] = is_end[week:]
        by_end = _at_ends(incidence(model, ahead), np.maximum(ends - week - 0.5, 0.0))
        won += weekly[week] * share[:, None] * by_end
    expected = np.diff(np.hstack([np.zeros((len(kinds), 1)), won]), axis=1)
    doubt = np.sqrt(arrivals.spread**2 + 1.0 / model.wins)
    level = np.exp(rng.normal(-(doubt**2) / 2.0, doubt, _CURVES * _EACH))
    mean = expected[None] * level[:, None, None] * np.repeat(luck, _EACH, axis=0)[:, None, :]
    counts = rng.poisson(mean)
    values = np.zeros(counts.shape)
    for kind, pool in enumerate(pools):
        flat = counts[:, kind, :].ravel()
        owner = np.repeat(np.arange(flat.size), flat)
        drawn = rng.choice(pool, len(owner)) if len(owner) else np.zeros(0)
        values[:, kind, :] = np.bincount(owner, drawn, flat.size).reshape(counts[:, kind, :].shape)
    return values, _names(kinds, deals)


def _kinds(deals: Deals, edges: np.ndarray) -> tuple[pd.DataFrame, np.ndarray, list[np.ndarray]]:
    """Kinds of deals that come in, the share of each, and the amounts of its deals."""
    usable = deals.table[deals.table["is_usable"]]
    recent = usable[usable["opened"] >= deals.now - _RECENT]
    recent = usable if len(recent) < _FEWEST_RECENT else recent
    sizes = pd.Series(np.digitize(recent["amount"].fillna(-1.0), edges), index=recent.index)
    by: list[Iterable[object]] = [recent[name] for name in ("source", *deals.dimensions)]
    number = recent.groupby([*by, sizes], sort=True).ngroup()
    everything = recent["amount"].dropna().to_numpy()
    everything = everything if len(everything) else np.zeros(1)
    known = recent["amount"].dropna().groupby(number)
    by_kind = {kind: amounts.to_numpy() for kind, amounts in known}
    pools = [by_kind.get(kind, everything) for kind in range(int(number.max()) + 1)]
    usual = recent.groupby([number, "owner"]).size().groupby(level=0).idxmax()
    kinds = recent.groupby(number).first()
    kinds = kinds.assign(
        owner=[owner for _, owner in usual],
        amount=[float(np.median(pool)) for pool in pools],
        stage="",
        expected_close=UNKNOWN_DAY,
        pushes=np.nan,
    )
    # What came in lately counts most: a product that is sold no more brings no new deals.
    weight = 0.5 ** pd.Series(count_weeks(deals.now - recent["opened"]) / HALF_LIFE, recent.index)
    share = (weight.groupby(number).sum() / weight.sum()).to_numpy()
    return kinds, share, pools
