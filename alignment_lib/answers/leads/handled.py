"""Quality of leads against their handling, and what would have been, without a name."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import choose_scale
from alignment_lib.inputs.written_numbers import Said

__all__ = ["handled", "say_kept"]


def handled(split: pd.DataFrame, label: str, reference: str) -> Answer:
    """How much of the change in won leads is the quality of leads, and how much their handling.

    Parameters
    ----------
    split : DataFrame
        All sources first: ``source, leads, rate_before, rate_after``, and ``quality`` and ``handling`` with
        the ends of their ranges.
    label, reference : str
        The round, and what it is set against.
    """
    rows = split.assign(name=split["source"].replace("", "all sources"))
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
    title = f"Quality against handling, {label} against {reference}"
    return Answer(
        "handled", title, _say_split(split.iloc[0], reference), split, None, Table(title, columns, rows)
    )


def _say_split(whole: pd.Series, reference: str) -> str:
    parts = {"the quality of leads": float(whole["quality"]), "their handling": float(whole["handling"])}
    first, second = (
        f"{name} {'cost' if parts[name] < 0 else 'brought'} {abs(parts[name]):,.1f} customers"
        for name in sorted(parts, key=lambda name: -abs(parts[name]))
    )
    return f"Against {reference}, {first}, {second}; both by the same model, in the mean of both orders."


def say_kept(kept: pd.DataFrame, quality: pd.DataFrame, currency: str, label: str) -> list[str]:
    """What would have been: the handling promise kept, the quality as planned, each with its range."""
    sentences = []
    if len(kept):
        whole = kept.iloc[0]
        scale = choose_scale([float(whole["value"])], currency)
        sentences.append(
            f"Had every accepted lead of {label} been handled as promised: {whole['gain']:,.1f} more "
            f"customers ({whole['gain_low']:,.1f} to {whole['gain_high']:,.1f}), "
            f"{scale.say(float(whole['value']))} ({scale.write(float(whole['value_low']))} to "
            f"{scale.write(float(whole['value_high']))})."
        )
    if len(quality):
        whole = quality.iloc[0]
        scale = choose_scale([float(whole["gain"])], currency)
        text = f"Had the quality of leads been as planned: {scale.say(float(whole['gain']), signed=True)}"
        if whole["gain_low"] == whole["gain_low"]:
            ends = [scale.write(float(whole[end]), signed=True) for end in ("gain_low", "gain_high")]
            text += f" ({ends[0]} to {ends[1]})"
        sentences.append(f"{text}.")
    return sentences
