"""All units of a round, each and together: money by currency, odds only from draws.

Plans of units that count pieces cannot be added up, so what is added is money. Currencies stay apart
unless ``company.toml`` in the output folder states what one unit of each is worth::

    currency = "EUR"
    as_of = "2026-01-02"
    [rates]
    USD = 0.92

The company's odds follow from the stored draws of its units, added draw by draw, and only where every
unit plans in money with the same seed and the same number of draws.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.answers.tables import Column, Table, Written
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    join_words,
    write_count,
    write_odds,
    write_share,
)

__all__ = [
    "RATES_FILE",
    "CompanyRates",
    "Together",
    "UnitFigures",
    "read_rates",
    "roll_up",
    "together_table",
    "units_table",
]

RATES_FILE = "company.toml"
_MOST_NAMED = 5
_LARGEST = 100_000


@dataclass(frozen=True)
class UnitFigures:
    """What one unit brings to the company's figures.

    Attributes
    ----------
    name, currency : str
        The unit and its currency.
    money : float
        The round's plan in money; NaN where no price is known.
    target : float
        In money; NaN where there is none, or where the unit counts pieces.
    seed : int or None
        Of its draws.
    draws : ndarray or None
        The round's total in money, draw by draw; None where it counts pieces or stored none.
    """

    name: str
    currency: str
    money: float
    target: float
    seed: int | None = None
    draws: np.ndarray | None = None


@dataclass(frozen=True)
class CompanyRates:
    """What one unit of each currency is worth in the company's own, as stated by hand."""

    currency: str
    rates: Mapping[str, float]
    as_of: str


@dataclass(frozen=True)
class Together:
    """Units of one currency, or all of them converted.

    Attributes
    ----------
    currency : str
        The sums' currency.
    units : tuple of str
        Units that are in the sums.
    plan, target : float
        Sums; the target is NaN unless every unit has one.
    probability : float
        That the sum reaches the target; NaN where the draws do not say.
    unpriced : tuple of str
        Units left out because no price is known.
    converted : bool
        Whether rates were used.
    """

    currency: str
    units: tuple[str, ...]
    plan: float
    target: float
    probability: float
    unpriced: tuple[str, ...]
    converted: bool = False


def read_rates(output: Path) -> CompanyRates | None:
    """Stated rates of an output folder; None where there are none or they cannot be used."""
    path = output / RATES_FILE
    try:
        if path.stat().st_size > _LARGEST:
            return None
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        currency, rates = str(given["currency"]), dict(given["rates"])
        used = {str(name): float(rate) for name, rate in rates.items()}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not all(math.isfinite(rate) and rate > 0 for rate in used.values()):
        return None
    return CompanyRates(currency, used | {currency: 1.0}, str(given.get("as_of", "")))


def roll_up(units: Sequence[UnitFigures], rates: CompanyRates | None = None) -> list[Together]:
    """Sums by currency and, where rates are stated for all of several currencies, over all of them.

    Examples
    --------
    >>> north = UnitFigures("north", "EUR", 100.0, 110.0)
    >>> south = UnitFigures("south", "USD", 50.0, 40.0)
    >>> [(one.currency, one.plan, one.target) for one in roll_up([north, south])]
    [('EUR', 100.0, 110.0), ('USD', 50.0, 40.0)]
    >>> whole = roll_up([north, south], CompanyRates("EUR", {"EUR": 1.0, "USD": 0.8}, ""))[-1]
    >>> whole.plan, whole.target, whole.converted
    (140.0, 142.0, True)
    """
    currencies = sorted({unit.currency for unit in units})
    apart = [_add_up(name, [unit for unit in units if unit.currency == name], {}) for name in currencies]
    if rates is None or len(currencies) < 2 or not set(currencies) <= set(rates.rates):
        return apart
    return [*apart, _add_up(rates.currency, units, rates.rates)]


def _add_up(currency: str, units: Sequence[UnitFigures], rates: Mapping[str, float]) -> Together:
    priced = [unit for unit in units if math.isfinite(unit.money)]
    worth = [rates.get(unit.currency, 1.0) for unit in priced]
    plan = sum(unit.money * rate for unit, rate in zip(priced, worth, strict=True))
    whole = len(priced) == len(units) and bool(priced)
    target = sum(unit.target * rate for unit, rate in zip(priced, worth, strict=True)) if whole else math.nan
    return Together(
        currency=currency,
        units=tuple(unit.name for unit in priced),
        plan=plan if priced else math.nan,
        target=target,
        probability=_find_odds(priced, worth, target) if whole else math.nan,
        unpriced=tuple(unit.name for unit in units if not math.isfinite(unit.money)),
        converted=bool(rates),
    )


def _find_odds(units: Sequence[UnitFigures], worth: Sequence[float], target: float) -> float:
    """Share of common draws in which the sum reaches the target."""
    draws = [unit.draws for unit in units]
    known = [drawn for drawn in draws if drawn is not None and len(drawn)]
    seeds = {unit.seed for unit in units}
    if not math.isfinite(target) or len(known) < len(units) or len(seeds) != 1 or None in seeds:
        return math.nan
    if len({len(drawn) for drawn in known}) != 1:
        return math.nan
    total = sum((drawn * rate for drawn, rate in zip(known, worth, strict=True)), np.zeros(len(known[0])))
    return float((total >= target).mean())


def together_table(name: str, figures: Sequence[UnitFigures], rates: CompanyRates | None) -> Table:
    """The sums over all units of a round, with what must be said of currencies, prices and odds."""
    sums = roll_up(figures, rates)
    rows = pd.DataFrame(
        {
            "what": [f"All, in {one.currency}" if one.converted else one.currency for one in sums],
            "units": [len(one.units) for one in sums],
            "plan": [one.plan for one in sums],
            "target": [one.target for one in sums],
            "gap": [one.plan - one.target for one in sums],
            "odds": [one.probability for one in sums],
        }
    )
    columns = [
        Column("what", "Currency"),
        Column("units", "Units", "number"),
        Column("plan", "Plan", "number"),
    ]
    if rows["target"].notna().any():
        columns.append(Column("target", "Target", "number"))
        columns.append(Column("gap", "Plan less target", "number", signed=True))
        columns.append(Column("odds", "Chance of target", "odds"))
    notes = [
        f"Without a price, so not in the sums: {_name_some(one.unpriced)}." for one in sums if one.unpriced
    ]
    notes += _say_currencies(sums, rates)
    if rows["odds"].isna().any():
        notes.append(
            "A chance is given only where every unit plans in money, with a target and the same seed."
        )
    note = " ".join(dict.fromkeys(notes))
    return Table(f"All units of {name} together, in money", columns, rows, note=note)


def _say_currencies(sums: Sequence[Together], rates: CompanyRates | None) -> list[str]:
    if rates is not None and any(one.converted for one in sums):
        others = sorted(item for item in rates.rates.items() if item[0] != rates.currency)
        worth = [f"1 {code} = {rate:g} {rates.currency}" for code, rate in others]
        dated = f" of {rates.as_of}" if rates.as_of else ""
        return [f"Converted at the rates stated in {RATES_FILE}{dated}: {join_words(worth)}."]
    if len(sums) < 2:
        return []
    stated = rates.rates if rates is not None else {}
    missing = [one.currency for one in sums if one.currency not in stated]
    reason = f"{RATES_FILE} states no rate for {join_words(missing)}" if stated else "no rates are stated"
    return [f"Currencies are kept apart: {reason}."]


def _name_some(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    more = len(names) - _MOST_NAMED
    return join_words([*names[:_MOST_NAMED], f"{more} more"] if more > 0 else list(names))


def units_table(name: str, units: Sequence[Mapping[str, Any]]) -> Table:
    """The units of a round: where each stands, its plan beside its target, and links to its pages.

    Parameters
    ----------
    name : str
        The round.
    units : sequence of Mapping
        ``name, status, links`` and, where the unit could be read, ``business, unit, as_of, answer``.
    """
    columns = [
        Column("name", "Unit", below="business"),
        Column("status", "Status", "mark"),
        Column("plan", "Plan", "number"),
        Column("target", "Target", "number"),
        Column("gap", "Plan less target", "number", signed=True),
        Column("odds", "Chance of target", "odds"),
        Column("as_of", "As of", "date"),
        Column("links", "Files"),
    ]
    known = [{**unit, "status": humanise(unit["status"]), **_write_figures(unit)} for unit in units]
    rows = pd.DataFrame(known, columns=[*(column.key for column in columns), "business"])
    return Table(f"{write_count(len(units), 'unit')} in {name}", columns, rows, classes="searched")


def _write_figures(unit: Mapping[str, Any]) -> dict[str, Any]:
    """Plan, target and gap of a unit, in its own unit; a word where it could not be read."""
    answer = unit.get("answer")
    if answer is None:
        said = "run this unit again" if unit["status"] else "planned elsewhere"
        return {"plan": said, "target": "", "gap": "", "odds": "", "as_of": pd.NaT}
    scale = choose_scale([answer["plan"], answer["target"]], unit["unit"], each=True)
    gap = answer["plan"] - answer["target"]
    share = gap / answer["target"] if math.isfinite(gap) and answer["target"] else math.nan
    return {
        "plan": Written(scale.say(answer["plan"]), answer["plan"]),
        "target": Written(scale.write(answer["target"]), answer["target"]),
        "gap": Written(write_share(share, signed=True), share),
        "odds": Written(write_odds(answer["probability"]), answer["probability"]),
    }
