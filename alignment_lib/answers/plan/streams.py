"""Who expects what: the same span as each function sees it."""

from __future__ import annotations

from collections.abc import Mapping

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import ask, refuse
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise
from alignment_lib.rounds.view import RoundView

__all__ = ["streams"]

_ORDER = ("naive", "baseline")


def streams(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Answer:
    """Each function's figure: its own forecast where it handed one in, else the plan of its own claims.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part
        As `ask` takes them.
    scenario : str, optional
        Refused: streams lead to the consensus.

    Returns
    -------
    Answer
        Its frame holds ``stream, value, change`` (from the baseline) and ``wape``, how far off the stream
        was in earlier rounds.
    """
    refuse("streams", scenario=scenario)
    question = ask(view, span=span, part=part)
    title = f"Who expects what, {question.words}"
    rows = question.rows("streams")
    if rows.empty:
        return nothing_yet("streams", title, "This round has stored no streams.")
    sums = rows.groupby("stream", sort=False)["value"].sum()
    frame = sums.rename("value").reset_index()
    frame["change"] = frame["value"] - float(sums.get("baseline", float("nan")))
    frame["wape"] = frame["stream"].map(_past_errors(view))
    scale = choose_scale(frame["value"], view.unit)
    columns = [
        Column("said", "stream"),
        Column("value", "expects", "amount"),
        Column("change", "against the baseline", "amount", signed=True),
    ]
    if frame["wape"].notna().any():
        columns.append(Column("wape", "off in earlier rounds", "share", "of a round's sales"))
    shown = Table(title, columns, frame.assign(said=frame["stream"].map(humanise)), scale)
    spoken = frame[~frame["stream"].isin(_ORDER)]
    low, high = spoken["value"].min(), spoken["value"].max()
    sentence = f"Between the lowest and the highest of them lie {scale.say(high - low)}."
    return Answer("streams", title, sentence, frame, shown=shown)


def _past_errors(view: RoundView) -> dict[str, float]:
    """Error of each stream over all closed rounds, in the round's own sums."""
    table = view.table("value_added")
    if table.empty:
        return {}
    whole = table[(table["round"] == "") & (table["level"] == "total") & (table["span"] == view.cycle)]
    whole = whole[whole["lag"] == 1]
    return dict(zip(whole["stream"].astype(str), whole["wape"].astype(float), strict=True))
