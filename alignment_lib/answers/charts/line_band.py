"""Two charts with a line and its uncertainty: calibration of a chance, and what waiting goes with."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas
from alignment_lib.answers.charts.notation import ACTUAL, BAND, INK, MUTED, RULE, TARGET, Chart
from alignment_lib.answers.wording import write_number, write_share

__all__ = ["draw_calibration", "draw_waiting"]

_SLICES = 8
_Place = Callable[[float], float]


def draw_calibration(bins: pd.DataFrame, *, name: str, title: str, period: str) -> Chart:
    r"""Predicted against observed shares of wins; on the diagonal a chance means what it says.

    Parameters
    ----------
    bins : DataFrame
        ``predicted, observed, low, high, leads`` (`calibrate_wins`).

    Examples
    --------
    >>> bins = pd.DataFrame({"predicted": [0.2], "observed": [0.25], "low": [0.2], "high": [0.3]})
    >>> bins = bins.assign(leads=900)
    >>> draw_calibration(bins, name="doc", title="Calibration", period="2025").alt.replace("\u202f", " ")
    'Calibration, 2025. Predicted 20 %: observed 25 % (900 leads).'
    """
    rows = bins.to_dict("records")
    words = "; ".join(
        f"Predicted {write_share(row['predicted'], 0)}: observed {write_share(row['observed'], 0)} "
        f"({write_number(row['leads'])} leads)"
        for row in rows
    )
    alt = f"{title}, {period}. {words}."
    most = max([0.1, *bins["predicted"], *bins["high"]])
    drawings = []
    for width, height, variant in ((560.0, 320.0, "wide"), (350.0, 260.0, "narrow")):
        canvas = Canvas(width, height, f"{name}-{variant}")
        x, y = _axes(canvas, most, most, "predicted chance", "share won", write_share)
        canvas.line(x(0), y(0), x(most), y(most), TARGET, 1.2, "4 3")
        for row in rows:
            at = x(row["predicted"])
            canvas.line(at, y(row["low"]), at, y(row["high"]), ACTUAL, 1.4)
            hint = f"predicted {write_share(row['predicted'])}, won {write_share(row['observed'])}"
            canvas.rect(at - 3.5, y(row["observed"]) - 3.5, 7, 7, ACTUAL, hint=hint)
        drawings.append(canvas.render(alt))
    legend = (
        "Squares: leads kept out of the fit, with 90 % bounds; dashed line: where prediction and wins agree."
    )
    return Chart(title, period, alt, drawings[0], drawings[1], legend)


def draw_waiting(curve: pd.DataFrame, promise_hours: float, *, name: str, title: str, period: str) -> Chart:
    r"""The chance to win an average lead by hours to the first attempt, with its 90 % band.

    Parameters
    ----------
    curve : DataFrame
        ``hours, win_chance, low, high`` (`waiting_curve`).

    Examples
    --------
    >>> curve = pd.DataFrame({"hours": [1.0, 24.0], "win_chance": [0.3, 0.25], "low": [0.3, 0.2],
    ...                       "high": [0.3, 0.3]})
    >>> draw_waiting(curve, 24.0, name="doc", title="Waiting", period="2025").alt.replace("\u202f", " ")
    'Waiting, 2025. First attempt after 1 hours: 30 %; after 24 hours: 25 %.'
    """
    rows = curve[curve["hours"] <= 168].to_dict("records")
    said = [f"after {row['hours']:g} hours: {write_share(row['win_chance'], 0)}" for row in rows]
    alt = f"{title}, {period}. First attempt {'; '.join(said)}."
    high, longest = max([0.05, *(row["high"] for row in rows)]), max([1.0, *(row["hours"] for row in rows)])
    drawings = []
    for width, height, variant in ((560.0, 280.0, "wide"), (350.0, 240.0, "narrow")):
        canvas = Canvas(width, height, f"{name}-{variant}")
        x, y = _axes(canvas, longest, high, "hours to the first attempt", "chance to win", write_share, True)
        for first, second in pairwise(rows):
            _step(canvas, first, second, x, y)
        for first, second in pairwise(rows):
            ends = [(x(row["hours"]), y(row["win_chance"])) for row in (first, second)]
            canvas.line(*ends[0], *ends[1], ACTUAL, 2)
        canvas.line(x(promise_hours), 10, x(promise_hours), y(0), TARGET, 1.2, "4 3")
        late = x(promise_hours) > canvas.width - 90
        at, anchor = x(promise_hours) + (-5 if late else 5), "end" if late else "start"
        canvas.text(at, 38, f"promise {promise_hours:g} h", ink=TARGET, size=11, anchor=anchor)
        drawings.append(canvas.render(alt))
    legend = "Line: fitted on the company's own leads; band: its 90 % interval. Not proof of cause."
    return Chart(title, period, alt, drawings[0], drawings[1], legend)


def _step(canvas: Canvas, first: dict[Any, Any], second: dict[Any, Any], x: _Place, y: _Place) -> None:
    """The band between two hours, in slices: a polygon would say no more at this size."""
    start, width = x(first["hours"]), (x(second["hours"]) - x(first["hours"])) / _SLICES
    for part in range(_SLICES):
        share = (part + 0.5) / _SLICES
        low = first["low"] + share * (second["low"] - first["low"])
        top = first["high"] + share * (second["high"] - first["high"])
        canvas.rect(start + part * width, y(top), width + 0.6, y(low) - y(top), BAND)


def _axes(
    canvas: Canvas,
    across: float,
    up: float,
    below: str,
    beside: str,
    write: Callable[..., str],
    hours: bool = False,
) -> tuple[_Place, _Place]:
    left, foot, top, right = 52.0, canvas.height - 36.0, 12.0, canvas.width - 14.0

    def x(value: float) -> float:
        return left + (right - left) * value / across

    def y(value: float) -> float:
        return foot - (foot - top) * value / up

    for part in (0.0, 0.5, 1.0):
        canvas.line(left, y(part * up), right, y(part * up), RULE, 0.8)
        canvas.text(left - 6, y(part * up) + 4, write(part * up, 0), size=11, ink=MUTED, anchor="end")
        label = f"{part * across:g}" if hours else write(part * across, 0)
        canvas.text(x(part * across), foot + 15, label, size=11, ink=MUTED, anchor="middle")
    canvas.line(left, foot, right, foot, INK, 1)
    canvas.text(right, foot + 31, below, size=11, ink=MUTED, anchor="end")
    # What waiting goes with falls from the left, where the promise stands too; calibration rises from there.
    at, anchor = (right, "end") if hours else (left + 4, "start")
    canvas.text(at, top + 12 if hours else top + 8, beside, size=11, ink=MUTED, anchor=anchor)
    return x, y
