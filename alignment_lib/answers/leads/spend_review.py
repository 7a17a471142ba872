"""What became of marketing's money in the last closed round: planned, spent, and what a lead came to cost."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import join_words, say_span, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["planned_money", "spend_review", "tell_spend"]

_TITLE = "What became of marketing's money"


@of_the_whole
def spend_review(view: RoundView) -> Answer:
    """Planned against actual spend of the last closed round, with leads and money for one, by source.

    Its frame is the published table ``spend_review``.
    """
    if not view.has_rows("spend_review", "source", "actual"):
        text = "What became of marketing's money appears once there is a spend table and a closed round."
        return nothing_yet("spend_review", _TITLE, text)
    return tell_spend(view.table("spend_review"), view.currency)


def tell_spend(frame: pd.DataFrame, currency: str) -> Answer:
    """The answer from the table itself, for a face that has no round at hand."""
    whole, rows = frame[frame["source"] == ""].iloc[0], frame[frame["source"] != ""]
    word = "planned" if whole["against"] == "plan" else "the year before"
    columns = [
        Column("source", "source"),
        Column("reference", word, "number", currency),
        Column("actual", "spent", "number", currency),
        Column("leads_reference", f"leads, {'expected' if word == 'planned' else word}", "number"),
        Column("leads", "leads that came", "number"),
        Column("money_per_lead_reference", f"money for one, {word}", "number", currency),
        Column("money_per_lead", "money for one", "number", currency),
    ]
    total = {"source": "All sources"} | {
        column.key: float(whole[column.key]) for column in columns if column.kind == "number"
    }
    note = "Leads of a source came with its money, not all of them from it: what money brings by itself is "
    note += "the question spend_response."
    label = say_span(str(whole["round"]))
    shown = Table(f"Marketing's money of {label} by source", columns, rows, total=total, note=note)
    return Answer("spend_review", _TITLE, _say(currency, whole, rows, label), frame, None, shown)


def _say(currency: str, whole: pd.Series, rows: pd.DataFrame, label: str) -> str:
    spent, planned = float(whole["actual"]), float(whole["reference"])
    text = f"In {label} {write_number(spent)} {currency} went into marketing"
    if math.isfinite(planned):
        side = "more" if spent >= planned else "less"
        word = "planned" if whole["against"] == "plan" else "in the year before"
        text += f", {write_number(abs(spent - planned))} {side} than {word}"
    now, before = float(whole["money_per_lead"]), float(whole["money_per_lead_reference"])
    if math.isfinite(now):
        text += f"; a lead came with {write_number(now)} {currency} of it"
        text += f", where {write_number(before)} was {_word(whole)}" if math.isfinite(before) else ""
    away = sorted(list_rows(rows), key=lambda row: -abs(row["actual"] - row["reference"]))
    if away and abs(away[0]["actual"] - away[0]["reference"]) >= 0.5:
        change = write_number(away[0]["actual"] - away[0]["reference"], signed=True)
        text += f". Most of the difference is {away[0]['source']} ({change})"
    return f"{text}."


def _word(whole: pd.Series) -> str:
    return "expected" if whole["against"] == "plan" else "so in the year before"


def planned_money(frame: pd.DataFrame, currency: str, label: str) -> Table:
    """Money of a round's open periods by source: as planned, signed for, and what its budgets add.

    Parameters
    ----------
    frame : DataFrame
        The published table ``spend_plan``, of those periods.
    currency, label : str
    """
    names = ["planned", "committed", "shifted"]
    sums = frame.groupby("source", sort=True)[names].sum().reset_index()
    sums["all"] = sums["planned"] + sums["shifted"]
    filled = frame.loc[frame["is_filled"].astype(bool), "source"].unique()
    columns = [
        Column("source", "source"),
        Column("planned", "planned", "number", currency),
        Column("committed", "of it committed", "number", currency),
        Column("shifted", "budgets add", "number", currency, signed=True),
        Column("all", "in all", "number", currency),
    ]
    total = {"source": "All sources"} | {name: float(sums[name].sum()) for name in [*names, "all"]}
    named = join_words([str(name) for name in sorted(filled)])
    note = f"Nobody planned {named}: a year before stands in." if named else ""
    return Table(f"Marketing's money of {label} by source", columns, sums, total=total, note=note)
