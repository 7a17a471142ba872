"""The six factors a plan from statistics leaves out: which were thought of, with what behind them."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import choose_scale, join_words, say_value, write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["cover", "coverage"]

_ASK = "not considered; to be asked: "


@of_the_whole
def coverage(view: RoundView) -> Answer:
    """Market, customers, every type of sale, new products, promotions, internet: thought of, or whom to ask.

    Returns
    -------
    Answer
        Its frame is the published table ``coverage``.
    """
    if not view.has_rows("coverage", "title", "considered", "effect", "revenue"):
        text = "The six factors, covered or not, appear once a round has stored them."
        return nothing_yet("coverage", "The six factors", text)
    return cover(view.table("coverage"), view.unit, "" if view.measure == "revenue" else view.currency)


def cover(table: pd.DataFrame, unit: str, currency: str) -> Answer:
    """Which factors were thought of, the money they move and what stands behind them, or whom to ask.

    Parameters
    ----------
    table : DataFrame
        As `factor_coverage` gives it.
    unit : str
        Of the plan's measure.
    currency : str
        Of the money, blank where the measure is money itself.
    """
    rows = table.assign(
        state=table["considered"].map({True: "covered", False: "not covered"}),
        rests=[_say_support(row) for row in list_rows(table)],
    )
    missing = rows.loc[~table["considered"].astype(bool), "title"].tolist()
    text = (
        f"{len(rows) - len(missing) or 'None'} of {len(rows)} factors are covered by an assumption or by the "
        "driver calendar."
    )
    if missing:
        text += f" Nobody has spoken to {join_words([str(name).lower() for name in missing])}."
    columns = [
        Column("title", "Factor"),
        Column("state", "State", "mark"),
        Column("rests", "What speaks to it"),
        Column("effect", "Over the horizon, as proposed", "amount", signed=True),
    ]
    if currency and rows["revenue"].notna().any():
        columns.append(Column("revenue", "In money", "number", unit=currency, signed=True))
    scale = choose_scale(rows["effect"], unit)
    note = "An assumption may speak to several factors, so the rows do not add up."
    shown = Table(f"Six factors, {scale.unit}", columns, rows, scale, None, note, "wordy")
    return Answer("coverage", "The six factors", text, table, None, shown)


def _say_support(row: dict[str, object]) -> str:
    if not row["considered"]:
        asked = str(row.get("ask") or "").removeprefix(_ASK)
        return f"Ask {asked}." if asked else "Nothing."
    words = []
    ids = [name for name in str(row.get("assumptions") or "").split("; ") if name]
    if ids:
        words.append(
            f"{join_words(ids)} ({_count(row['supported'])} supported by history, "
            f"{_count(row['no_history'])} without history)"
        )
    drivers = [say_value(name).lower() for name in str(row.get("drivers") or "").split("; ") if name]
    if drivers:
        words.append(f"the calendar of {join_words(drivers)}")
    if not words:
        words.append(str(row.get("evidence") or ""))
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def _count(value: object) -> str:
    return write_number(float(value)) if isinstance(value, int | float) else "0"
