"""One line that answers the first question: where the plan lies, what may come, where the target is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from alignment_lib.answers.charts.ink.lettering import text_width
from alignment_lib.answers.charts.ink.palette import BAND, FORECAST, INK, MUTED, TARGET
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import spread
from alignment_lib.answers.charts.notation import Chart, two_sheets
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
    legend = "Shaded band: eight outcomes in ten (P10 to P90); thin line: nineteen in twenty (P2.5 to P97.5)."
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, known, scale),
        sheets=two_sheets(98, 98),
        legend=legend,
    )


def _draw(paper: Paper, known: Mapping[str, float], scale: Scale) -> None:
    amounts = [known[key] for key in ("plan", "p2_5", "p10", "p90", "p97_5", "target") if key in known]
    if not amounts:
        return
    low, high = min(amounts), max(amounts)
    margin, axis = 44.0, 54.0
    per = (paper.width - 2 * margin) / ((high - low) or 1.0)
    at = {key: margin + (known[key] - low) * per for key in known}
    paper.count_in((margin - low * per, axis), (per, 1.0))
    if "p2_5" in known and "p97_5" in known:
        paper.line(at["p2_5"], axis, at["p97_5"], axis, FORECAST, 1.5)
    if "p10" in known and "p90" in known:
        paper.rect(at["p10"], axis - 12, at["p90"] - at["p10"], 24, BAND)
        paper.rect(at["p10"], axis - 12, 1.5, 24, FORECAST)
        paper.rect(at["p90"] - 1.5, axis - 12, 1.5, 24, FORECAST)
        below = [(at[key], f"{key.upper()} {scale.write(known[key])}", MUTED) for key in ("p10", "p90")]
        _write_row(paper, below, (axis + 27, axis + 40), bold=False)
    if "p50" in known:
        paper.line(at["p50"], axis - 12, at["p50"], axis + 12, FORECAST, 1.5)
    above = []
    if "plan" in known:
        paper.line(at["plan"], axis - 22, at["plan"], axis + 12, INK, 3)
        above.append((at["plan"], f"plan {scale.write(known['plan'])}", INK))
    if "target" in known:
        paper.line(at["target"], axis - 22, at["target"], axis + 12, TARGET, 1.2, (4, 3))
        paper.diamond(at["target"], axis, 6, TARGET)
        above.append((at["target"], f"target {scale.write(known['target'])}", TARGET))
    _write_row(paper, above, (26.0, 12.0), bold=True)


def _write_row(
    paper: Paper, texts: Sequence[tuple[float, str, str]], lines: tuple[float, float], *, bold: bool
) -> None:
    """Texts over their marks, side by side; one above the other where a row has no room for both."""
    ordered = sorted(texts, key=lambda item: item[0])
    wide = [text_width(text, 12, bold=bold) for _, text, _ in ordered]
    wanted = [(item[0], width) for item, width in zip(ordered, wide, strict=True)]
    middles = spread(wanted, 2, paper.width - 2)
    for number, (_, text, ink) in enumerate(ordered):
        alone = spread(wanted[number : number + 1], 2, paper.width - 2) or [paper.width / 2]
        x, y = (middles[number], lines[0]) if middles else (alone[0], lines[number % 2])
        paper.text(x, y, text, ink=ink, size=12, anchor="middle", bold=bold)


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
