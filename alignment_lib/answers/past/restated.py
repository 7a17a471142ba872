"""What of the past reads otherwise than the round before read it, and what that moves in the baseline."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, ask, refuse
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.tables import Column, Table, sum_columns
from alignment_lib.answers.wording import choose_scale, join_words, say_value, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["restated", "say_baseline_steps"]

_STEPS = {"news": "what has been sold since", "restated": "figures of the past that read otherwise now"}
_STEPS["engine"] = "the engine of another version"
_LEAST = 0.5


def restated(view: RoundView, **asked: Unpack[Asked]) -> Answer:
    """Past sales that the round before read otherwise, part by part, with what they move in the baseline.

    Parameters
    ----------
    view : RoundView
        The round.
    span, scenario : str, optional
        Refused: the past is the same in every plan.
    part : Mapping of str to str, optional
        Member by dimension.

    Returns
    -------
    Answer
        Its frame holds the published table ``restated``, cut to the part.
    """
    refuse("restated", scenario=asked.get("scenario"), span=asked.get("span"))
    question = ask(view, part=asked.get("part"))
    note = view.manifest.get("previous") or {}
    title = f"Past sales that read otherwise than in {note.get('round', 'the round before')}"
    if not view.has_rows("baseline_steps", "step", "difference"):
        return nothing_yet(
            "restated",
            title,
            "Whether history was restated shows once an earlier round of this unit was planned on this "
            "workspace: each keeps what it read.",
        )
    frame = question.rows("restated", any_time=True)
    if frame.empty:
        said = "Every figure of the past reads as the round before read it."
        return Answer("restated", title, said, frame, None, None)
    return Answer("restated", title, _say(view, frame), frame, _draw(view), _table(view, frame))


def say_baseline_steps(view: RoundView) -> str:
    """Why the baseline differs from the last round's, in a sentence; blank where that cannot be told."""
    if not view.has_rows("baseline_steps", "step", "difference"):
        return ""
    steps = view.table("baseline_steps").set_index("step")["difference"]
    scale = choose_scale([float(steps.abs().max())], view.unit)
    told = [
        f"{scale.write(float(steps[name]), signed=True)} {words}"
        for name, words in _STEPS.items()
        if abs(float(steps[name])) > _LEAST
    ]
    return f"Of the baseline's step over all periods both plan: {join_words(told)}." if told else ""


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    by_kind = frame["change"].value_counts()
    kinds = join_words([write_count(int(by_kind[kind]), kind, kind) for kind in sorted(by_kind.index)])
    measure = f"{view.measure}_difference"
    total = float(frame[measure].sum()) if measure in frame else float("nan")
    scale = choose_scale([total], view.unit)
    periods = write_count(frame["period"].nunique(), view.calendar.grain)
    return (
        f"{write_count(len(frame), 'figure')} of the past in {periods} read otherwise now ({kinds}): "
        f"{scale.say(total, signed=True)} in all. {say_baseline_steps(view)}"
    ).strip()


def _draw(view: RoundView) -> Chart:
    steps = view.table("baseline_steps").set_index("step")["difference"]
    changes = view.table("changes")
    base = changes[changes["assumption"] == "baseline"] if len(changes) else changes
    before = float(base["before"].sum()) if len(base) else 0.0
    shown = [Step("Baseline then", before, "forecast")]
    shown += [Step(say_value(name), float(steps[name]), "change") for name in ("engine", "restated", "news")]
    shown.append(Step("Baseline now", before + float(steps.sum()), "forecast"))
    title = "From the baseline of the round before to this one"
    return draw_waterfall(shown, name="restated", title=title, unit=view.unit, period="periods both plan")


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    several = [name for name in view.dimensions if frame[name].ne(frame[name].iloc[0]).any()]
    names = several or list(view.dimensions[:1])
    sums = [
        name for name in ("units_difference", "revenue_difference") if name in frame and frame[name].any()
    ]
    grouped = frame.groupby(names, sort=False)
    rows = grouped[sums].sum().assign(cells=grouped.size(), first=grouped["period"].min()).reset_index()
    order = rows[sums[0]].abs().sort_values(ascending=False, kind="stable").index
    rows = rows.loc[order].reset_index(drop=True)
    columns = [Column(name, say_value(name)) for name in names]
    columns += [Column("cells", "Figures", "number"), Column("first", "From", "date")]
    units = {"units_difference": "units", "revenue_difference": view.currency}
    columns += [
        Column(name, f"Difference, {units[name]}", "number", unit=units[name], signed=True) for name in sums
    ]
    scale = choose_scale(rows[sums[0]], view.unit)
    total = {names[0]: "All", **sum_columns(rows, ["cells", *sums])}
    return Table("Restated, by part", columns, rows, scale, total)
