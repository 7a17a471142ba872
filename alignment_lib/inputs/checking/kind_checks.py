"""Checks of what each kind of assumption needs, and of fields that mean nothing for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["FIELDS_OF_KINDS", "MOST_FOLD", "check_kinds"]

FIELDS_OF_KINDS: Mapping[str, tuple[str, ...]] = {
    "mechanic": ("promotion",),
    "depth": ("promotion",),
    "elasticity": ("price_change", "market_shift"),
    "analog": ("new_product", "new_channel"),
    "replaces": ("new_product",),
    "driver": ("promotion", "price_change", "market_shift"),
    "lever": ("digital", "consumer_shift", "price_change"),
    "spend_source": ("budget",),
    "spend_from": ("budget",),
    "leads_per_money": ("budget",),
}
"""Columns that only some kinds know. Moves, shares and the ramp hold for every kind."""

_SHOWN = 5

MOST_FOLD = 100.0
"""No claim may multiply sales by more than this: a percentage beyond it says nothing to plan with."""

_STEEPEST = 20.0
_MOST_PERCENT = 100.0 * (MOST_FOLD - 1.0)


def check_kinds(claims: ParsedTable, log: ProblemLog) -> None:
    """Check every row against its kind.

    Values that a kind cannot mean are problems; fields that a kind does not know are noted, for they have no
    effect.
    """
    frame = claims.frame
    kind, unit, lever = (frame[name].astype(str) for name in ("kind", "unit", "lever"))
    expected = frame["expected"].astype(float)
    elasticity = frame["elasticity"].astype(float)
    states_price = (kind == "price_change") & ((lever == "price") | elasticity.notna())
    rules = (
        (
            "lever",
            (kind == "price_change") & ~lever.isin(["", "price"]),
            "price, or nothing, for a price change",
            "write price where the values are percent of price",
        ),
        (
            "lever",
            (lever == "price") & kind.isin(["digital", "consumer_shift"]),
            "visits, conversion or order value",
            "choose one of these, or the kind price_change",
        ),
        (
            "unit",
            (lever == "price") & (kind == "price_change") & (unit != "percent"),
            "percent, as the values are percent of price",
            "write percent, or leave the lever empty and state the volume",
        ),
        (
            "expected",
            states_price & (unit == "percent") & (expected <= -100),
            "a price above zero",
            "write by how many percent the price changes",
        ),
        (
            "expected",
            (kind == "delisting") & (expected > 0),
            "zero or less for a delisting",
            "write -100 for a product that leaves, and what its buyers turn to in moves_to",
        ),
    )
    for column, wrong, wanted, mend in (*rules, *_budget_rules(frame)):
        places = np.flatnonzero(wrong.to_numpy(dtype=bool))
        claims.raw.report(log, column, places, wanted, mend)
    _check_sizes(claims, log)
    _note_unused(claims, log)
    _note_plain(claims, log)


def _budget_rules(frame: pd.DataFrame) -> list[tuple[str, pd.Series[bool], str, str]]:
    """What a budget needs, and what no other kind may have."""
    kind, unit = frame["kind"].astype(str), frame["unit"].astype(str)
    budget, taken = kind == "budget", _is_given(frame["spend_from"])
    least = frame[["low", "expected"]].astype(float).min(axis=1)
    moves = _is_given(frame["moves_from"]) | _is_given(frame["moves_to"])
    for name in ("moved_share", "pull_forward_share"):
        moves |= frame[name].fillna(0).astype(float) > 0
    return [
        (
            "spend_source",
            budget & ~_is_given(frame["spend_source"]),
            "the source of spend whose money a budget shifts",
            "write a source of the spend table, such as search ads",
        ),
        (
            "unit",
            budget & ~unit.isin(["percent", "spend"]),
            "spend or percent for a budget",
            "write spend and the money over the whole span, or percent of the planned spend",
        ),
        (
            "unit",
            ~budget & (unit == "spend"),
            "percent, units or revenue",
            "only a budget is counted in spend",
        ),
        (
            "spend_from",
            budget & taken & (frame["spend_from"].astype(str) == frame["spend_source"].astype(str)),
            "another source than the one that gets the money",
            "name the source that gives the money, or leave it empty for new money",
        ),
        (
            "expected",
            budget & taken & (least < 0),
            "money of zero or more where spend_from says whose it is",
            "exchange spend_source and spend_from",
        ),
        (
            "moves_from",
            budget & moves,
            "no moved sales for a budget (moves_from, moves_to, moved_share, pull_forward_share)",
            "write the source that gives the money into spend_from",
        ),
    ]


def _check_sizes(claims: ParsedTable, log: ProblemLog) -> None:
    """Percentages, and changes of price with an elasticity, that would multiply sales beyond `MOST_FOLD`."""
    frame = claims.frame
    elasticity = frame["elasticity"].to_numpy(dtype=float)
    bends = (np.abs(elasticity) <= _STEEPEST) & frame["kind"].isin(
        ["price_change", "market_shift"]
    ).to_numpy()
    bends &= (frame["kind"] == "price_change").to_numpy() | _is_given(frame["driver"]).to_numpy()
    percent = (frame["unit"] == "percent").to_numpy()
    folded = np.zeros(len(frame), dtype=bool)
    for name in ("low", "expected", "high"):
        values = frame[name].to_numpy(dtype=float)
        places = np.flatnonzero(percent & (values > _MOST_PERCENT))
        claims.raw.report(
            log, name, places, f"at most {_MOST_PERCENT:,.0f} percent",
            "state so large a change in units or revenue",
        )  # fmt: skip
        # Logarithms: the power itself may be no number at all.
        change = np.log1p(np.clip(np.nan_to_num(values), -99.999, _MOST_PERCENT) / 100.0)
        folded |= percent & bends & (values > -100) & (np.nan_to_num(elasticity) * change > np.log(MOST_FOLD))
    places = np.flatnonzero(folded)
    if len(places):
        at = int(places[0])
        found = f"the elasticity {elasticity[at]:g} beside a change of {frame['expected'].iloc[at]:g} percent"
        expected = f"values and an elasticity that multiply sales by at most {MOST_FOLD:g}"
        mend = "write a smaller change or elasticity (most lie between 0 and -5), or state the volume itself"
        claims.raw.report(log, "elasticity", places, expected, mend, found)


def _note_unused(claims: ParsedTable, log: ProblemLog) -> None:
    """Fields that the row's kind does not know."""
    frame = claims.frame
    kind = frame["kind"].astype(str)
    told = [
        f"{name} of {column}"
        for column, kinds in FIELDS_OF_KINDS.items()
        for name in frame.loc[_is_given(frame[column]) & ~kind.isin(kinds), "id"].astype(str)
    ]
    _note(claims, log, "field_unused", told, "a field without effect for the row's kind")


def _note_plain(claims: ParsedTable, log: ProblemLog) -> None:
    """Rows that are taken in the plainest way because what would make them more is not given."""
    frame = claims.frame
    kind, unit = frame["kind"].astype(str), frame["unit"].astype(str)
    tied = _is_given(frame["driver"])
    plain: Mapping[str, tuple[pd.Series[bool], str]] = {
        "elasticity_untied": (
            (kind == "market_shift") & _is_given(frame["elasticity"]) & ~tied,
            "an elasticity and no driver: the values are taken as percent of sales",
        ),
        "launch_percent": (
            (kind == "new_product") & (unit == "percent"),
            "percent of a product without history, which comes to nothing: state units or revenue",
        ),
        "lever_blank": (
            (kind == "digital") & ~_is_given(frame["lever"]),
            "no lever: the values are taken as a change of sales",
        ),
    }
    for code, (rows, what) in plain.items():
        _note(claims, log, code, frame.loc[rows, "id"].astype(str).tolist(), what)


def _is_given(column: pd.Series[Any]) -> pd.Series[bool]:
    return column.notna() & (column.astype(str) != "")


def _note(claims: ParsedTable, log: ProblemLog, code: str, told: list[str], what: str) -> None:
    if told:
        shown = ", ".join(told[:_SHOWN]) + (" and others" if len(told) > _SHOWN else "")
        log.note(code, f"{claims.raw.file}: {counted(len(told), 'row')} with {what}: {shown}.", len(told))
