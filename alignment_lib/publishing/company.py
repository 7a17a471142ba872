"""All units of a round together: money by currency, converted only at stated rates, odds only from draws.

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

import numpy as np

__all__ = ["RATES_FILE", "CompanyRates", "Together", "UnitFigures", "read_rates", "roll_up"]

RATES_FILE = "company.toml"
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
