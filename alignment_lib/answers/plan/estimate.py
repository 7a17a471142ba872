"""Where spans under way will end as seen now: what was sold, and what is planned for the rest."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, say_span
from alignment_lib.rounds.view import RoundView

__all__ = ["estimate"]


@of_the_whole
def estimate(view: RoundView) -> Answer:
    """The latest estimate of every span that has begun.

    Returns
    -------
    Answer
        Its frame is the published table ``estimate`` as far as something of a span has been sold.
    """
    title, table = "Where we will end as seen now", view.table("estimate")
    under_way = (
        table[table["actual"] != 0] if view.has_rows("estimate", "span", "actual", "estimate") else table
    )
    if under_way.empty:
        text = "The latest estimate appears once some periods of the round have been sold."
        return nothing_yet("estimate", title, text)
    rows = under_way.assign(what=[say_span(str(label)) for label in under_way["label"]])
    scale = choose_scale(rows["estimate"], view.unit)
    columns = [Column("what", "Span"), Column("actual", "Sold", "amount")]
    columns += [
        Column("open_plan", "Planned for the rest", "amount"),
        Column("estimate", "Estimate", "amount"),
    ]
    if rows["signed_plan"].notna().any():
        columns.append(Column("signed_plan", "Plan made before", "amount"))
        columns.append(Column("gap", "Estimate less plan", "amount", signed=True))
    last = list_rows(rows)[-1]
    text = (
        f"{last['what']} will end at about {scale.say(last['estimate'])}: {scale.write(last['actual'])} sold "
        f"and {scale.write(last['open_plan'])} planned for the rest."
    )
    shown = Table(f"Latest estimate, {scale.unit}", columns, rows, scale)
    return Answer("estimate", title, text, under_way.reset_index(drop=True), None, shown)
