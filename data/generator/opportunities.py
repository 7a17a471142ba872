"""Draws what a CRM says of the leads that became opportunities: stages, guesses of the closing day, pushes.

When a deal was opened and how it ended stands in the leads already. Deals that are open on the as-of date are
given the end that the funnel's truth holds for them; the workspace never sees it. All draws are from a stream
of their own, so no other table of the demo depends on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.generator.weeks import AS_OF

__all__ = ["STAGES", "OpportunityDraw", "draw_opportunities"]

STAGES = ("qualified", "offer", "negotiation")
_DAY = pd.Timedelta(days=1)
_DAYS, _SPREAD = 11.0, 0.6
"""Median days from opening to decision and their spread (log), as leads are dated."""
_LOST_REACH = (0.45, 0.40, 0.15)
"""How far lost deals come: to the first, second, third stage."""
_GUESS_SPREAD, _WON_OPTIMISM, _LOST_OPTIMISM, _PUSH_DAYS = 0.5, 0.75, 0.45, 2.5
_AMOUNT_SPREAD = 0.15
_MOST_PUSHES = 12


@dataclass(frozen=True)
class OpportunityDraw:
    """What the CRM says.

    Attributes
    ----------
    opportunities, changes : DataFrame
        The workspace's tables, as of the current round.
    truth : DataFrame
        ``opportunity_id, win_probability, outcome, closed_at, amount``: how those open end.
    """

    opportunities: pd.DataFrame
    changes: pd.DataFrame
    truth: pd.DataFrame


def draw_opportunities(seed: int, leads: pd.DataFrame, chances: pd.DataFrame) -> OpportunityDraw:
    """Draw opportunities for leads that became one.

    Parameters
    ----------
    seed : int
        Equal seeds give equal draws.
    leads : DataFrame
        The workspace's leads, with amounts.
    chances : DataFrame
        By lead ``lead_id, win_probability``: the funnel's truth.
    """
    rng = np.random.default_rng([seed, 18])
    deals = leads[leads["opportunity_at"].notna()].reset_index(drop=True)
    deals = deals.assign(opportunity_id="O" + deals["lead_id"].str[1:])
    probability = deals["lead_id"].map(chances.set_index("lead_id")["win_probability"]).to_numpy()
    # Won leads always become opportunities, lost ones in 35 of 100 cases.
    chance = probability / (probability + (1.0 - probability) * 0.35)
    is_open = (deals["outcome"] == "").to_numpy()
    won = np.where(is_open, rng.random(len(deals)) < chance, deals["outcome"] == "won")
    ends = _ends(rng, deals, is_open)
    amount = _amounts(rng, deals, won)
    changes = _stage_changes(rng, deals, won, ends)
    guesses, pushes = _guesses(rng, deals, won, ends)
    first = amount * np.exp(rng.normal(0.0, _AMOUNT_SPREAD, len(deals)))
    opening = changes["stage"] == STAGES[0]
    changes.loc[opening, "amount"] = np.round(first, 2)
    known = pd.concat([changes, guesses], ignore_index=True)
    known = known[known["at"] < AS_OF].sort_values(["opportunity_id", "at"], kind="stable", ignore_index=True)
    return OpportunityDraw(
        _as_known(deals, known, pushes, amount, is_open),
        known[["opportunity_id", "at", "stage", "expected_close", "amount"]],
        pd.DataFrame(
            {
                "opportunity_id": deals["opportunity_id"],
                "win_probability": chance,
                "outcome": np.where(won, "won", "lost"),
                "closed_at": ends,
                "amount": np.round(amount, 2),
            }
        )[is_open].reset_index(drop=True),
    )


def _ends(rng: np.random.Generator, deals: pd.DataFrame, is_open: np.ndarray) -> pd.Series:
    """When each closes: as dated, or after the as-of date for those that are open."""
    days = _DAYS * np.exp(_SPREAD * rng.standard_normal((40, len(deals))))
    ahead = (AS_OF - deals["opportunity_at"]).dt.total_seconds().to_numpy() / 86400.0
    # The first draw that lies beyond the as-of date; a deal older than all of them closes soon.
    beyond = days > ahead
    drawn = np.where(beyond.any(axis=0), days[beyond.argmax(axis=0), np.arange(len(deals))], ahead + 5.0)
    later = (deals["opportunity_at"] + pd.to_timedelta(drawn, unit="D")).dt.floor("min")
    return deals["closed_at"].mask(is_open, later)


def _amounts(rng: np.random.Generator, deals: pd.DataFrame, won: np.ndarray) -> np.ndarray:
    """Won deals at their order; others at that of a won deal of the same product."""
    amount = deals["amount"].to_numpy(dtype=float).copy()
    for product in sorted(deals["product"].unique()):
        of = (deals["product"] == product).to_numpy()
        pool = amount[of & np.isfinite(amount)]
        blank = of & ~np.isfinite(amount)
        amount[blank] = rng.choice(pool, int(blank.sum()))
    return amount


def _stage_changes(
    rng: np.random.Generator, deals: pd.DataFrame, won: np.ndarray, ends: pd.Series
) -> pd.DataFrame:
    """When each deal entered each stage it reached."""
    lost = rng.choice(len(STAGES), len(deals), p=_LOST_REACH)
    reached = np.where(won, len(STAGES) - 1, lost)
    share = np.sort(rng.random((len(deals), len(STAGES) - 1)), axis=1)
    parts = []
    for place, stage in enumerate(STAGES):
        there = reached >= place
        passed = share[there, place - 1] if place else np.zeros(int(there.sum()))
        at = deals["opportunity_at"][there] + (ends - deals["opportunity_at"])[there] * passed
        row = {"opportunity_id": deals["opportunity_id"][there], "at": at.dt.floor("min"), "stage": stage}
        parts.append(pd.DataFrame(row))
    return pd.concat(parts, ignore_index=True).assign(
        expected_close=np.datetime64("NaT", "ns"), amount=np.nan
    )


def _guesses(
    rng: np.random.Generator, deals: pd.DataFrame, won: np.ndarray, ends: pd.Series
) -> tuple[pd.DataFrame, pd.Series]:
    """Guesses of the closing day, put off each time they pass; and how often by the as-of date."""
    optimism = np.where(won, _WON_OPTIMISM, _LOST_OPTIMISM)
    life = (ends - deals["opportunity_at"]).dt.total_seconds().to_numpy() / 86400.0
    days = life * optimism * np.exp(_GUESS_SPREAD * rng.standard_normal(len(deals)))
    due = (deals["opportunity_at"] + pd.to_timedelta(np.maximum(days, 1.0), unit="D")).dt.normalize()
    opened = deals["opportunity_at"] + pd.Timedelta(minutes=1)
    parts = [pd.DataFrame({"opportunity_id": deals["opportunity_id"], "at": opened, "expected_close": due})]
    pushes = pd.Series(0, index=deals["opportunity_id"])
    for _ in range(_MOST_PUSHES):
        at = due + _DAY + pd.to_timedelta(rng.integers(8 * 60, 17 * 60, len(deals)), unit="min")
        due = (at + pd.to_timedelta(2.0 + rng.exponential(_PUSH_DAYS, len(deals)), unit="D")).dt.normalize()
        put_off = (at < ends).to_numpy()
        due = due.where(put_off)
        row = {"opportunity_id": deals["opportunity_id"], "at": at, "expected_close": due}
        parts.append(pd.DataFrame(row)[put_off])
        pushes += (put_off & (at < AS_OF).to_numpy()).astype(int)
    guesses = pd.concat(parts, ignore_index=True)
    return guesses.assign(stage="", amount=np.nan), pushes


def _as_known(
    deals: pd.DataFrame, changes: pd.DataFrame, pushes: pd.Series, amount: np.ndarray, is_open: np.ndarray
) -> pd.DataFrame:
    """The table of opportunities: each in its last known state."""
    told = changes.assign(stage=changes["stage"].where(changes["stage"] != ""))
    last = told.groupby("opportunity_id")[["stage", "expected_close", "amount"]].last()
    ids = deals["opportunity_id"]
    return pd.DataFrame(
        {
            "opportunity_id": ids,
            "opened": deals["opportunity_at"],
            "stage": ids.map(last["stage"]),
            "amount": np.where(is_open, ids.map(last["amount"]), np.round(amount, 2)),
            "expected_close": ids.map(last["expected_close"]),
            "source": deals["source"],
            "owner": deals["handler"],
            "product": deals["product"],
            "closed_at": deals["closed_at"],
            "outcome": deals["outcome"],
            "pushes": ids.map(pushes),
        }
    )
