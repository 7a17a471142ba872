"""The frame every display of a notebook stands in, and the words its tables share."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.tables import Column, Table, guess_columns, render_table
from alignment_lib.answers.wording import Scale, say_value
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = [
    "dimension_columns",
    "facts",
    "plain_table",
    "remark",
    "say_members",
    "show",
    "unit_of",
]


def show(*parts: Html | Chart | pd.DataFrame | str | None) -> Html:
    """Parts one below the other in the notebook's frame; text becomes a paragraph, a frame a table."""
    pieces = [_piece(part) for part in parts if part is not None]
    return framed(*pieces)


def remark(text: str) -> Html:
    """A sentence set small, for how to read something."""
    return tag("p", text, class_="note")


def facts(items: list[tuple[str, str, str]]) -> Html:
    """Figures in a line: label, value and a remark each."""
    return tag(
        "dl",
        *(
            tag("div", tag("dt", label), tag("dd", value, tag("small", note) if note else None))
            for label, value, note in items
        ),
    )


def dimension_columns(ready: PreparedRound) -> list[Column]:
    """The dimensions as the first columns of a table, their names in words."""
    return [Column(name, name.replace("_", " ")) for name in ready.dimensions]


def say_members(ready: PreparedRound, frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose dimensions hold words: what is named for machines is said, all else stays as typed."""
    return frame.assign(**{name: frame[name].map(say_value) for name in ready.dimensions})


def unit_of(ready: PreparedRound) -> str:
    """What the plan is counted in: units, or the currency."""
    measure = ready.history.measure
    return ready.workspace.settings.business.currency if measure == "revenue" else measure


def plain_table(
    frame: pd.DataFrame, caption: str, columns: list[Column] | None = None, note: str = ""
) -> Html:
    """A frame as a table, with columns guessed where none are given."""
    used = guess_columns(frame) if columns is None else columns
    return render_table(Table(caption, used, frame, Scale(1.0, 0, ""), note=note))


def _piece(part: Html | Chart | pd.DataFrame | str) -> Html:
    if isinstance(part, Html):
        return part
    if isinstance(part, Chart):
        return part.to_html()
    if isinstance(part, pd.DataFrame):
        return plain_table(part, "")
    return tag("p", part)
