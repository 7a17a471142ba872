"""Numbers and dates in words: one way of writing them for every page, chart and sentence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from alignment_lib.inputs.written_numbers import NO_NUMBER, PER_CENT, Said

__all__ = [
    "PLAIN",
    "Scale",
    "choose_scale",
    "choose_short_scale",
    "humanise",
    "join_words",
    "say_change",
    "say_part",
    "say_share",
    "say_span",
    "say_unit",
    "say_value",
    "share_of",
    "write_change",
    "write_count",
    "write_date",
    "write_number",
    "write_odds",
    "write_share",
]


_MOST_SHARE = 10.0
_WHOLE_FROM = 10.0


@dataclass(frozen=True)
class Scale:
    """What amounts are counted in: ``units``, ``thousand EUR``, ``million units``.

    Attributes
    ----------
    factor : float
        Amounts are divided by it.
    decimals : int
        Decimals shown.
    unit : str
        The unit with its multiplier.
    """

    factor: float
    decimals: int
    unit: str

    def write(self, amount: float, *, signed: bool = False) -> str:
        """The amount without its unit.

        >>> Scale(1e3, 0, "thousand EUR").write(-1234567)
        '−1,235'
        """
        return write_number(amount / self.factor, self.decimals, signed=signed)

    def say(self, amount: float, *, signed: bool = False) -> str:
        """The amount with its unit, as a sentence says it: from ten on in whole ones.

        >>> Scale(1.0, 1, "units").say(30.9), Scale(1.0, 1, "units").say(3.4)
        ('31 units', '3.4 units')
        """
        whole = self.factor == 1 and abs(amount) >= _WHOLE_FROM
        return (
            f"{write_number(amount / self.factor, 0 if whole else self.decimals, signed=signed)} {self.unit}"
        )


PLAIN = Scale(1.0, 0, "")
"""Amounts as they are, of nothing that has a unit."""


def choose_scale(amounts: Iterable[float], unit: str, *, each: bool = False) -> Scale:
    """A scale in which the largest amount has at most seven figures before the point.

    With `each`, none of the amounts that is at least one may vanish for the size of another: a plan beside a
    target of another size is still to be read.

    >>> choose_scale([12_500_000.0, 40.0], "EUR")
    Scale(factor=1000.0, decimals=0, unit='thousand EUR')
    >>> choose_scale([12_500_000.0, 40.0], "EUR", each=True)
    Scale(factor=1.0, decimals=0, unit='EUR')
    """
    finite = [abs(amount) for amount in amounts if math.isfinite(amount)]
    largest = max(finite, default=0.0)
    least = min((amount for amount in finite if amount >= 1), default=largest) if each else largest
    if largest >= 1e10 and least >= 1e6:
        return Scale(1e6, 0, f"million {unit}")
    if largest >= 1e7 and least >= 1e3:
        return Scale(1e3, 0, f"thousand {unit}")
    return Scale(1.0, 0 if largest >= 100 or largest == 0 else 1, unit)


def choose_short_scale(amounts: Iterable[float], unit: str) -> Scale:
    """A scale whose figures are short enough to stand on a column of a chart.

    >>> choose_short_scale([12_345.0], "units")
    Scale(factor=1000.0, decimals=1, unit='thousand units')
    """
    largest = max((abs(amount) for amount in amounts if math.isfinite(amount)), default=0.0)
    for factor, word in ((1e9, "billion"), (1e6, "million"), (1e3, "thousand")):
        if largest >= factor and largest >= 1e4:
            return Scale(factor, 2 if largest < 10 * factor else 1, f"{word} {unit}")
    return choose_scale([largest], unit)


def write_number(number: float, decimals: int = 0, *, signed: bool = False) -> str:
    """A number with thousands separated, a true minus sign, and a dash where there is none."""
    return f"{Said(number):{'+' if signed else ''},.{decimals}f}"


def share_of(amount: float, whole: float) -> float:
    """An amount as a share of a whole; NaN where that says nothing: of nothing, of a debt, tenfold and more.

    >>> share_of(5, 100), share_of(5, 0), share_of(5, -100), share_of(676, 1e-9)
    (0.05, nan, nan, nan)
    """
    return amount / whole if whole > 0 and abs(amount) < _MOST_SHARE * whole else math.nan


def write_share(share: float, decimals: int = 1, *, signed: bool = False) -> str:
    """A decimal share as a percentage: 0.126 is ``12.6 %``."""
    return f"{Said(share):{'+' if signed else ''},.{decimals}%}"


def say_share(share: float) -> str:
    """A share as a sentence says it: whole per cent from ten on, below with one decimal that matters.

    >>> [say_share(share).replace(PER_CENT, " %") for share in (0.1262, 0.0398, 0.034)]
    ['13 %', '4 %', '3.4 %']
    """
    decimals = 0 if abs(share) >= 0.0995 or round(share * 100, 1).is_integer() else 1
    return write_share(share, decimals)


def say_change(now: float, before: float) -> str:
    """A change as a sentence says it.

    >>> say_change(104, 100).replace(PER_CENT, " %"), say_change(100, 100)
    ('4 % more', 'as much')
    """
    if not (math.isfinite(now) and math.isfinite(before)) or before <= 0:
        return NO_NUMBER
    if abs(now / before - 1) < 0.0005:
        return "as much"
    return f"{say_share(abs(now / before - 1))} {'more' if now > before else 'less'}"


def write_change(now: float, before: float) -> str:
    """The relative change from `before` to `now`, or a dash where there is nothing to compare with.

    >>> write_change(110, 100).replace(PER_CENT, " %")
    '+10.0 %'
    """
    if not (math.isfinite(now) and math.isfinite(before)) or before <= 0:
        return NO_NUMBER
    return write_share(now / before - 1, signed=True)


def write_odds(probability: float) -> str:
    """A probability in whole per cent; simulation cannot tell 0 % and 100 %, so neither is written."""
    if not math.isfinite(probability):
        return NO_NUMBER
    if probability < 0.01:
        return f"below 1{PER_CENT}"
    if probability > 0.99:
        return f"above 99{PER_CENT}"
    return write_share(probability, 0)


def write_count(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun.

    >>> write_count(1, "week"), write_count(1200, "week")
    ('1 week', '1,200 weeks')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def write_date(date: pd.Timestamp) -> str:
    """A date without ambiguity.

    >>> write_date(pd.Timestamp("2026-01-05"))
    '5 January 2026'
    """
    return "no date" if pd.isna(date) else f"{date.day} {date:%B} {date.year}"


def join_words(words: Sequence[str]) -> str:
    """Words as a list in a sentence.

    >>> join_words(["a", "b", "c"])
    'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def humanise(name: str) -> str:
    """A column or scenario name as a heading.

    >>> humanise("evidence_weighted")
    'Evidence weighted'
    """
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_span(label: str) -> str:
    """A fiscal label in words.

    >>> say_span("2026-03"), say_span("2026Q1")
    ('Mar 2026', '2026Q1')
    """
    month = label[5:]
    if len(label) == 7 and label[4] == "-" and month.isdigit() and 1 <= int(month) <= 12:
        return f"{_MONTHS[int(month) - 1]} {label[:4]}"
    return label


_VALUES = {"cross_sell": "Cross-sell", "new": "New", "repeat": "Repeat", "upsell": "Upsell"}


def say_unit(unit: str) -> str:
    """What stands behind a claim's number: per cent, money of spend, or the unit itself.

    >>> say_unit("units"), say_unit("spend")
    (' units', ' of spend')
    """
    return PER_CENT if unit == "percent" else " of spend" if unit == "spend" else f" {unit}"


def say_value(value: object) -> str:
    """A value of a table as a label: names made for machines become words, others stay as typed.

    >>> say_value("cross_sell"), say_value("price_cut"), say_value("mobile app"), say_value("SKU_12")
    ('Cross-sell', 'Price cut', 'mobile app', 'SKU_12')
    """
    text = str(value)
    if text in _VALUES:
        return _VALUES[text]
    return humanise(text) if "_" in text and text == text.lower() else text


def say_part(dimension: str, member: object) -> str:
    """A member of a dimension as a label that can stand alone: a bare number bears its dimension's name.

    >>> say_part("store", "10"), say_part("sale_type", "cross_sell"), say_part("brand", "7UP")
    ('store 10', 'Cross-sell', '7UP')
    """
    text = say_value(member)
    if any(letter.isalpha() for letter in text):
        return text
    return f"{dimension.replace('_', ' ')} {text}" if text else f"no {dimension.replace('_', ' ')}"
