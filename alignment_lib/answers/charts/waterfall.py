"""From one amount to another, step by step: the bridge and the ladder of streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, GOOD, INK, MUTED, PAPER, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import keep_inside, room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_scale

__all__ = ["Step", "draw_ladder", "draw_waterfall"]

_CUT_BELOW = 0.25


@dataclass(frozen=True)
class Step:
    """One row of a waterfall.

    Attributes
    ----------
    label : str
        Its name.
    amount : float
        A level (``forecast``, ``plan``, ``actual``) or a change (``change``).
    kind : str
        What it is, which decides its ink.
    """

    label: str
    amount: float
    kind: Literal["forecast", "plan", "actual", "change"]


@dataclass(frozen=True)
class _Drawing:
    """The rows with where each bar begins and ends, the bounds of the scale, and the target."""

    steps: Sequence[Step]
    spans: Sequence[tuple[float, float]]
    bounds: tuple[float, float]
    scale: Scale
    target: float | None

    @property
    def is_cut(self) -> bool:
        """Whether the scale begins above zero."""
        return self.bounds[0] > 0

    def value_of(self, step: Step) -> str:
        """What is written beside a bar."""
        return self.scale.write(step.amount, signed=step.kind == "change")


def draw_waterfall(
    steps: Sequence[Step], *, name: str, title: str, unit: str, period: str, target: float | None = None
) -> Chart:
    """Rows from a starting level over its changes to a final one, top to bottom.

    Where the changes are small against the levels the scale begins above zero; the break is drawn and
    the figure it begins at is written.

    Examples
    --------
    >>> steps = [Step("Baseline", 100, "forecast"), Step("Coupon", 12, "change"), Step("Plan", 112, "plan")]
    >>> draw_waterfall(steps, name="doc", title="Bridge", unit="units", period="2026Q1").alt
    'Bridge, 2026Q1, in units. Baseline 100; Coupon +12; Plan 112.'
    """
    scale = choose_scale([step.amount for step in steps], unit)
    alt = _describe(steps, title, period, scale, target)
    spans = _find_spans(steps)
    top = 22.0 if target is not None else 8.0
    drawing = _Drawing(steps, spans, _find_bounds(spans, target), scale, target)
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, drawing, top),
        sheets=two_sheets(top + len(steps) * 27 + 26, top + len(steps) * 42 + 26),
        legend=_legend(steps, drawing.bounds, scale, target),
    )


def draw_ladder(
    levels: Sequence[tuple[str, float]],
    *,
    name: str,
    title: str,
    unit: str,
    period: str,
    target: float | None = None,
) -> Chart:
    """The levels of successive streams with the change each brought.

    Parameters
    ----------
    levels : sequence of (str, float)
        Stream and amount in the order in which they were made: naive, baseline, marketing, consensus.

    Examples
    --------
    >>> levels = [("Naive", 90), ("Baseline", 100), ("Consensus", 112)]
    >>> draw_ladder(levels, name="doc", title="Ladder", unit="units", period="2026Q1").alt[:67]
    'Ladder, 2026Q1, in units. Naive 90; Naive to baseline +10; Baseline'
    """
    steps: list[Step] = []
    for number, (label, amount) in enumerate(levels):
        if number:
            steps.append(
                Step(f"{levels[number - 1][0]} to {label.lower()}", amount - levels[number - 1][1], "change")
            )
        steps.append(Step(label, amount, "plan" if number == len(levels) - 1 else "forecast"))
    return draw_waterfall(steps, name=name, title=title, unit=unit, period=period, target=target)


def _find_spans(steps: Sequence[Step]) -> list[tuple[float, float]]:
    """Where each bar begins and ends; levels begin at zero."""
    spans, level = [], 0.0
    for step in steps:
        begin = level if step.kind == "change" else 0.0
        level = begin + step.amount
        spans.append((begin, level))
    return spans


def _find_bounds(spans: Sequence[tuple[float, float]], target: float | None) -> tuple[float, float]:
    ends = [end for _, end in spans] + ([target] if target is not None else [])
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    if low <= 0 or high == low or high - low > _CUT_BELOW * high:
        return min(0.0, low), max(high, 0.0) or 1.0
    room = max(high - low, 0.02 * high)
    step = 10 ** int(f"{room:e}".split("e")[1])
    start = max(0.0, ((low - 0.6 * room) // step) * step)
    return start, high


def _draw(paper: Paper, drawing: _Drawing, top: float) -> None:
    steps, bounds, narrow = drawing.steps, drawing.bounds, paper.is_narrow
    height = (paper.height - top - 26.0) / max(len(steps), 1)
    left = 2.0 if narrow else min(312.0, 0.36 * paper.width)
    right = paper.width - room_for([drawing.value_of(step) for step in steps], bold=True) - 12.0
    per = (right - left) / (bounds[1] - bounds[0])
    paper.count_in((left - bounds[0] * per, top + height / 2), (per, height))

    def place(amount: float) -> float:
        return left + (max(amount, bounds[0]) - bounds[0]) * per

    foot = top + len(steps) * height
    bars = []
    for number, (step, span) in enumerate(zip(steps, drawing.spans, strict=True)):
        y = top + number * height
        bar, thick = (y + 18.0, height - 25.0) if narrow else (y + 5.0, height - 10.0)
        bars.append((place(span[0]), place(span[1]), bar, thick))
        if number:
            before = bars[number - 1]
            paper.line(before[1], before[2] + thick, before[1], bar, MUTED, 0.8)
        _draw_name(paper, step, (left, y, height))
        _draw_bar(paper, step, bars[number], drawing)
    if drawing.is_cut:
        _cut_levels(paper, steps, bars)
    paper.line(left, top, left, foot, RULE if drawing.is_cut else INK, 1)
    beyond = None if drawing.target is None else place(drawing.target)
    if beyond is not None:
        # In a phone's drawing names stand between the bars: the line is not drawn through them.
        pieces = [(bar[2] - 2, bar[2] + bar[3] + 2) for bar in bars] if narrow else [(top, foot)]
        _draw_target(paper, drawing, beyond, [(top - 4, top), *pieces])
    if drawing.is_cut:
        words = f"scale begins at {drawing.scale.write(bounds[0])}"
        paper.text(left, foot + 15, words, ink=MUTED, size=11)
    for step, ends in zip(steps, bars, strict=True):
        _write_value(paper, step, ends, drawing.value_of(step), beyond)


def _draw_target(paper: Paper, drawing: _Drawing, x: float, pieces: Sequence[tuple[float, float]]) -> None:
    for begin, end in pieces:
        paper.line(x, begin, x, end, TARGET, 1.2, (4, 3))
    words = f"target {drawing.scale.write(drawing.target or 0.0)}"
    at = keep_inside(x, words, 0, paper.width, 11)
    paper.text(at, pieces[0][0] - 4, words, ink=TARGET, size=11, anchor="middle")


def _draw_name(paper: Paper, step: Step, box: tuple[float, float, float]) -> None:
    left, y, height = box
    level = step.kind != "change"
    if paper.is_narrow:
        paper.text(2, y + 13, shorten(step.label, paper.width - 4, bold=level), bold=level, halo=True)
    else:
        name = shorten(step.label, left - 14, 12.5, bold=level)
        paper.text(left - 10, y + height / 2 + 4, name, size=12.5, anchor="end", bold=level)


def _draw_bar(paper: Paper, step: Step, ends: tuple[float, float, float, float], drawing: _Drawing) -> None:
    begin, end, y, thick = ends
    x, width = min(begin, end), max(abs(end - begin), 1.0)
    hint = f"{step.label}: {drawing.scale.say(step.amount, signed=step.kind == 'change')}"
    if step.kind == "change":
        paper.rect(x, y, width, thick, GOOD if step.amount >= 0 else BAD, hint=hint)
    elif step.kind == "forecast":
        paper.hatched(x, y, width, thick, hint=hint)
    elif step.kind == "plan":
        paper.outline(x, y, width, thick, hint=hint)
    else:
        paper.rect(x, y, width, thick, ACTUAL, hint=hint)


def _cut_levels(
    paper: Paper, steps: Sequence[Step], bars: Sequence[tuple[float, float, float, float]]
) -> None:
    for step, (begin, _, y, thick) in zip(steps, bars, strict=True):
        if step.kind != "change":
            for shift in (10.0, 14.0):
                paper.line(begin + shift, y + thick + 2, begin + shift + 5, y - 2, PAPER, 2.4)


def _write_value(
    paper: Paper, step: Step, ends: tuple[float, float, float, float], text: str, target: float | None
) -> None:
    """Right of its bar, or beyond the target's line where that would run through it, or left of the bar."""
    begin, end, y, thick = ends
    ink = INK if step.kind != "change" else GOOD if step.amount >= 0 else BAD
    bold = step.kind != "change"
    places = [(max(begin, end, begin + 1) + 6, "start"), (min(begin, end) - 6, "end")]
    if target is not None:
        places.insert(1, (max(target, begin, end) + 6, "start"))
    paper.place([Label(x, y + thick / 2 + 4, text, ink, 12, anchor, bold) for x, anchor in places])


def _legend(steps: Sequence[Step], bounds: tuple[float, float], scale: Scale, target: float | None) -> str:
    kinds = {step.kind for step in steps}
    words = {"forecast": "hatched: forecast", "plan": "outlined: plan", "actual": "solid: actual"}
    parts = [words[kind] for kind in ("forecast", "plan", "actual") if kind in kinds]
    parts.append("blue with plus: more; orange with minus: less")
    if target is not None:
        parts.append("dashed line: target")
    if bounds[0] > 0:
        parts.append(f"bars are cut, the scale begins at {scale.write(bounds[0])}")
    text = "; ".join(parts) + "."
    return text[:1].upper() + text[1:]


def _describe(steps: Sequence[Step], title: str, period: str, scale: Scale, target: float | None) -> str:
    words = [f"{step.label} {scale.write(step.amount, signed=step.kind == 'change')}" for step in steps]
    aim = f" Target {scale.write(target)}." if target is not None else ""
    return f"{title}, {period}, in {scale.unit}. {'; '.join(words)}.{aim}"
