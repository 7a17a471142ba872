"""What was odd in the history and dealt with by a stated rule: every rule, and the largest treatments."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.past.provenance import say_cleaning
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import humanise, say_value, write_count
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["cleaning"]

_TITLE = "Rules of cleaning"
_LARGEST = "The largest treatments, the value as read kept beside"
_NOTE = "A rule that found nothing was looked for all the same. Nothing in the files is changed."
_DRIVERS = " With drivers these are not applied: the driver model reads what was sold and explains spikes."
_MOST = 15


@of_the_whole
def cleaning(view: RoundView, *, by: str = "rule") -> Answer:
    """What was treated in the history before it was forecast.

    Parameters
    ----------
    view : RoundView
        The round.
    by : {"rule", "value"}
        Every rule with how often it applied, or the values that were treated, the largest change first.

    Returns
    -------
    Answer
        Its frame: ``rule, text, periods, series``; by value the dimensions, ``period, rule, original,
        cleaned``.
    """
    by = check_word(by, ["rule", "value"], "choice of by")
    rules = view.table("cleaning")
    if rules.empty:
        text = "This round was published without it; open its workspace with al.open_round to see it."
        return nothing_yet("cleaning", _TITLE, text)
    if by == "value":
        return _by_value(view)
    columns = [
        Column("name", "rule"),
        Column("text", "what it does"),
        Column("periods", "periods", "number"),
        Column("series", "series", "number"),
    ]
    note = _NOTE + (_DRIVERS if view.has_rows("driver_effects") else "")
    rows = rules.assign(name=rules["rule"].map(humanise))
    shown = Table(_TITLE, columns, rows, note=note)
    return Answer("cleaning", _TITLE, say_cleaning(view), rules, None, shown)


def _by_value(view: RoundView) -> Answer:
    frame = view.table("treatments")
    if frame.empty:
        return Answer("cleaning", _LARGEST, "No value of the history was treated.", frame)
    size = (frame["cleaned"] - frame["original"].fillna(0.0)).abs()
    frame = frame.loc[size.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)
    said = frame.head(_MOST).assign(rule=frame["rule"].map(humanise))
    said = said.assign(**{name: said[name].map(say_value) for name in view.dimensions})
    columns = [
        *(Column(name, name.replace("_", " ")) for name in view.dimensions),
        Column("period", "period", "date"),
        Column("rule", "rule", "mark"),
        Column("original", "as read", "number", view.unit),
        Column("cleaned", "as cleaned", "number", view.unit),
    ]
    left = len(frame) - len(said)
    note = f"{write_count(left, 'smaller one is', 'smaller ones are')} not listed." if left else ""
    text = f"{write_count(len(frame), 'value')} of the history were treated, a stated rule each."
    return Answer("cleaning", _LARGEST, text, frame, None, Table(_LARGEST, columns, said, note=note))
