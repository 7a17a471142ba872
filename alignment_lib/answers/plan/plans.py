"""The plans side by side: consensus, evidence weighted, as proposed and every named scenario."""

from __future__ import annotations

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.facts import compare_scenarios, find_awaiting
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale, humanise, share_of, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["plans"]

_ALIKE = 1e-9


@of_the_whole
def plans(view: RoundView) -> Answer:
    """The round under every plan, with its target and its odds.

    Returns
    -------
    Answer
        Its frame: ``scenario, plan, target, gap, share, p10, p90, probability``.
    """
    title, frame = "The plans side by side", compare_scenarios(view)
    alike = bool((frame["plan"] - frame["plan"].iloc[0]).abs().max() < _ALIKE)
    if len(frame) < 2 or (alike and find_awaiting(view).empty):
        text = "Plans side by side appear while anything awaits a decision, or once scenarios are named."
        return nothing_yet("plans", title, text)
    frame["share"] = [share_of(gap, of) for gap, of in zip(frame["gap"], frame["target"], strict=True)]
    columns = [Column("name", "Plan"), Column("plan", "Amount", "amount")]
    if frame["target"].notna().any():
        columns += [
            Column("target", "Target", "amount"),
            Column("gap", "Plan less target", "amount", signed=True),
            Column("share", "of target", "share", decimals=1, signed=True),
        ]
    columns += [Column("p10", "P10", "amount"), Column("p90", "P90", "amount")]
    if frame["probability"].notna().any():
        columns.append(Column("probability", "Chance of target", "odds"))
    scale = choose_scale([*frame["plan"], *frame["target"]], view.unit, each=True)
    low, high = scale.write(frame["plan"].min()), scale.say(frame["plan"].max())
    text = f"{write_count(len(frame), 'plan')} for {view.round} reach from {low} to {high}."
    note = (
        "Consensus counts accepted assumptions and the driver calendar; as proposed counts proposed "
        "ones too; evidence weighted counts those at the values that history supports."
    )
    rows = frame.assign(name=frame["scenario"].map(humanise))
    shown = Table(f"{view.round}, {scale.unit}", columns, rows, scale, None, note)
    return Answer("plans", title, text, frame, None, shown)
