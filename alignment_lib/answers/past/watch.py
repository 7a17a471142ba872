"""Whether what came in since is still what was planned, where the round will end, and what explains it."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.scenario_lines import draw_scenario_lines
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import (
    choose_scale,
    join_words,
    say_change,
    say_value,
    write_count,
    write_date,
    write_number,
    write_share,
)
from alignment_lib.rounds.view import RoundView

__all__ = ["beside_table", "cause_odds_table", "say_causes", "say_end", "say_stand", "watch"]

_ONE_OF = 2.0
"""A cause is named alone where it is so many times as likely as the next one."""
_NOTABLE = 0.025
"""Beyond this share of chance at either end leads are said to be more or fewer than needed."""


@of_the_whole
def watch(view: RoundView) -> Answer:
    """The round that is running, or ran last, against its plan's own draws as it came in.

    Returns
    -------
    Answer
        Its frame is the published table ``watch``.
    """
    title, frame = "Is the plan still what comes in?", view.table("watch")
    if not view.has_rows("watch", "round", "sold_so_far"):
        text = (
            "Sales are held against a plan once it has been published: alignment watch says after every "
            "period whether they have left it."
        )
        return nothing_yet("watch", title, text)
    said = " ".join(
        part for part in (say_stand(view), say_end(view), say_causes(view), _say_leads(view)) if part
    )
    return Answer("watch", title, said, frame, _draw(view, title), _weeks_table(view))


def say_stand(view: RoundView) -> str:
    """Whether the sums sold have left the plan's bounds, and how often a plan that is right is left."""
    frame, grain = view.table("watch"), view.calendar.grain
    name, known = str(frame["round"].iloc[0]), frame[frame["actual"].notna()]
    if known.empty:
        first = write_date(pd.Timestamp(frame["period"].iloc[0]))
        return f"No {grain} of {name} has ended since its plan was made: its first begins on {first}."
    rate, last = float(frame["alarm_rate"].iloc[0]), known.iloc[-1]
    scale = choose_scale([last["planned_so_far"], last["sold_so_far"]], view.unit)
    far = say_change(last["sold_so_far"], last["planned_so_far"])
    so_far = (
        f"{write_count(len(known), grain)} in, {scale.say(last['sold_so_far'])} are sold against "
        f"{scale.write(last['planned_so_far'])} planned ({far})"
    )
    once = round(1 / rate)
    left = known[known["side"] != 0]
    if left.empty:
        share = min(last["below_share"], 1 - last["below_share"])
        side = "little" if last["below_share"] < 0.5 else "much"
        often = write_share(max(share, 1 / last["draws"]), 0)
        by_chance = f"By chance alone {often} of its draws sell so {side} by now."
        return f"{name} is inside its plan: {so_far}. {by_chance}"
    when = f"in the {grain} of {write_date(pd.Timestamp(left['period'].iloc[0]))}"
    side = "below" if left["side"].iloc[0] < 0 else "above"
    back = "" if last["side"] != 0 else ", and is back inside now"
    return (
        f"{name} has left its plan: {so_far}. Sales went {side} its bounds {when}{back}; of rounds whose "
        f"plan is right no more than 1 in {once} ever does, looked at after every {grain}."
    )


def say_end(view: RoundView) -> str:
    """Where the round will end as seen now; blank before anything came in."""
    frame = view.table("watch")
    known = frame[frame["actual"].notna()]
    if known.empty:
        return ""
    last, name = known.iloc[-1], str(frame["round"].iloc[0])
    scale = choose_scale([last["end_p50"]], view.unit)
    if len(known) == len(frame):
        return f"{name} has ended at {scale.say(last['end_p50'])}."
    low, high = scale.write(last["end_p10"]), scale.write(last["end_p90"])
    return f"It will end at about {scale.say(last['end_p50'])}, eight times in ten between {low} and {high}."


def say_causes(view: RoundView) -> str:
    """What explains the departure where the plan has been left, and what sales say of single claims."""
    causes, frame = view.table("watch_causes"), view.table("watch")
    if causes.empty:
        return ""
    told = []
    claims = causes[causes["cause"] != "baseline"]
    out = claims[claims["side"] != 0]
    for side, word in ((-1.0, "less"), (1.0, "more")):
        names = [_name_cause(view, str(cause)) for cause in out.loc[out["side"] == side, "cause"]]
        if names:
            told.append(f"So much {word} came of {join_words(names)} that chance does not explain it.")
    if len(out) or (frame["side"].fillna(0) != 0).any():
        told.append(_say_cause(view, causes))
    for verdict in ("against", "for"):
        ids = claims.loc[claims["verdict"] == verdict, "cause"].astype(str).tolist()
        if ids:
            told.append(f"Sales speak {verdict} {join_words(ids)}.")
    return " ".join(told)


def _say_cause(view: RoundView, causes: pd.DataFrame) -> str:
    ordered = causes.sort_values("chance", ascending=False, kind="stable").reset_index(drop=True)
    best = ordered.iloc[0]
    name = _name_cause(view, str(best["cause"]))
    if len(ordered) > 1 and best["chance"] < _ONE_OF * ordered["chance"].iloc[1]:
        other = _name_cause(view, str(ordered["cause"].iloc[1]))
        return f"What explains it cannot be told yet: {name} or {other}."
    if best["cause"] == "baseline":
        lost = write_share(best["came_share"] - 1, 0, signed=True)
        return f"What explains it best is the baseline, {lost} ({write_share(best['chance'], 0)} likely)."
    share = write_share(best["came_share"], 0)
    return f"What explains it best is {name}: {share} of it came ({write_share(best['chance'], 0)} likely)."


def _name_cause(view: RoundView, cause: str) -> str:
    if cause == "baseline":
        return "the baseline"
    register = view.table("assumptions")
    titles = register.loc[register["id"].astype(str) == cause, "title"] if "title" in register else register
    return f"{cause} ({titles.iloc[0]})" if len(titles) else cause


def _say_leads(view: RoundView) -> str:
    beside = view.table("watch_beside")
    if beside.empty:
        return ""
    told = []
    leads = beside[(beside["what"] == "leads") & (beside["part"].fillna("") == "")]
    for row in list_rows(leads):
        chance = row["probability"]
        odd = "" if _NOTABLE < chance < 1 - _NOTABLE else ", which is more than chance"
        came = write_count(round(row["actual"]), "lead")
        told.append(f"{came} came in against {write_number(row['planned'])} needed{odd}.")
    spend = beside[beside["what"] == "spend"]
    if len(spend):
        scale = choose_scale([spend["planned"].sum(), spend["actual"].sum()], view.currency)
        spent, planned = scale.say(spend["actual"].sum()), scale.write(spend["planned"].sum())
        told.append(f"{spent} were spent against {planned} budgeted.")
    return " ".join(told)


def _labels(view: RoundView, frame: pd.DataFrame) -> list[str]:
    return [f"{pd.Timestamp(period):%d %b}" for period in frame["period"]]


def _draw(view: RoundView, title: str) -> Chart:
    frame = view.table("watch")
    lines = {
        "sold so far less plan": frame["sold_so_far"] - frame["planned_so_far"],
        "lower bound": frame["low"] - frame["planned_so_far"],
        "upper bound": frame["high"] - frame["planned_so_far"],
    }
    table = pd.DataFrame(lines).set_axis(_labels(view, frame), axis=0)
    period = str(frame["round"].iloc[0])
    return draw_scenario_lines(
        table, name="watch", title=title, unit=view.unit, period=period, over_time=True
    )


def _weeks_table(view: RoundView) -> Table:
    frame = view.table("watch")
    columns = [
        Column("period", view.calendar.grain.capitalize(), "date"),
        Column("plan", "Plan", "amount"),
        Column("actual", "Sold", "amount"),
        Column("planned_so_far", "Plan so far", "amount"),
        Column("sold_so_far", "Sold so far", "amount"),
        Column("low", "Lower bound", "amount"),
        Column("high", "Upper bound", "amount"),
        Column("end_p50", "End as seen then", "amount"),
    ]
    scale = choose_scale(frame["planned_so_far"], view.unit)
    return Table(f"Watched, {frame['round'].iloc[0]}, {scale.unit}", columns, frame, scale)


def cause_odds_table(view: RoundView) -> Table | None:
    """Baseline and claims: what was due of each, what came, and whether sales speak for it."""
    causes = view.table("watch_causes")
    if causes.empty:
        return None
    rows = causes.sort_values("chance", ascending=False, kind="stable")
    rows = rows.assign(name=[_name_cause(view, str(cause)) for cause in rows["cause"]])
    rows["word"] = [say_value(word) for word in rows["verdict"]]
    scale = choose_scale(rows["planned"].abs(), view.unit)
    columns = [
        Column("name", "Cause"),
        Column("planned", "Planned so far", "amount"),
        Column("came_share", "Came, were it this alone", "share"),
        Column("error_share", "Standard error", "share"),
        Column("chance", "Likely cause", "odds"),
        Column("word", "Sales speak", "mark"),
    ]
    return Table(f"What explains it, {rows['round'].iloc[0]}, {scale.unit}", columns, rows, scale)


def beside_table(view: RoundView) -> Table | None:
    """Leads and spend, source by source; None where there are none."""
    beside = view.table("watch_beside")
    if beside.empty:
        return None
    rows = beside.assign(what=[say_value(what) for what in beside["what"]])
    rows["part"] = [say_value(part) if part else "All" for part in rows["part"].fillna("")]
    rows["probability"] = rows["probability"].where(rows["probability"].notna(), math.nan)
    columns = [
        Column("what", "What"),
        Column("part", "Source"),
        Column("planned", "Needed or budgeted so far", "number"),
        Column("actual", "Came in or spent", "number"),
        Column("probability", "Chance of so few", "odds"),
    ]
    return Table(f"Leads and spend, {rows['round'].iloc[0]}", columns, rows)
