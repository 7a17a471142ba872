"""The money at stake of every item, one of them in full ink: where it stands among the others."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import ACTUAL, INK, MUTED, PRIOR, Chart
from alignment_lib.answers.wording import choose_scale

__all__ = ["draw_stakes"]


def draw_stakes(items: pd.DataFrame, place: int, *, name: str, title: str, unit: str) -> Chart:
    """One thin bar an item, in the order given.

    Parameters
    ----------
    items : DataFrame
        ``place, title, money``.
    place : int
        The item in full ink.

    Examples
    --------
    >>> items = pd.DataFrame({"place": [1, 2], "title": ["Gap", "Action"], "money": [300.0, 120.0]})
    >>> draw_stakes(items, 2, name="doc", title="At stake", unit="EUR").alt
    'At stake: Action, 120 EUR; item 2 of 2 by money, the first is worth 300 EUR.'
    """
    scale = choose_scale(items["money"], unit)
    own = items[items["place"] == place].iloc[0]
    first = float(items["money"].abs().iloc[0])
    alt = (
        f"{title}: {own['title']}, {scale.say(abs(float(own['money'])))}; item {place} of {len(items)} by "
        f"money, the first is worth {scale.say(first)}."
    )
    drawings = []
    for width, variant in ((960.0, "wide"), (350.0, "narrow")):
        canvas = Canvas(width, 17.0 * len(items) + 8, f"{name}-{variant}")
        left, right = (30.0, width - 70.0) if width < 500 else (312.0, width - 110.0)
        for number, row in enumerate(items.to_dict("records")):
            y, money = 17.0 * number + 3, abs(float(row["money"]))
            chosen = row["place"] == place
            label = (
                str(row["place"]) if width < 500 else shorten(f"{row['place']}. {row['title']}", 270, 11.5)
            )
            ink = INK if chosen else MUTED
            canvas.text(left - 10, y + 11, label, size=11.5, anchor="end", bold=chosen, ink=ink)
            length = (right - left) * money / (first or 1.0)
            canvas.rect(left, y + 2, max(length, 1.0), 11, ACTUAL if chosen else PRIOR)
            if chosen:
                canvas.text(left + length + 6, y + 12, scale.write(money), size=11.5, bold=True)
        drawings.append(canvas.render(alt))
    return Chart(title, f"in {scale.unit}", alt, drawings[0], drawings[1])
