"""Two charts with a line and its uncertainty: calibration of a chance, and what waiting goes with."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND, INK, MUTED, RULE, TARGET
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import keep_inside, room_for
from alignment_lib.answers.charts.notation import Chart, Sheet
from alignment_lib.answers.wording import write_number, write_share

__all__ = ["draw_calibration", "draw_waiting"]

_PARTS = (0.0, 0.5, 1.0)
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

    def lay_out(paper: Paper) -> None:
        x, y = _axes(paper, most, most, "predicted chance", "share won")
        paper.line(x(0), y(0), x(most), y(most), TARGET, 1.2, (4, 3))
        for row in rows:
            at = x(row["predicted"])
            paper.line(at, y(row["low"]), at, y(row["high"]), ACTUAL, 1.4)
            hint = f"predicted {write_share(row['predicted'])}, won {write_share(row['observed'])}"
            paper.rect(at - 3.5, y(row["observed"]) - 3.5, 7, 7, ACTUAL, hint=hint)

    legend = (
        "Squares: leads kept out of the fit, with 90 % bounds; dashed line: where prediction and wins agree."
    )
    return Chart(title, period, alt, name, lay_out, (Sheet(560, 320), Sheet(350, 260)), legend)


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

    def lay_out(paper: Paper) -> None:
        x, y = _axes(paper, longest, high, "hours to the first attempt", "chance to win", hours=True)
        lower = [(x(row["hours"]), y(row["low"])) for row in rows]
        upper = [(x(row["hours"]), y(row["high"])) for row in rows]
        if rows:
            paper.area([*lower, *reversed(upper)], BAND)
        paper.path([(x(row["hours"]), y(row["win_chance"])) for row in rows], ACTUAL, 2)
        if promise_hours > longest:
            return
        at, words = x(promise_hours), f"promise {promise_hours:g} h"
        paper.line(at, 32, at, y(0), TARGET, 1.2, (4, 3))
        middle = keep_inside(at, words, 0, paper.width, 11)
        paper.place([Label(middle, 28, words, TARGET, 11, "middle")], free_of_marks=False)

    legend = "Line: fitted on the company's own leads; band: its 90 % interval. Not proof of cause."
    return Chart(title, period, alt, name, lay_out, (Sheet(560, 290), Sheet(350, 250)), legend)


def _axes(
    paper: Paper, across: float, up: float, below: str, beside: str, *, hours: bool = False
) -> tuple[_Place, _Place]:
    """Lines and figures of both axes; the names stand outside of what is drawn between them."""
    levels = [write_share(part * up, 0) for part in _PARTS]
    left, right = room_for(levels, 11) + 12.0, paper.width - 14.0
    foot, top = paper.height - 36.0, 38.0 if hours else 24.0
    paper.count_in((left, foot), ((right - left) / across, -(foot - top) / up))

    def x(value: float) -> float:
        return left + (right - left) * value / across

    def y(value: float) -> float:
        return foot - (foot - top) * value / up

    for part, level in zip(_PARTS, levels, strict=True):
        paper.line(left, y(part * up), right, y(part * up), RULE, 0.8)
        paper.text(left - 6, y(part * up) + 4, level, size=11, ink=MUTED, anchor="end")
        label = f"{part * across:g}" if hours else write_share(part * across, 0)
        at = keep_inside(x(part * across), label, 0, paper.width, 11)
        paper.text(at, foot + 15, label, size=11, ink=MUTED, anchor="middle")
    paper.line(left, foot, right, foot, INK, 1)
    paper.text(right, foot + 31, below, size=11, ink=MUTED, anchor="end")
    paper.text(0, 11, beside, size=11, ink=MUTED)
    return x, y
