"""The plan by part: every member of a dimension, the largest first, beside the year before and its band."""

from __future__ import annotations

import math
from typing import Unpack

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import Asked, Question, ask
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.facts import shift_history, sum_spans
from alignment_lib.answers.tables import Column, Table, count_note, sum_columns
from alignment_lib.answers.wording import choose_scale, humanise, say_change, say_part, say_share
from alignment_lib.inputs.periods.round_days import find_year_before
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["parts", "sum_parts"]

_MOST_ROWS = 12
_MOST_PANELS = 8
_QUANTILES = ["p10", "p50", "p90", "target", "probability"]


def parts(view: RoundView, *, by: str = "", drawn: bool = True, **asked: Unpack[Asked]) -> Answer:
    """The plan by the members of a dimension.

    Parameters
    ----------
    view : RoundView
        The round.
    span, part, scenario
        As `ask` takes them.
    by : str
        The dimension; the broadest one by default.
    drawn : bool
        Whether a chart is wanted: the quarters of eight parts are summed for it.

    Returns
    -------
    Answer
        Its frame is `sum_parts`.
    """
    question = ask(view, **asked)
    if not view.dimensions:
        text = "The plan by product or channel appears once the sales table has a dimension."
        return nothing_yet("parts", "The plan by part", text)
    dimension = check_word(by, view.dimensions, "dimension") if by else view.dimensions[0]
    frame = sum_parts(question, dimension)
    title = f"The plan by {humanise(dimension).lower()}{question.aside}"
    return Answer(
        "parts",
        title,
        _say(frame, dimension),
        frame,
        _draw(question, dimension, frame) if drawn else None,
        _table(question, dimension, frame),
    )


def sum_parts(question: Question, dimension: str) -> pd.DataFrame:
    """Every member of a dimension in the span asked about, the largest plan first.

    Returns
    -------
    DataFrame
        ``member, plan, share, prior, change, baseline, effects, p10, p50, p90, target, probability``.
    """
    plan = question.rows("plan")
    sums = plan.groupby(dimension, observed=True)[["baseline", "plan"]].sum()
    prior = shift_history(question.view, tuple(question.part.items()))
    prior = prior[prior["period"].isin(plan["period"].unique())] if len(prior) else prior
    sums["prior"] = prior.groupby(dimension)["value"].sum() if len(prior) else math.nan
    frame = sums.reset_index(names="member").sort_values("plan", ascending=False, kind="stable")
    total = frame["plan"].sum()
    frame["share"] = frame["plan"] / total if total else math.nan
    frame["change"] = frame["plan"] / frame["prior"].where(frame["prior"] > 0) - 1
    frame["effects"] = frame["plan"] - frame["baseline"]
    odds = question.odds_by(dimension).set_index(dimension).reindex(frame["member"])
    for name in _QUANTILES:
        frame[name] = odds[name].to_numpy(dtype=float)
    columns = ["member", "plan", "share", "prior", "change", "baseline", "effects", *_QUANTILES]
    return frame[columns].reset_index(drop=True)


def _say(frame: pd.DataFrame, dimension: str) -> str:
    first = frame.iloc[0]
    text = f"The largest is {say_part(dimension, first['member'])}"
    if math.isfinite(first["share"]):
        text += f" with {say_share(first['share'])} of the plan"
    known = frame[frame["change"].notna() & (frame["prior"] > 0)]
    if len(known) < 2:
        return f"{text}."
    moved = (known["plan"] - known["prior"]).sort_values(kind="stable")
    said = []
    for at, way in ((moved.index[-1], 1), (moved.index[0], -1)):
        row = known.loc[at]
        if (row["plan"] - row["prior"]) * way > 0:
            verb = "grows" if way > 0 else "falls"
            said.append(
                f"{say_part(dimension, row['member'])} {verb} most ({say_change(row['plan'], row['prior'])})"
            )
    return f"{text}; on the year before {' and '.join(said)}." if said else f"{text}."


def _draw(question: Question, dimension: str, frame: pd.DataFrame) -> Chart:
    members = [str(member) for member in frame["member"].head(_MOST_PANELS)]
    panels = []
    for member in members:
        chosen = (*question.part.items(), (dimension, member))
        spans = sum_spans(question.view, "quarter", chosen, question.scenario)
        first = max(0, int(spans["plan"].isna().sum()) - 4)
        panels.append(spans.iloc[first:].assign(member=say_part(dimension, member)))
    title = f"Quarters by {humanise(dimension).lower()}{question.aside}"
    if len(frame) > len(members):
        title += f", the {len(members)} largest of {len(frame)}"
    name = f"panels-{question.view.dimensions.index(dimension)}"
    return draw_small_multiples(pd.concat(panels), name=name, title=title, unit=question.view.unit)


def _table(question: Question, dimension: str, frame: pd.DataFrame) -> Table:
    view, rows = question.view, frame.assign(name=[say_part(dimension, name) for name in frame["member"]])
    sums = sum_columns(rows, ["prior", "baseline", "effects", "plan", "share"])
    sums["change"] = sums["plan"] / sums["prior"] - 1 if sums["prior"] > 0 else math.nan
    count = len(rows)
    if count > _MOST_ROWS:
        rest = sum_columns(rows.iloc[_MOST_ROWS - 1 :], ["plan", "share", "prior", "baseline", "effects"])
        other = pd.DataFrame([{"name": f"{count - _MOST_ROWS + 1} others", **rest}])
        rows = pd.concat([rows.iloc[: _MOST_ROWS - 1], other], ignore_index=True)
    columns = [
        Column("name", humanise(dimension)),
        Column("plan", "Plan", "amount"),
        Column("share", "Share", "share", decimals=0),
    ]
    if rows["target"].notna().any():
        columns += [Column("target", "Target", "amount"), Column("probability", "Chance of target", "odds")]
    columns += [
        Column("prior", "Year before", "amount"),
        Column("change", "Change on year before", "share", decimals=1, signed=True),
        Column("baseline", "Baseline", "amount"),
        Column("effects", "Drivers and assumptions", "amount", signed=True),
    ]
    if rows["p10"].notna().any():
        columns += [Column("p10", "P10", "amount"), Column("p90", "P90", "amount")]
    scale = choose_scale([*rows["plan"], sums["plan"]], view.unit)
    before = find_year_before(view.calendar, question.periods, question.cycle).sentence
    note = " ".join(filter(None, [count_note(len(rows), count, "member"), before]))
    caption = f"{question.words} by {humanise(dimension).lower()}, {scale.unit}"
    return Table(caption, columns, rows, scale, {"name": "Total", **sums}, note)
