"""Opening a round in a notebook, and the frame every display stands in."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.tables import Column, Table, guess_columns, render_table
from alignment_lib.answers.wording import Scale, say_value, write_date
from alignment_lib.app.notebooks import find_beside, find_reports
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, prepare_round

__all__ = [
    "describe_round",
    "dimension_columns",
    "facts",
    "open_round",
    "plain_table",
    "remark",
    "say_members",
    "show",
    "unit_of",
]


def open_round(workspace: str, round_name: str = "", as_of: str = "") -> PreparedRound:
    """Read a workspace and forecast its round, keeping fitted baselines for the next notebook.

    Acceptances and rejections count as they stand in the round's log under ``reports/``, as in a plan.

    Parameters
    ----------
    workspace : str
        Folder with ``planning.toml``, relative to the notebook or absolute.
    round_name : str
        ``2026Q1``, ``2026-03`` or ``2026``; blank for the one after the last sales.
    as_of : str
        The wall, as ``2026-01-01``; blank for the round's first day.

    Raises
    ------
    InputError
        With every problem found in the workspace.
    """
    reports = find_reports()
    cache = reports / ".cache" if reports is not None else None
    return prepare_round(ask_round(find_beside(workspace), round_name, as_of, cache, reports))


def describe_round(ready: PreparedRound) -> Html:
    """The round in a line: whose, which, as of when, and how much history stands behind it."""
    history, planned = ready.history, ready.round
    return show(
        facts(
            [
                ("Business", ready.workspace.settings.business.name, ""),
                ("Round", planned.name, f"as of {write_date(planned.as_of)}"),
                (
                    "History",
                    f"{len(history.periods):,} {ready.workspace.calendar.grain}s",
                    f"{write_date(history.periods[0])} to {write_date(history.periods[-1])}",
                ),
                (
                    "Series",
                    f"{len(history.keys):,}",
                    " × ".join(column.title for column in dimension_columns(ready)),
                ),
                ("Assumptions", f"{len(ready.register):,}", "in the register"),
            ]
        )
    )


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
