"""Quality of leads against their handling, and what would have been, without a name."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.rounds.view import RoundView

__all__ = ["handled"]

_TITLE = "Quality of leads against their handling"
_NOTE = "By the win model of the company's own leads, and no proof of cause."


@of_the_whole
def handled(view: RoundView, *, against: str = "") -> Answer:
    """How much of the change in won leads is the quality of leads, and how much their handling.

    Parameters
    ----------
    view : RoundView
        The round; it looks back on the last one that had closed.
    against : str
        ``the year before``, or an earlier round such as ``2025Q3``. Blank: the first that is known, with what
        would have been, had the promise been kept and the quality been as planned.

    Returns
    -------
    Answer
        Its frame: a row a source, all of them (blank) first.
    """
    table = view.table("handled")
    kept = [] if against else _say_kept(view)
    if table.empty:
        text = "There are no leads with outcomes to tell quality and handling apart."
        told = Answer("handled", _TITLE, " ".join(kept), table)
        return told if kept else nothing_yet("handled", _TITLE, text)
    known = list(dict.fromkeys(table["against"]))
    chosen = check_word(against or known[0], known, "reference")
    split = table[table["against"] == chosen].reset_index(drop=True)
    rows = split.assign(name=split["source"].fillna("").replace("", "all sources"))
    for side in ("quality", "handling"):
        ends = zip(split[f"{side}_low"], split[f"{side}_high"], strict=True)
        rows[f"{side}_range"] = [f"{Said(low):+,.1f} to {Said(high):+,.1f}" for low, high in ends]
    columns = [
        Column("name", "source"),
        Column("leads", "leads due", "number"),
        Column("rate_before", "chance to win before", "share", "by the model"),
        Column("rate_after", "chance to win now", "share", "by the model"),
        Column("quality", "lead quality", "number", "customers", 1, signed=True, below="quality_range"),
        Column("handling", "handling", "number", "customers", 1, signed=True, below="handling_range"),
    ]
    title = f"Quality against handling, {split['round'].iloc[0]} against {chosen}"
    text = " ".join([*kept, _say_split(split.iloc[0], chosen)])
    return Answer("handled", title, text, split, None, Table(title, columns, rows, note=_NOTE))


def _say_split(whole: pd.Series, reference: str) -> str:
    parts = {"the quality of leads": float(whole["quality"]), "their handling": float(whole["handling"])}
    first, second = (
        f"{name} {'cost' if parts[name] < 0 else 'brought'} {abs(parts[name]):,.1f} customers"
        for name in sorted(parts, key=lambda name: -abs(parts[name]))
    )
    return f"Against {reference}, {first}, {second}; both by the same model, in the mean of both orders."


def _say_kept(view: RoundView) -> list[str]:
    """What would have been: the handling promise kept, the quality as planned, each with its range."""
    kept, quality, sentences = view.table("handled_kept"), view.table("handled_quality"), []
    if len(kept):
        whole = kept.iloc[0]
        scale = choose_scale([float(whole["value"])], view.currency)
        sentences.append(
            f"Had every accepted lead of {whole['round']} been handled as promised: {whole['gain']:,.1f} "
            f"more customers ({whole['gain_low']:,.1f} to {whole['gain_high']:,.1f}), "
            f"{scale.say(float(whole['value']))} ({scale.write(float(whole['value_low']))} to "
            f"{scale.write(float(whole['value_high']))})."
        )
    if len(quality):
        whole = quality.iloc[0]
        scale = choose_scale([float(whole["gain"])], view.currency)
        text = f"Had the quality of leads been as planned: {scale.say(float(whole['gain']), signed=True)}"
        if whole["gain_low"] == whole["gain_low"]:
            ends = [scale.write(float(whole[end]), signed=True) for end in ("gain_low", "gain_high")]
            text += f" ({ends[0]} to {ends[1]})"
        sentences.append(f"{text}.")
    return sentences
