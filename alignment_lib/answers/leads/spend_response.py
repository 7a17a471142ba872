"""What the money of each channel brings: the verdict first, then returns with their ranges, and curves."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.leads.response_curves import draw_response_curves
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import join_words, write_count, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["checks_table", "spend_response"]

_TITLE = "What money brings"


@of_the_whole
def spend_response(view: RoundView) -> Answer:
    """The response to spend by channel, with the verdict on it.

    Its frame is the published table ``spend_response`` with the money that one lead (visit, sale) costs
    beside: ``price`` over the last year with its range, and of one more, ``marginal_price``.
    """
    if not view.has_rows("spend_response", "source", "verdict"):
        text = "What money brings appears once there is a table spend beside leads, counts or new sales."
        return nothing_yet("spend_response", _TITLE, text)
    frame = view.table("spend_response").astype({"returns": float, "marginal": float})
    turned = (("returns", "price"), ("marginal", "marginal_price"))
    frame = frame.assign(**{new: 1.0 / frame[old].where(frame[old] > 0) for old, new in turned})
    ends = (("returns_p90", "price_low"), ("returns_p10", "price_high"))
    frame = frame.assign(**{new: 1.0 / frame[old].astype(float).where(frame[old] > 0) for old, new in ends})
    curves, outcome = view.table("spend_curves"), str(frame["outcome"].iloc[0])
    chart = None
    if len(curves):
        chart = draw_response_curves(
            curves, name="spend-response", title=_TITLE, outcome=outcome, currency=view.currency
        )
    return Answer("spend_response", _TITLE, _say(view, frame), frame, chart, _table(view, frame))


def checks_table(view: RoundView) -> Table:
    """Every check of the response with its verdict."""
    rows = view.table("spend_checks")
    rows = rows.assign(source=rows["source"].where(rows["source"] != "", "the whole"))
    columns = [
        Column("about", "looked at"),
        Column("source", "of"),
        Column("verdict", "verdict", "mark"),
        Column("sentence", "what was found"),
    ]
    return Table("Whether the response to spend may be believed", columns, rows)


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    outcome = str(frame["outcome"].iloc[0])
    columns = [
        Column("source", "channel"),
        Column("verdict", "verdict", "mark"),
        Column("money", "money of the last year", "number", view.currency),
        Column("brought", f"{outcome} it brought", "number"),
        Column("price", "money for one", "number", view.currency),
        Column("price_low", "at best", "number", view.currency),
        Column("price_high", "at worst", "number", view.currency),
        Column("marginal_price", "money for one more", "number", view.currency),
    ]
    note = (
        "At best and at worst: eight in ten draws lie between. Where the verdict is fail no figure is shown."
    )
    return Table(f"What one of the {outcome} costs by channel", columns, frame, note=note)


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    rows = list_rows(frame)
    failed = [str(row["source"]) for row in rows if row["verdict"] == "fail"]
    known = [row for row in rows if row["verdict"] != "fail"]
    if not known:
        why = view.table("spend_checks").query("verdict == 'fail'")["sentence"]
        return f"History cannot tell what money brings. {why.iloc[0]}"
    doubtful = [str(row["source"]) for row in known if row["verdict"] == "review"]
    best = min(known, key=lambda row: (row["marginal_price"] != row["marginal_price"], row["marginal_price"]))
    one = str(frame["outcome"].iloc[0]).removesuffix("s")
    text = f"What money brings is known of {write_count(len(known), 'channel')} of {len(rows)}"
    text += f", and wants a second look in {join_words(doubtful)}" if doubtful else ""
    if best["marginal_price"] == best["marginal_price"]:
        price = f"{write_number(best['marginal_price'])} {view.currency}"
        text += f". One more {one} is cheapest in {best['source']}, at about {price}"
    if failed:
        text += f". History cannot tell what {join_words(failed)} {'bring' if len(failed) > 1 else 'brings'}"
    return f"{text}."
