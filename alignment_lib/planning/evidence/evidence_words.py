"""Evidence in one plain sentence: what is claimed, what the past says, how many events stand behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from alignment_lib.inputs.written_numbers import PER_CENT, Said
from alignment_lib.planning.evidence.claim_scale import ClaimScale
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Overlap", "say_evidence"]

_Z90 = 1.645


@dataclass(frozen=True)
class Overlap:
    """What the plan holds already of a claim, in its measure.

    Attributes
    ----------
    parts : tuple of (str, float)
        By whom (``driver:<column>`` or an assumption's id), and how much.
    """

    parts: tuple[tuple[str, float], ...] = ()

    @property
    def in_calendar(self) -> float:
        """What the driver calendar holds."""
        return sum(amount for name, amount in self.parts if name.startswith("driver:"))

    @property
    def amount(self) -> float:
        """The whole overlap: a row that says the same again states what the calendar holds with it.

        >>> Overlap((("driver:deal", 30.0), ("A2", 40.0))).amount
        40.0
        """
        others = [amount for name, amount in self.parts if not name.startswith("driver:")]
        return max([0.0, self.in_calendar, sum(others)], key=abs)

    @property
    def partners(self) -> tuple[str, ...]:
        """By whom."""
        return tuple(name for name, _ in self.parts)


def say_evidence(
    row: Assumption,
    scale: ClaimScale,
    reading: Reading,
    verdict: str,
    overlap: Overlap | None = None,
    small_share: float = float("nan"),
) -> str:
    """The evidence for one claim as a sentence.

    Parameters
    ----------
    row, scale : Assumption, ClaimScale
        The claim.
    reading : Reading
        What the past says.
    verdict : str
        As `judge_claim` found it.
    overlap : Overlap, optional
        What the plan holds already.
    small_share : float
        The claim's share of planned sales where that is too small to matter; NaN otherwise.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> row = example_assumption(id="A1", expected=90.0, low=40.0, high=150.0)
    >>> scale = ClaimScale(40.0, 90.0, 150.0)
    >>> reading = Reading(33.0, 4.0, 7, words="7 past events of feature on House Blend")
    >>> say_evidence(row, scale, reading, "optimistic").split("; ")[1].replace(PER_CENT, " %")
    '7 past events of feature on House Blend support +33 %, give or take 4: optimistic.'
    """
    parts = [f"{_claim(row, scale)}; {_support(row, reading, verdict)}: {verdict}"]
    if reading.speaks and reading.placebo == "not established":
        parts.append("set beside dates without it, the effect is not established")
    if reading.aside is not None:
        found = reading.aside
        verb = "finds" if found.words.startswith(("study ", "an ", "1 ")) else "find"
        parts.append(f"{found.words} {verb} {_amount(row, found.estimate)}{_spread(row, found.error)}")
    parts += _held(overlap) if overlap is not None else []
    if np.isfinite(small_share):
        share = f"{Said(abs(small_share)):.1%}"
        parts.append(f"at {share} of planned sales it is too small to be worth an adjustment")
    return "; ".join(parts) + "."


def _amount(row: Assumption, value: float) -> str:
    if row.unit == "percent":
        return (f"{Said(value):+.0f}" if abs(value) >= 10 else f"{Said(value):+.1f}") + PER_CENT
    return f"{Said(value):+,.0f}" + ("" if row.unit == "revenue" else f" {row.unit}")


def _bare(row: Assumption, value: float) -> str:
    return _amount(row, value).split()[0]


def _spread(row: Assumption, error: float) -> str:
    if not np.isfinite(error) or error <= 0:
        return ""
    if row.unit != "percent":
        return f", give or take {error:,.0f}"
    return f", give or take {error:.0f}" if error >= 3 else f", give or take {error:.1f}"


def _claim(row: Assumption, scale: ClaimScale) -> str:
    ends = f" ({_bare(row, scale.low)} to {_bare(row, scale.high)})" if scale.low < scale.high else ""
    if np.isfinite(scale.elasticity):
        what = (
            "on price" if row.kind == "price_change" else f"of {row.fields.get('driver')}".replace("_", " ")
        )
        changed = f"{Said(row.expected):+.1f}".removesuffix(".0") + PER_CENT
        return f"{row.id} claims that {changed} {what} brings {_amount(row, scale.claim)} of sales{ends}"
    money = " in revenue" if row.unit == "revenue" else ""
    return f"{row.id} claims {_amount(row, scale.claim)}{money}{ends}"


def _support(row: Assumption, reading: Reading, verdict: str) -> str:
    if not reading.speaks:
        if reading.words:
            return f"history holds {reading.words}"
        silent = "nothing in the sales history speaks to it (0 past events)"
        return f"{silent}, so the plan rests on its owner's word"
    found = f"{_amount(row, reading.estimate)}{_spread(row, reading.error)}"
    if reading.source == "research":
        verb = "finds" if reading.words.startswith("study ") else "find"
        return f"the sales history is silent (0 past events) and {reading.words} {verb} {found}"
    if reading.source == "usual movement":
        reach = f"{Said(_Z90 * reading.error):.0f}{PER_CENT}"
        seen = f"by {reading.words} one more may lie {reach} either side of their mean"
        within = f"the claim lies {'within' if verdict == 'no history' else 'beyond'} that"
        return f"no past event is like it (0 past events); {seen}, {within}"
    one = reading.words.startswith(("1 ", "an ")) and " elsewhere" not in reading.words
    verb = "supports" if one else "support"
    return f"{reading.words} {verb} {found}"


def _held(overlap: Overlap) -> list[str]:
    columns = [name.removeprefix("driver:") for name in overlap.partners if name.startswith("driver:")]
    drivers = [name.replace("_", " ") for name in columns]
    found = []
    if drivers and abs(overlap.in_calendar) >= 0.5:
        held = f"{Said(overlap.in_calendar):+,.0f}"
        found.append(f"the calendar of {', '.join(drivers)} already holds {held} of it")
    for name, amount in overlap.parts:
        if not name.startswith("driver:"):
            found.append(f"{name} says {Said(amount):+,.0f} of it too")
    return found
