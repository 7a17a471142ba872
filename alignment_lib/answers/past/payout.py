"""What the incentive scheme pays: the statement, what each result would pay, and what gaming gains."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, refuse
from alignment_lib.answers.tables import Column, Table, list_rows, sum_columns
from alignment_lib.answers.wording import choose_scale, humanise, join_words, write_share
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.rounds.view import RoundView

__all__ = ["gaming", "payout", "results_table"]

_TITLE = "What the scheme pays"


def payout(view: RoundView, *, played: bool = False, **asked: Unpack[Asked]) -> Answer:
    """The statement of the last closed round, line by line; `played`: what gaming the scheme would gain."""
    span, part, scenario = asked.get("span"), asked.get("part"), asked.get("scenario")
    refuse("payout", part=part, scenario=scenario)
    if played:
        return gaming(view)
    table = view.table("payout")
    if table.empty:
        text = "No scheme is set: what it pays appears once a section [incentives] of planning.toml is there."
        return nothing_yet("payout", _TITLE, text)
    statements = table[table["view"] == "statement"]
    if statements.empty:
        return nothing_yet("payout", _TITLE, "No round has closed yet: the statement appears when one has.")
    rounds = sorted(statements["round"].astype(str).unique())
    closed = check_word(span, rounds, "closed round") if span else rounds[-1]
    statement = statements[statements["round"] == closed]
    totals, lines = statement[statement["part"] == "total"], statement[statement["part"] != "total"]
    scale = choose_scale([float(lines["amount"].sum()), *lines["at_target"]], view.currency)
    named = [
        f"{row['function']} {scale.write(float(row['amount']))} of {scale.write(float(row['at_target']))}"
        for row in list_rows(totals)
    ]
    text = f"At the results of {closed} the scheme pays {scale.say(float(lines['amount'].sum()))}"
    text += f": {join_words(named)}." if named else "."
    text = f"{text} {_story(view, closed)}".rstrip()
    columns = [
        Column("what", "Paid for", below="part"),
        Column("function", "Function"),
        Column("result", "Result", "share", "of what was agreed", 0),
        Column("at_target", "On target", "amount"),
        Column("amount", "Paid", "amount"),
        Column("sentence", "In words"),
    ]
    shown = Table(
        f"Payout of {closed}, line by line, {scale.unit}",
        columns,
        lines.assign(what=lines["measure"].map(humanise)),
        scale,
        {"what": "All", **sum_columns(lines, ["at_target", "amount"])},
        classes="wordy",
    )
    return Answer("payout", f"{_TITLE}, {closed}", text, statement.reset_index(drop=True), shown=shown)


def _story(view: RoundView, closed: str) -> str:
    """What the round came to against its plan, in the words of the look back."""
    rows = view.table("variance")
    if rows.empty:
        return ""
    return say_reconciled(rows[(rows["round"] == closed) & (rows["against"] == "plan")], view.currency)


def results_table(view: RoundView) -> Table | None:
    """What each result would pay, before the quarter begins; None where no scheme is set."""
    table = view.table("payout")
    before = table[table["view"] == "function"] if len(table) else table
    if before.empty:
        return None
    keys = ["function", "part", "measure"]
    wide = before.pivot_table(index=keys, columns="result", values="amount", sort=False).reset_index()
    results = sorted(set(before["result"]))
    named = wide.rename(columns={result: f"at {result:g}" for result in results})
    columns = [Column("measure", "paid for", below="part"), Column("function", "function")]
    columns += [Column(f"at {result:g}", write_share(result, 0), "amount") for result in results]
    scale = choose_scale(before["amount"], view.currency)
    note = "Result as a share of what was agreed; between the columns the payout is a straight line."
    caption = f"What {before['round'].iloc[0]} would pay by result, {scale.unit}"
    return Table(caption, columns, named, scale, None, note)


def gaming(view: RoundView) -> Answer:
    """What playing the scheme would gain, and what a truth-telling bonus would make of it."""
    title = "The scheme played against, in simulation"
    table = view.table("payout")
    plays = table[(table["view"] == "gaming") & (table["measure"] != "honest")] if len(table) else table
    if plays.empty:
        return nothing_yet("gaming", title, "No scheme is set, so there is nothing to play against.")
    # Rounds published before the error was: what gains at all is said.
    plays = plays.reindex(columns=[*table.columns.union(["amount_error", "gonik_amount"], sort=False)])
    sure = plays["amount"] > 2 * plays["amount_error"].fillna(0.0)
    pays = sorted(set(plays.loc[sure, "measure"].astype(str)))
    text = (
        f"Under this scheme {join_words(pays)} would pay: agree plans from evidence, or pay by Gonik's rule, "
        "under which the truth earns most."
        if pays
        else "Neither sandbagging, overclaiming nor lead stuffing would pay under this scheme."
    )
    columns = [
        Column("measure", "play"),
        Column("function", "function"),
        Column("amount", "gain under this scheme", "number", view.currency, signed=True),
        Column("gonik_amount", "gain under Gonik's bonus", "number", view.currency, signed=True),
        Column("sentence", "in words"),
    ]
    frame: pd.DataFrame = plays.reset_index(drop=True)
    return Answer("gaming", title, text, frame, shown=Table(title, columns, frame, choose_scale([0.0], "")))
