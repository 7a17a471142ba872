"""What moves the plan most: the plan worked out anew at both ends of every counted claim's range."""

from __future__ import annotations

from collections.abc import Mapping

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import ask, refuse
from alignment_lib.answers.swings import draw_swings, pick_swings, say_widest
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise
from alignment_lib.rounds.view import RoundView

__all__ = ["swings"]


def swings(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """How far each counted claim moves a span between its low and its high value, all else as planned.

    Parameters
    ----------
    view : RoundView
        The round.
    span, scenario
        As `ask` takes them.
    part
        Refused: swings are worked out for all sales.

    Returns
    -------
    Answer
        Its frame is the published table ``sensitivity`` of the scenario and the span.
    """
    refuse("swings", part=part)
    question = ask(view, span=span, scenario=scenario)
    title = f"What moves the plan most, {question.words}, {humanise(question.scenario).lower()}"
    table = view.table("sensitivity")
    if view.has_rows("sensitivity", "label", "at_low", "at_high"):
        table = table[(table["scenario"] == question.scenario) & (table["label"] == question.span)]
    names = dict(view.table("assumptions").reindex(columns=["id", "title"]).astype(str).to_numpy().tolist())
    shown = pick_swings(table, question.span, lambda one: f"{one} {names.get(one, '')}".strip())
    if shown.empty:
        return nothing_yet(
            "swings", title, "No counted assumption states a range that moves this plan: give low and high."
        )
    columns = [Column("label", "assumption"), Column("low", "at its low", "amount", signed=True)]
    columns.append(Column("high", "at its high", "amount", signed=True))
    scale = choose_scale([*shown["low"], *shown["high"]], view.unit)
    return Answer(
        "swings",
        title,
        say_widest(shown, view.unit),
        table.reset_index(drop=True),
        draw_swings(shown, view.unit, question.span, question.scenario),
        Table(title, columns, shown, scale, note="One assumption at a time, all else as planned."),
    )
