"""What a figure is the sum of: each piece with its value, its method and where its inputs stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from alignment_lib.answers.asking import Question
from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.wording import join_words, say_share, write_number
from alignment_lib.inputs.snapshot_tables import QUANTILES
from alignment_lib.rounds.source_rows import SourcePlace, SourceRows
from alignment_lib.rounds.view import RoundView

__all__ = ["Piece", "measures_of", "pieces_of"]

_MONEY = {
    "revenue": {"revenue": 1.0},
    "margin": {"revenue": 1.0, "cost": -1.0, "funding": -1.0},
    "profit": {"revenue": 1.0, "cost": -1.0, "funding": -1.0, "overhead": -1.0, "spend": -1.0},
}
"""What each measure in money is the sum of, with its sign."""
_OF_MONEY = {
    "revenue": ("Revenue", "sales", "units of the plan at the price to be expected of each series"),
    "cost": ("Cost of the goods", "costs", "units of the plan at what one costs"),
    "funding": ("Funding of actions", "costs", "what actions cost beside the price, as far as we pay it"),
    "overhead": ("Overhead", "", "a share of revenue"),
    "spend": ("Marketing spend", "spend", "shared over the parts of a period by revenue"),
}
_NOTHING = 1e-10
"""What is left over from adding and taking away the same."""
_ODDS = {**dict.fromkeys(QUANTILES, "quantile"), "chance": "share of draws at or above the target"}


_ODDS_TITLES = {
    **{name: name.upper().replace("_", ".") for name in QUANTILES},
    "chance": "Chance of the target",
}


@dataclass(frozen=True)
class Piece:
    """One summand of a figure.

    Attributes
    ----------
    name : str
        ``sold``, ``baseline``, an assumption's id, ``driver:<column>``, a column of the money.
    title : str
        The same in words.
    value : float
    method : str
        How it was found.
    place : SourcePlace
        What it was found from.
    """

    name: str
    title: str
    value: float
    method: str
    place: SourcePlace


def measures_of(view: RoundView) -> list[str]:
    """Figures that can be explained: measures, odds, and steps of the bridge."""
    steps = view.table("bridge")
    own = steps["assumption"].unique().tolist() if len(steps) else []
    return ["plan", "baseline", "sales", "target", *_MONEY, *_ODDS, *map(str, own)]


def pieces_of(question: Question, measure: str, sources: SourceRows) -> list[Piece]:
    """The summands of a figure; none where the round does not hold it."""
    if measure == "sales":
        return _sales(question, sources)
    if measure == "target":
        return _target(question, sources)
    if measure in _MONEY:
        return _money(question, measure, sources)
    if measure in _ODDS:
        return _odds(question, measure)
    pieces = list(_planned(question, sources))
    if measure == "plan":
        return pieces
    if measure == "baseline":
        return [one for one in pieces if one.name in ("sold", "baseline")]
    return [one for one in pieces if one.name == measure]


def _first_open(view: RoundView) -> pd.Timestamp:
    return pd.Timestamp(view.manifest["parameters"].get("first_open") or view.as_of)


def _planned(question: Question, sources: SourceRows) -> Iterator[Piece]:
    """What is sold already, the baseline of the open periods, and every step of the bridge."""
    plan, first = question.rows("plan"), _first_open(question.view)
    closed = plan["period"] < first
    for name, title, rows in (
        ("sold", "Sold already", plan[closed]),
        ("baseline", "Baseline", plan[~closed]),
    ):
        if len(rows):
            known = question.rows("history", any_time=name == "baseline")
            periods = pd.DatetimeIndex(known["period"].unique()) if len(known) else pd.DatetimeIndex([])
            place = sources.find("sales", question.part, periods)
            method = "as recorded" if name == "sold" else _say_models(question, len(periods))
            yield Piece(name, title, float(rows["baseline"].sum()), method, place)
    bridge = question.rows("bridge")
    if bridge.empty:
        return
    say = name_contributors(question.view)
    sums = bridge.groupby("assumption", observed=True)["effect"].sum()
    moving = bridge.groupby("assumption", observed=True)["effect"].agg(lambda effect: effect.abs().sum())
    for name in sums.index[moving > _NOTHING]:
        yield _step(question, str(name), float(sums[name]), say, sources)


def _step(
    question: Question, name: str, value: float, say: Callable[[str], str], sources: SourceRows
) -> Piece:
    if name.startswith("driver:"):
        column = name.removeprefix("driver:")
        place = sources.find("drivers", question.part, question.periods)
        return Piece(name, say(name), value, _say_driver(question.view, column), place)
    register = question.view.table("assumptions")
    own = register[register["id"].astype(str) == name] if len(register) else register
    if own.empty:
        return Piece(name, say(name), value, "carried from before the open periods", SourcePlace())
    place = sources.find("assumptions", keys={"id": [name]})
    return Piece(name, say(name), value, _say_claim(question, own.iloc[0]), place)


def _say_models(question: Question, periods: int) -> str:
    """Which models make up the baseline of the part."""
    why = question.rows("why")
    text = f"forecast from {periods:,} periods of sales"
    if why.empty or "member" not in why:
        return text
    if "weight" not in why:
        return f"{text}: {join_words([str(name) for name in why['member'].unique()])}"
    weights = why.groupby("member")["weight"].sum().sort_values(ascending=False, kind="stable")
    shares = weights / weights.sum() if weights.sum() > 0 else weights
    named = [f"{name} {say_share(float(share))}" for name, share in shares.items() if share >= 0.005]
    return f"{text}: {join_words(named)}"


def _say_driver(view: RoundView, column: str) -> str:
    effects = view.table("driver_effects")
    own = effects[effects["driver"] == column] if "driver" in effects else effects
    seen = f", measured from {write_number(float(own['events'].max()))} changes of it" if len(own) else ""
    return f"what the driver calendar holds of {column.replace('_', ' ')} × its effect on past sales{seen}"


def _say_claim(question: Question, row: pd.Series[Any]) -> str:
    unit = "%" if row["unit"] == "percent" else str(row["unit"])
    low, value, high = (_write(row[key]) for key in ("low", "expected", "high"))
    text = f"claim of {value} {unit} ({low} to {high}), {row['status']}, {row['function']}, {row['owner']}"
    evidence = question.view.table("evidence")
    own = evidence[evidence["assumption"].astype(str) == str(row["id"])] if len(evidence) else evidence
    if question.scenario == "evidence_weighted" and len(own) and "weighted" in own:
        text += f"; counted at {_write(own['weighted'].iloc[0])} {unit} after the evidence"
    return f"{text}; evidence: {own['verdict'].iloc[0]}" if len(own) else text


def _write(value: float) -> str:
    return write_number(value, 0 if float(value).is_integer() else 1)


def _sales(question: Question, sources: SourceRows) -> list[Piece]:
    rows = question.rows("history")
    if rows.empty:
        return []
    place = sources.find("sales", question.part, pd.DatetimeIndex(rows["period"].unique()))
    usual = float(rows["cleaned"].sum()) if "cleaned" in rows else float(rows["value"].sum())
    pieces = [Piece("usual", "Usual sales", usual, "as recorded, one-off events taken out", place)]
    once = float((rows["value"] - rows["cleaned"]).sum()) if "cleaned" in rows else 0.0
    if once:
        words = "what one-off events and promotions added or took"
        pieces.append(Piece("once", "One-off events", once, words, place))
    return pieces


def _target(question: Question, sources: SourceRows) -> list[Piece]:
    target = float(question.odds()["target"])
    if not math.isfinite(target):
        return []
    scope = {name: question.part.get(name, "") for name in question.view.dimensions}
    keys = {"round": [question.span], "measure": [question.view.measure]}
    place = sources.find("targets", scope, keys=keys)
    return [Piece("target", "Target", target, "as set by leadership", place)]


def _money(question: Question, measure: str, sources: SourceRows) -> list[Piece]:
    rows = question.rows("money")
    if rows.empty and measure == "revenue":
        rows = question.rows("plan")
    if rows.empty or measure not in rows:
        return []
    known, sold = rows[rows[measure].notna()], question.rows("history", any_time=True)
    # Prices are those known at the round's wall: sales that came later are no part of it.
    known_sales = pd.DatetimeIndex(sold["period"].unique()) if len(sold) else None
    pieces = []
    for column, sign in _MONEY[measure].items():
        title, table, method = _OF_MONEY[column]
        value = sign * float(known[column].sum())
        if not value and column != "revenue":
            continue
        left = len(rows) - len(known)
        if column == "revenue" and left:
            method += f"; {left:,} cells of unknown {measure} left out"
        periods = known_sales if table == "sales" else None
        place = sources.find(table, question.part, periods) if table else sources.settings("[profit]")
        pieces.append(Piece(column, title, value, method, place))
    return pieces if len(known) else []


def _odds(question: Question, measure: str) -> list[Piece]:
    value = float(question.odds()["probability" if measure == "chance" else measure])
    if not math.isfinite(value):
        return []
    stated = question.view.manifest["parameters"]
    method = f"{_ODDS[measure]}, {stated.get('draws', '')} draws, seed {stated.get('seed', '')}"
    return [Piece(measure, _ODDS_TITLES[measure], value, method, SourcePlace())]
