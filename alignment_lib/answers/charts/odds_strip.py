"""One line that answers the first question: where the plan lies, what may come, where the target is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from alignment_lib.answers.charts.canvas import Canvas, text_width
from alignment_lib.answers.charts.notation import BAND, FORECAST, INK, MUTED, TARGET, Chart
from alignment_lib.answers.wording import Scale, choose_scale, write_odds

__all__ = ["draw_odds_strip"]


def draw_odds_strip(odds: Mapping[str, float], *, name: str, title: str, unit: str, period: str) -> Chart:
    """The plan, its band and the target on one scale.

    Parameters
    ----------
    odds : Mapping
        ``plan, p10, p50, p90`` and, where they are known, ``p2_5, p97_5, target, probability``.

    Examples
    --------
    >>> odds = {"plan": 105, "p10": 90, "p50": 100, "p90": 120, "target": 110, "probability": 0.3}
    >>> draw_odds_strip(odds, name="doc", title="Odds", unit="units", period="2026Q1").alt[:61]
    'Odds, 2026Q1. Plan 105 units; eight outcomes in ten lie from '
    """
    known = {key: float(value) for key, value in odds.items() if value is not None and math.isfinite(value)}
    scale = choose_scale(known.values(), unit, each=True)
    alt = _describe(known, title, period, scale)
    drawings = []
    for width, variant in ((960.0, "wide"), (350.0, "narrow")):
        canvas = Canvas(width, 96, f"{name}-{variant}")
        _draw(canvas, known, scale)
        drawings.append(canvas.render(alt))
    legend = "Shaded band: eight outcomes in ten (P10 to P90); thin line: nineteen in twenty (P2.5 to P97.5)."
    return Chart(title, f"in {scale.unit}, {period}", alt, drawings[0], drawings[1], legend)


def _draw(canvas: Canvas, known: Mapping[str, float], scale: Scale) -> None:
    amounts = [known[key] for key in ("plan", "p2_5", "p10", "p90", "p97_5", "target") if key in known]
    if not amounts:
        return
    low, high = min(amounts), max(amounts)
    margin = 44.0
    per = (canvas.width - 2 * margin) / ((high - low) or 1.0)

    def place(amount: float) -> float:
        return margin + (amount - low) * per

    axis = 48.0
    if "p2_5" in known and "p97_5" in known:
        canvas.line(place(known["p2_5"]), axis, place(known["p97_5"]), axis, FORECAST, 1.5)
    if "p10" in known and "p90" in known:
        canvas.rect(place(known["p10"]), axis - 12, place(known["p90"]) - place(known["p10"]), 24, BAND)
        canvas.rect(place(known["p10"]), axis - 12, 1.5, 24, FORECAST)
        canvas.rect(place(known["p90"]) - 1.5, axis - 12, 1.5, 24, FORECAST)
        for key, label in (("p10", "P10"), ("p90", "P90")):
            _label(canvas, place(known[key]), axis + 28, f"{label} {scale.write(known[key])}", MUTED)
    if "p50" in known:
        canvas.line(place(known["p50"]), axis - 12, place(known["p50"]), axis + 12, FORECAST, 1.5)
    _draw_marks(canvas, known, place, axis, scale)


def _draw_marks(
    canvas: Canvas, known: Mapping[str, float], place: Callable[[float], float], axis: float, scale: Scale
) -> None:
    texts = []
    if "plan" in known:
        x = place(known["plan"])
        canvas.line(x, axis - 20, x, axis + 12, INK, 3)
        texts.append((x, f"plan {scale.write(known['plan'])}", INK))
    if "target" in known:
        x = place(known["target"])
        canvas.line(x, axis - 20, x, axis + 12, TARGET, 1.2, "4 3")
        canvas.diamond(x, axis, 6, TARGET)
        texts.append((x, f"target {scale.write(known['target'])}", TARGET))
    texts.sort(key=lambda item: item[0])
    crowded = (
        len(texts) == 2
        and texts[1][0] - texts[0][0] < (text_width(texts[0][1], 12) + text_width(texts[1][1], 12)) / 2 + 12
    )
    for number, (x, text, ink) in enumerate(texts):
        if crowded:
            shift, anchor = (-4.0, "end") if number == 0 else (4.0, "start")
            half = text_width(text, 12)
            if (number == 0 and x - half < 4) or (number == 1 and x + half > canvas.width - 4):
                _label(canvas, x, 10.0 if number == 0 else 24.0, text, ink, bold=True)
            else:
                canvas.text(x + shift, 22, text, ink=ink, size=12, anchor=anchor, bold=True)
        else:
            _label(canvas, x, 22, text, ink, bold=True)


def _label(canvas: Canvas, x: float, y: float, text: str, ink: str, *, bold: bool = False) -> None:
    """Centred under its mark, but never past the edge."""
    half = text_width(text, 12) / 2 + 2
    canvas.text(min(max(x, half), canvas.width - half), y, text, ink=ink, size=12, anchor="middle", bold=bold)


def _describe(known: Mapping[str, float], title: str, period: str, scale: Scale) -> str:
    text = f"{title}, {period}. Plan {scale.say(known.get('plan', math.nan))}"
    if "p10" in known and "p90" in known:
        text += f"; eight outcomes in ten lie from {scale.write(known['p10'])} to {scale.write(known['p90'])}"
    if "p50" in known:
        text += f", the middle one is {scale.write(known['p50'])}"
    text += "."
    if "target" in known:
        text += f" Target {scale.write(known['target'])}"
        odds = known.get("probability", math.nan)
        text += f", reached with a probability of {write_odds(odds)}." if math.isfinite(odds) else "."
    return text
