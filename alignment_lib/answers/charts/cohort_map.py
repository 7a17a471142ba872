"""Conversion by cohort of creation and source as a map, young cohorts marked so that none is read as bad."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.ink.lettering import shorten, text_width
from alignment_lib.answers.charts.ink.palette import GOOD, INK, MUTED, PAPER, RULE
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import write_count, write_share

__all__ = ["draw_cohort_map"]

_FAINTEST, _DEEPEST = 0.06, 0.5
"""Shades between which figures can be read in the light and in the dark."""


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
    legend = (
        "Share of the cohort's leads that will be won once all have had their time. Hatched: still young, an "
        "estimate. Dash: no lead."
    )
    return Chart(
        title=title,
        subtitle=f"eventual conversion, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, names, spans, cells),
        sheets=two_sheets(30 * len(names) + 46, 30 * len(names) + 46),
        legend=legend,
    )


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
    paper: Paper, names: list[str], spans: list[str], cells: dict[tuple[str, str], dict[Any, Any]]
) -> None:
    left = min(room_for(names) + 14.0, 0.3 * paper.width)
    height = (paper.height - 46.0) / max(len(names), 1)
    known = [cell["conversion_rate"] for cell in cells.values() if math.isfinite(cell["conversion_rate"])]
    texts = [write_share(rate, 0) for rate in known]
    least = max(room_for(texts) + 10.0, min(room_for(spans, 11.5), 60.0) + 6.0, 20.0)
    most = max(1, int((paper.width - left) // least))
    shown = spans[-most:]
    wide = (paper.width - left) / max(len(shown), 1)
    paper.count_in((left + wide / 2, 26 + height / 2), (wide, height))
    for place, span in enumerate(shown):
        name = shorten(span, wide - 4, 11.5)
        paper.text(left + (place + 0.5) * wide, 18, name, size=11.5, ink=MUTED, anchor="middle")
    for number, source in enumerate(names):
        y = 26.0 + height * number
        paper.text(left - 8, y + height / 2 + 4, shorten(source, left - 10), anchor="end")
        for place, span in enumerate(shown):
            box = (left + place * wide, y, wide, height)
            paper.rect(box[0] + 1, y + 1, wide - 2, height - 2, RULE, opacity=0.3)
            _cell(paper, cells.get((source, span)), box, max([*known, 1e-9]))
    if len(shown) < len(spans):
        words = f"the last {len(shown)} of {write_count(len(spans), 'cohort')}"
        paper.text(paper.width, paper.height - 5, words, size=11, ink=MUTED, anchor="end")


def _cell(
    paper: Paper, cell: dict[Any, Any] | None, box: tuple[float, float, float, float], most: float
) -> None:
    x, y, wide, height = box
    middle, base = x + wide / 2, y + height / 2 + 4
    rate = float("nan") if cell is None else float(cell["conversion_rate"])
    if cell is None or not math.isfinite(rate):
        paper.text(middle, base, "–", size=11.5, ink=MUTED, anchor="middle")
        return
    text, shade = write_share(rate, 0), _FAINTEST + (_DEEPEST - _FAINTEST) * max(rate, 0.0) / most
    count = write_count(int(cell["leads"]), "lead")
    hint = f"{cell['source']}, {cell['cohort']}: {write_share(rate)} of {count}"
    if cell["is_young"]:
        room = text_width(text) + 6
        paper.hatched(x + 1, y + 1, wide - 2, height - 2, hint=hint)
        paper.rect(middle - room / 2, base - 13, room, 18, PAPER)
    else:
        paper.rect(x + 1, y + 1, wide - 2, height - 2, GOOD, hint=hint, opacity=shade)
    paper.text(middle, base, text, ink=INK, anchor="middle")
