"""From one amount to another, step by step: the bridge and the ladder of streams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment_lib.answers.charts.canvas import Canvas, shorten, text_width
from alignment_lib.answers.charts.notation import ACTUAL, BAD, GOOD, INK, MUTED, PAPER, RULE, TARGET, Chart
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
    bounds = _find_bounds(spans, target)
    rows = len(steps)
    top = 22 if target is not None else 8
    wide = Canvas(960, top + rows * 27 + 26, f"{name}-wide")
    narrow = Canvas(350, top + rows * 42 + 26, f"{name}-narrow")
    for canvas, height in ((wide, 27.0), (narrow, 42.0)):
        _draw(canvas, steps, spans, bounds, scale, height, top, target)
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        wide=wide.render(alt),
        narrow=narrow.render(alt),
        legend=_legend(steps, bounds, scale, target),
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


def _draw(
    canvas: Canvas,
    steps: Sequence[Step],
    spans: Sequence[tuple[float, float]],
    bounds: tuple[float, float],
    scale: Scale,
    height: float,
    top: float,
    target: float | None,
) -> None:
    narrow = canvas.width < 500
    left = 2.0 if narrow else 312.0
    right = canvas.width - (64.0 if narrow else 84.0)
    per = (right - left) / (bounds[1] - bounds[0])

    def place(amount: float) -> float:
        return left + (max(amount, bounds[0]) - bounds[0]) * per

    for number, (step, span) in enumerate(zip(steps, spans, strict=True)):
        y = top + number * height
        bar = y + (18.0 if narrow else 5.0)
        thick = height - (25.0 if narrow else 10.0)
        _draw_name(canvas, step, y, height, narrow)
        _draw_bar(canvas, step, (place(span[0]), place(span[1])), bar, thick, bounds[0] > 0, scale)
        if number + 1 < len(steps):
            reach = bar + thick + (height - thick)
            canvas.line(place(span[1]), bar + thick, place(span[1]), reach, MUTED, 0.8)
    foot = top + len(steps) * height
    canvas.line(left, top, left, foot, INK if bounds[0] == 0 else RULE, 1)
    if target is not None:
        x = place(target)
        canvas.line(x, top - 4, x, foot, TARGET, 1.2, "4 3")
        anchor = "end" if text_width("target", 11) / 2 + x > canvas.width - 4 else "middle"
        canvas.text(x, top - 8, f"target {scale.write(target)}", ink=TARGET, size=11, anchor=anchor)
    if bounds[0] > 0:
        canvas.text(left, foot + 15, f"scale begins at {scale.write(bounds[0])}", ink=MUTED, size=11)


def _draw_name(canvas: Canvas, step: Step, y: float, height: float, narrow: bool) -> None:
    level = step.kind != "change"
    if narrow:
        canvas.text(2, y + 13, shorten(step.label, 330, 12), size=12, bold=level, halo=True)
    else:
        canvas.text(
            302, y + height / 2 + 4, shorten(step.label, 298, 12.5), size=12.5, anchor="end", bold=level
        )


def _draw_bar(
    canvas: Canvas, step: Step, ends: tuple[float, float], y: float, thick: float, cut: bool, scale: Scale
) -> None:
    x, width = min(ends), max(abs(ends[1] - ends[0]), 1.0)
    hint = f"{step.label}: {scale.say(step.amount, signed=step.kind == 'change')}"
    if step.kind == "change":
        canvas.rect(x, y, width, thick, GOOD if step.amount >= 0 else BAD, hint=hint)
    elif step.kind == "forecast":
        canvas.hatched(x, y, width, thick, hint=hint)
    elif step.kind == "plan":
        canvas.outline(x, y, width, thick, hint=hint)
    else:
        canvas.rect(x, y, width, thick, ACTUAL, hint=hint)
    if cut and step.kind != "change":
        for shift in (10.0, 14.0):
            canvas.line(x + shift, y + thick + 2, x + shift + 5, y - 2, PAPER, 2.4)
    ink = INK if step.kind != "change" else GOOD if step.amount >= 0 else BAD
    text = scale.write(step.amount, signed=step.kind == "change")
    canvas.text(x + width + 6, y + thick / 2 + 4, text, ink=ink, size=12, bold=step.kind != "change")


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
