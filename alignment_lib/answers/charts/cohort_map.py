"""Conversion by cohort of creation and source as a map, young cohorts marked so that none is read as bad."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import GOOD, INK, MUTED, PAPER, RULE, Chart
from alignment_lib.answers.wording import write_count, write_share

__all__ = ["draw_cohort_map"]

_DARK = 0.55


def draw_cohort_map(cohorts: pd.DataFrame, *, name: str, title: str, period: str) -> Chart:
    r"""Cohorts from left to right, sources top to bottom; the darker, the more of its leads are won.

    Parameters
    ----------
    cohorts : DataFrame
        ``cohort, source, leads, conversion_rate`` (eventual) and ``is_young``.

    Examples
    --------
    >>> rows = pd.DataFrame({"cohort": ["2025Q4"], "source": ["web"], "leads": [40], "is_young": [True]})
    >>> rows = rows.assign(conversion_rate=0.2)
    >>> chart = draw_cohort_map(rows, name="doc", title="Cohorts", period="2025")
    >>> chart.alt.replace("\u202f", " ")
    'Cohorts, 2025. web: 2025Q4 20 % (young, 40 leads).'
    """
    names = list(dict.fromkeys(cohorts["source"].astype(str)))
    spans = sorted(set(cohorts["cohort"].astype(str)))
    cells = {(str(row["source"]), str(row["cohort"])): row for row in cohorts.to_dict("records")}
    words = [f"{source}: {', '.join(_cells_in_words(source, spans, cells))}" for source in names]
    alt = f"{title}, {period}. {'; '.join(words)}."
    drawings = []
    for width, variant in ((960.0, "wide"), (350.0, "narrow")):
        shown = spans if width > 500 else spans[-4:]
        canvas = Canvas(width, 30 * len(names) + 30, f"{name}-{variant}")
        _draw(canvas, names, shown, cells)
        drawings.append(canvas.render(alt))
    legend = (
        "Share of the cohort's leads that will be won once all have had their time. Hatched: still young, an "
        "estimate. Dash: no lead."
    )
    return Chart(title, f"eventual conversion, {period}", alt, drawings[0], drawings[1], legend)


def _cells_in_words(source: str, spans: list[str], cells: dict[tuple[str, str], dict[Any, Any]]) -> list[str]:
    words = []
    for span in spans:
        cell = cells.get((source, span))
        if cell is not None and math.isfinite(cell["conversion_rate"]):
            young = "young, " if cell["is_young"] else ""
            count = write_count(int(cell["leads"]), "lead")
            words.append(f"{span} {write_share(cell['conversion_rate'], 0)} ({young}{count})")
    return words


def _draw(
    canvas: Canvas, names: list[str], spans: list[str], cells: dict[tuple[str, str], dict[Any, Any]]
) -> None:
    left = 88.0 if canvas.width < 500 else 150.0
    wide = (canvas.width - left) / max(len(spans), 1)
    known = [cell["conversion_rate"] for cell in cells.values() if math.isfinite(cell["conversion_rate"])]
    most = max([*known, 1e-9])
    for place, span in enumerate(spans):
        canvas.text(
            left + (place + 0.5) * wide, 18, shorten(span, wide), size=11.5, ink=MUTED, anchor="middle"
        )
    for number, source in enumerate(names):
        y = 26.0 + 30 * number
        canvas.text(left - 8, y + 19, shorten(source, left - 10, 12), size=12, anchor="end")
        for place, span in enumerate(spans):
            x = left + place * wide
            canvas.rect(x + 1, y + 1, wide - 2, 28, RULE, opacity=0.3)
            _cell(canvas, cells.get((source, span)), (x, y, wide), most)


def _cell(canvas: Canvas, cell: dict[Any, Any] | None, box: tuple[float, float, float], most: float) -> None:
    x, y, wide = box
    rate = float("nan") if cell is None else float(cell["conversion_rate"])
    if cell is None or not math.isfinite(rate):
        canvas.text(x + wide / 2, y + 19, "–", size=11.5, ink=MUTED, anchor="middle")
        return
    share = rate / most
    count = write_count(int(cell["leads"]), "lead")
    hint = f"{cell['source']}, {cell['cohort']}: {write_share(rate)} of {count}"
    if cell["is_young"]:
        canvas.hatched(x + 1, y + 1, wide - 2, 28, hint=hint)
        canvas.rect(x + wide / 2 - 21, y + 6, 42, 18, PAPER)
    else:
        canvas.rect(x + 1, y + 1, wide - 2, 28, GOOD, hint=hint, opacity=0.08 + 0.87 * share)
    ink = PAPER if share > _DARK and not cell["is_young"] else INK
    canvas.text(x + wide / 2, y + 19, write_share(rate, 0), size=12, ink=ink, anchor="middle")
