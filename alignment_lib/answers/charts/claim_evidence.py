"""Claims against evidence: each claimed range over what history supports, past events, and what came true."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, RULE
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import keep_inside
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import write_number
from alignment_lib.inputs.written_numbers import PER_CENT
from alignment_lib.planning.evidence.evidence import VERDICT_BOUND

__all__ = ["ClaimPicture", "draw_claims", "picture_claim"]

_WIDE, _NARROW = 78.0, 108.0
_OUTCOME = 14.0
_MOST_DOTS = 40


@dataclass(frozen=True)
class ClaimPicture:
    """One claim and its evidence on one scale.

    Attributes
    ----------
    label, verdict : str
        Who claims what, and the verdict in a word; blank where none was given.
    unit : str
        What values are counted in, such as ``%`` or ``units``.
    low, claim, high : float
        As claimed; low and high are NaN without a range.
    supported, evidence_low, evidence_high : float
        What history supports with its 90 % interval; NaN where it is silent.
    dots : tuple of (str, float, bool)
        Past events: label, effect, and whether it beat its placebo dates.
    came_true : float
        What came of it; NaN where it is not known yet.
    """

    label: str
    verdict: str
    unit: str
    low: float
    claim: float
    high: float
    supported: float = math.nan
    evidence_low: float = math.nan
    evidence_high: float = math.nan
    dots: tuple[tuple[str, float, bool], ...] = ()
    came_true: float = math.nan

    @property
    def amounts(self) -> list[float]:
        """Every value that has to be on the scale."""
        ends = [self.low, self.claim, self.high, self.supported, self.evidence_low, self.evidence_high]
        dots = [dot[1] for dot in self.dots]
        return [value for value in [*ends, *dots, self.came_true] if math.isfinite(value)]


def picture_claim(line: Mapping[Any, Any], dots: tuple[tuple[str, float, bool], ...] = ()) -> ClaimPicture:
    """The picture of one row of the evidence table, on the scale on which it was judged.

    Parameters
    ----------
    line : mapping
        ``name, verdict, unit, effect_low, effect_claim, effect_high, effect_supported, effect_error``.
    dots : tuple of (str, float, bool)
        Past events; left out where the past does not speak of the claim.
    """
    reach = VERDICT_BOUND * line["effect_error"] if math.isfinite(line["effect_error"]) else 0.0
    return ClaimPicture(
        label=str(line["name"]),
        verdict=str(line["verdict"]),
        unit="%" if line["unit"] == "percent" else str(line["unit"]),
        low=float(line["effect_low"]),
        claim=float(line["effect_claim"]),
        high=float(line["effect_high"]),
        supported=float(line["effect_supported"]),
        evidence_low=float(line["effect_supported"] - reach),
        evidence_high=float(line["effect_supported"] + reach),
        dots=dots if math.isfinite(line["effect_supported"]) else (),
    )


def draw_claims(claims: Sequence[ClaimPicture], *, name: str, title: str, period: str) -> Chart:
    """One strip per claim, each on a scale of its own that begins or ends at zero.

    Examples
    --------
    >>> claim = ClaimPicture("A1 Feature", "optimistic", "%", 50, 80, 110, 32, 27, 38)
    >>> draw_claims([claim], name="doc", title="Claims", period="2026Q1").alt.replace(PER_CENT, " %")
    'Claims, 2026Q1. A1 Feature: claimed +80 % (+50 to +110); history +32 % (+27 to +38): optimistic.'
    """
    words = " ".join(f"{_describe(claim)}." for claim in claims)
    alt = f"{title}, {period}. {words}"
    more = _OUTCOME if any(math.isfinite(claim.came_true) for claim in claims) else 0.0
    legend = (
        "Outlined: the claimed range (8 in 10) with its most likely value. Pale band: what history supports "
        "(9 in 10), with its estimate. The tall line is no change; each claim has a scale of its own."
    )
    if any(claim.dots for claim in claims):
        legend += " Dots: single past events; hollow: did not beat dates without it."
    if more:
        legend += " Solid bar: what came true."
    heights = [len(claims) * (tall + more) + 6 for tall in (_WIDE, _NARROW)]
    return Chart(
        title=title,
        subtitle=f"claim against evidence, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, claims, more),
        sheets=two_sheets(heights[0], heights[1]),
        legend=legend,
    )


def _say(value: float, unit: str) -> str:
    text = write_number(value, 0 if abs(value) >= 10 else 1, signed=True)
    if unit == "%":
        return text + PER_CENT
    return f"{text} {unit}" if unit else text


def _bare(value: float) -> str:
    return _say(value, "")


def _describe(claim: ClaimPicture) -> str:
    text = f"{claim.label}: claimed {_say(claim.claim, claim.unit)}"
    if claim.low < claim.high:
        text += f" ({_bare(claim.low)} to {_bare(claim.high)})"
    if math.isfinite(claim.supported):
        text += f"; history {_say(claim.supported, claim.unit)}"
        if claim.evidence_low < claim.evidence_high:
            text += f" ({_bare(claim.evidence_low)} to {_bare(claim.evidence_high)})"
    if math.isfinite(claim.came_true):
        text += f"; came true {_say(claim.came_true, claim.unit)}"
    return f"{text}: {claim.verdict}" if claim.verdict else text


def _draw(paper: Paper, claims: Sequence[ClaimPicture], more: float) -> None:
    height = (paper.height - 6.0) / max(len(claims), 1)
    for number, claim in enumerate(claims):
        _draw_strip(paper, claim, number * height, height, more)


def _draw_strip(paper: Paper, claim: ClaimPicture, top: float, height: float, more: float) -> None:
    names = min(330.0, 0.36 * paper.width)
    left, right = (14.0 if paper.is_narrow else names), paper.width - 14.0
    amounts = [0.0, *claim.amounts]
    low, high = min(amounts), max(amounts)
    per = (right - left) / ((high - low) or 1.0)

    def place(value: float) -> float:
        return left + (value - low) * per

    middle = top + height - more - 44.0
    if paper.is_narrow:
        paper.text(2, top + 16, shorten(claim.label, paper.width - 4))
        paper.text(2, top + 32, shorten(claim.verdict, paper.width - 4, 11.5), size=11.5, ink=MUTED)
    else:
        paper.text(2, middle + 2, shorten(claim.label, names - 30, 12.5), size=12.5)
        paper.text(2, middle + 18, shorten(claim.verdict, names - 30, 11.5), size=11.5, ink=MUTED)
        paper.line(0, top + height, paper.width, top + height, RULE)
    paper.line(left, middle + 12, right, middle + 12, RULE)
    written = (0.0 if paper.is_narrow else names - 24.0, paper.width)
    _draw_evidence(paper, claim, place, middle, written)
    _draw_claimed(paper, claim, place, middle, written)
    if math.isfinite(claim.came_true):
        came, words = place(claim.came_true), f"came true {_say(claim.came_true, claim.unit)}"
        paper.rect(came - 2.5, middle, 5, 24, ACTUAL, hint=words)
        _write(paper, came, middle + 35 + more, words, written)
    paper.line(place(0.0), middle - 10, place(0.0), middle + 24, INK)


def _draw_evidence(
    paper: Paper,
    claim: ClaimPicture,
    place: Callable[[float], float],
    middle: float,
    written: tuple[float, float],
) -> None:
    if not math.isfinite(claim.supported):
        return
    if claim.evidence_low < claim.evidence_high:
        start, end = place(claim.evidence_low), place(claim.evidence_high)
        hint = f"history supports {_bare(claim.evidence_low)} to {_say(claim.evidence_high, claim.unit)}"
        paper.rect(start, middle, max(end - start, 1.0), 24, BAND, hint=hint)
    paper.line(place(claim.supported), middle, place(claim.supported), middle + 24, ACTUAL, 2)
    for label, value, is_established in claim.dots[-_MOST_DOTS:]:
        hint = f"{label}: {_say(value, claim.unit)}"
        paper.dot(place(value), middle + 12, 4, ACTUAL, hollow=not is_established, hint=hint)
    _write(
        paper, place(claim.supported), middle + 35, f"history {_say(claim.supported, claim.unit)}", written
    )


def _draw_claimed(
    paper: Paper,
    claim: ClaimPicture,
    place: Callable[[float], float],
    middle: float,
    written: tuple[float, float],
) -> None:
    if claim.low < claim.high:
        start, end = place(claim.low), place(claim.high)
        hint = f"claimed {_bare(claim.low)} to {_say(claim.high, claim.unit)}"
        paper.outline(start, middle - 9, max(end - start, 3.0), 9, hint=hint)
    paper.line(place(claim.claim), middle - 10, place(claim.claim), middle + 1, INK, 2.5)
    _write(paper, place(claim.claim), middle - 14, f"claim {_say(claim.claim, claim.unit)}", written)


def _write(paper: Paper, x: float, y: float, text: str, written: tuple[float, float]) -> None:
    """A value at its mark, turned inwards near the edges."""
    paper.text(keep_inside(x, text, *written, 11), y, text, size=11, anchor="middle")
