"""What the figures stand on: what was cleaned, how the baseline was made, inputs, parameters and versions."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import (
    choose_scale,
    humanise,
    join_words,
    say_share,
    write_count,
    write_date,
    write_number,
)
from alignment_lib.rounds.view import RoundView

__all__ = ["notices_table", "provenance", "say_cleaning"]

_LEAST_WEIGHT = 0.005
_SHOWN = 60


@of_the_whole
def provenance(view: RoundView) -> Answer:
    """What the round was worked out from, and what was done to it on the way.

    Returns
    -------
    Answer
        Its frame: ``kind, name, value, count``; `kind` is ``input`` (value: its SHA-256), ``parameter``,
        ``version`` or ``notice`` (name: its rule, value: what was found and done, count: how often).
    """
    frame = _list_facts(view)
    text = f"{_say_known(view)} {say_cleaning(view)} {_say_models(view)}"
    shown = frame[frame["kind"] != "notice"].assign(value=lambda rows: rows["value"].str[:_SHOWN])
    columns = [Column("name", "What", below="kind"), Column("value", "Value")]
    table = Table("Inputs, parameters and versions", columns, shown, classes="wordy")
    return Answer("provenance", "What this report stands on", text, frame, None, table)


def notices_table(answer: Answer) -> Table | None:
    """What was found in the data and done about it; None where nothing was."""
    found = answer.frame[answer.frame["kind"] == "notice"]
    if found.empty:
        return None
    columns = [
        Column("value", "What was found and done"),
        Column("count", "Cases", "number"),
        Column("name", "Rule"),
    ]
    return Table("What was found in the data and done about it", columns, found)


def _list_facts(view: RoundView) -> pd.DataFrame:
    """Inputs, parameters, versions and notices: ``kind, name, value, count``."""
    manifest = view.manifest
    rows: list[tuple[str, str, str, float]] = [
        ("input", str(name), str(value), 1.0)
        for name, value in sorted(manifest.get("input_hashes", {}).items())
    ]
    rows += [
        ("parameter", humanise(str(name)), _write(value), 1.0)
        for name, value in sorted(manifest.get("parameters", {}).items())
    ]
    rows += [("version", str(name), str(value), 1.0) for name, value in manifest.get("versions", {}).items()]
    rows += [
        ("notice", str(notice["code"]), str(notice["text"]), float(notice["count"]))
        for notice in manifest.get("warnings", [])
    ]
    return pd.DataFrame(rows, columns=["kind", "name", "value", "count"])


def _write(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_write(item)}" for name, item in sorted(value.items()))
    if isinstance(value, list):
        return join_words([str(item) for item in value])
    return str(value)


def _say_known(view: RoundView) -> str:
    """Up to when sales are known, and when the round was worked out."""
    history = view.table("history")
    last = view.as_of
    if len(history):
        ends = view.calendar.ends(pd.DatetimeIndex([history["period"].max()]))
        last = pd.Timestamp(ends[0] - pd.Timedelta(days=1))
    return (
        f"Sales are known up to {write_date(last)}; worked out as of {write_date(view.as_of)}. The same "
        "inputs give the same report, byte for byte."
    )


def say_cleaning(view: RoundView) -> str:
    """How much of the history was changed before it was forecast."""
    history = view.table("history")
    if not view.has_rows("history", "value", "cleaned"):
        return "No history is stored."
    changed = (history["value"] - history["cleaned"]).abs() > 1e-9
    count = write_number(len(history))
    if not changed.any():
        return f"None of the {count} cells of the history was changed before it was forecast."
    taken = float((history["value"] - history["cleaned"]).sum())
    scale = choose_scale([taken], view.unit)
    verb = "taken out" if taken >= 0 else "added"
    return (
        f"{write_number(int(changed.sum()))} of {count} cells of the history were changed before it was "
        f"forecast ({say_share(float(changed.mean()))}); in all {scale.say(abs(taken))} were {verb}."
    )


def _say_models(view: RoundView) -> str:
    """Which models make up the baseline, and how it did on earlier dates."""
    why = view.table("why")
    if why.empty or "member" not in why:
        return "Each forecast's reasons appear once the run stores them."
    if "weight" in why:
        weights = why.groupby("member")["weight"].mean().sort_values(ascending=False, kind="stable")
        shown = weights[weights >= _LEAST_WEIGHT]
        names = [f"{name} ({say_share(round(float(weight), 2))})" for name, weight in shown.items()]
        models = write_count(len(shown), "model")
        text = f"The baseline is made of {models}, weighted over the series: {join_words(names)}."
    else:
        names = [str(name) for name in why["member"].unique()]
        text = f"The baseline is made of these models: {join_words(names)}."
    if {"backtest_error", "naive_error"} <= set(why.columns):
        ours, naive = why["backtest_error"].dropna().median(), why["naive_error"].dropna().median()
        if pd.notna(ours) and pd.notna(naive) and naive > 0:
            text += (
                f" On earlier dates it missed by {say_share(round(float(ours / naive), 2))} of what the same "
                "season of the year before would have missed by, at the median of the series."
            )
    return text
