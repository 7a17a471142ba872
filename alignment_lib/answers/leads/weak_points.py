"""Where the funnel loses most money, by side: what each step would bring at its own best or promise."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["weak_points"]

_MOST_ROWS = 12


@of_the_whole
def weak_points(view: RoundView) -> Answer:
    """Weak points by money.

    Returns
    -------
    Answer
        Its frame is the published table ``weak_points``, the dearest first, those without a figure last.
    """
    title = "Weak points by money"
    if not view.has_rows("weak_points", "side", "value", "sentence", "customers"):
        text = "Weak points by money appear once the workspace has a leads table with outcomes."
        return nothing_yet("weak_points", title, text)
    frame = view.table("weak_points")
    frame = frame.sort_values("value", ascending=False, kind="stable", na_position="last", ignore_index=True)
    valued = frame[frame["value"].notna() & (frame["value"] > 0)]
    if set(frame["stage"]) == {"none"}:
        return Answer("weak_points", title, str(frame["sentence"].iloc[0]), frame, None, None)
    scale = choose_scale(valued["value"], view.currency)
    words = []
    if len(valued):
        first = valued.iloc[0]
        words.append(
            f"The largest weak point is worth {scale.say(float(first['value']))}: {first['sentence']}"
        )
    for side, own in valued.groupby("side", sort=True):
        worth = scale.say(float(own["value"].max()))
        words.append(f"On the side of {side}: {write_count(len(own), 'place')}, the dearest worth {worth}.")
    columns = [
        Column("sentence", "Weak point"),
        Column("side", "Side"),
        Column("customers", "Customers", "number"),
        Column("value", "Worth", "amount"),
    ]
    shown = frame.head(_MOST_ROWS)
    note = (
        "Worth: what the step would have brought at its usual rate or at its promise. Points overlap, so "
        "their sum is not what all together would bring."
    )
    caption = f"Weak points by money, {len(shown)} of {len(frame)}, {scale.unit}"
    table = Table(caption, columns, pd.DataFrame(shown), scale, None, note, "wordy")
    return Answer("weak_points", title, " ".join(words), frame, None, table)
