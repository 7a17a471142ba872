"""The review's look at leads: quality against handling, and what would have been, without a name.

Each function takes tables and returns markup, for a notebook cell or a section of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Column, Table, render_table
from alignment_lib.answers.wording import Scale, choose_scale
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["show_handled", "show_kept", "show_notices"]

_PLAIN = Scale(1.0, 0, "")


def _table(frame: pd.DataFrame, caption: str, columns: Sequence[Column], note: str = "") -> Html:
    return render_table(Table(caption, columns, frame, _PLAIN, note=note))


def show_notices(notices: Sequence[Notice]) -> Html:
    """What was treated on the way, each in its sentence with its count."""
    return join([tag("p", notice.sentence, class_="note") for notice in dict.fromkeys(notices)])


def show_handled(splits: Mapping[str, pd.DataFrame], label: str) -> Html | None:
    """Quality against handling: how much of the change in won leads is either side's."""
    parts: list[Html] = []
    for reference, table in splits.items():
        if not len(table):
            continue
        whole = table.iloc[0]
        frame = table.assign(name=table["source"].replace("", "all sources"))
        frame["quality_range"] = _ranges(table, "quality")
        frame["handling_range"] = _ranges(table, "handling")
        columns = [
            Column("name", "source"),
            Column("leads", "leads due", "number"),
            Column("rate_before", "chance to win before", "share", "by the model"),
            Column("rate_after", "chance to win now", "share", "by the model"),
            Column("quality", "lead quality", "number", "customers", 1, signed=True, below="quality_range"),
            Column("handling", "handling", "number", "customers", 1, signed=True, below="handling_range"),
        ]
        caption = f"Quality against handling, {label} against {reference}"
        parts.append(tag("p", _say_split(whole, reference)))
        parts.append(_table(frame, caption, columns))
    return join(parts) if parts else None


def _ranges(table: pd.DataFrame, name: str) -> list[str]:
    pairs = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [f"{Said(low):+,.1f} to {Said(high):+,.1f}" for low, high in pairs]


def _say_split(whole: pd.Series, reference: str) -> str:
    parts = {"the quality of leads": float(whole["quality"]), "their handling": float(whole["handling"])}
    first, second = sorted(parts, key=lambda name: -abs(parts[name]))
    words = [
        f"{name} {'cost' if parts[name] < 0 else 'brought'} {abs(parts[name]):,.1f} customers"
        for name in (first, second)
    ]
    return f"Against {reference}, {words[0]}, {words[1]}; both by the same model, in the mean of both orders."


def show_kept(kept: pd.DataFrame, quality: pd.DataFrame, currency: str, label: str) -> Html | None:
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
    if not sentences:
        return None
    said = "Both rest on the win model of the company's own leads, and are no proof of cause."
    return join([*(tag("p", text, class_="lead") for text in sentences), tag("p", said, class_="note")])
