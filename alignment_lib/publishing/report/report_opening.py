"""The first screen: will we make the number, what changed, what needs deciding."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.facts import (
    Answer,
    compare_scenarios,
    find_answer,
    find_awaiting,
    list_scenarios,
    recall_previous,
)
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.odds_words import OddsWords, years_known
from alignment_lib.answers.tables import Column, Table, list_rows, render_table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    join_words,
    share_of,
    write_change,
    write_count,
    write_date,
    write_number,
    write_odds,
    write_share,
)
from alignment_lib.inputs.periods.round_days import find_year_before, round_title, sum_where_whole
from alignment_lib.publishing.report.report_changes import name_change, open_decisions
from alignment_lib.rounds.view import RoundView

__all__ = ["answer_section", "masthead", "say_answer"]

_MOST_LISTED = 3


def masthead(data: RoundView) -> Html:
    """The business, the round and where it stands."""
    status = str(data.manifest.get("status", "draft"))
    facts = tag(
        "dl",
        *_pair("Round", round_title(data.calendar, data.round)),
        *_pair("As of", write_date(data.as_of)),
        *_pair("Scenario", humanise(data.headline)),
        *_pair("Status", humanise(status)),
    )
    name = tag("p", str(data.manifest["business"]), class_="business")
    skip = tag("a", "Skip to the report", href="#answer", class_="skip")
    return join([skip, tag("header", tag("div", name, facts, class_="inner"))])


def _pair(term: str, text: str) -> tuple[Html, Html]:
    return tag("dt", term), tag("dd", text)


def say_answer(data: RoundView) -> str:
    """The first question answered in a sentence or two."""
    answer = find_answer(data)
    scale = choose_scale([answer.plan, answer.target], data.unit, each=True)
    plan = f"The plan for {data.round} is {scale.say(answer.plan)}"
    if not math.isfinite(answer.target):
        return f"{plan}. No target has been set, so there are no odds of making it."
    share = share_of(abs(answer.gap), answer.target)
    # A share of a target of nothing, or of one of another size, says nothing: the amounts do.
    apart = write_share(share) if math.isfinite(share) else scale.say(abs(answer.gap))
    which = "the target" if math.isfinite(share) else f"the target of {scale.write(answer.target)}"
    side = "above" if answer.gap > 0 else "below"
    text = f"{plan}, {apart} {side} {which}" if answer.gap else f"{plan}, which is the target"
    if not math.isfinite(answer.probability):
        return f"{text}."
    said = _odds_words(data, answer).say(scale.say(answer.p50))
    return f"{text}. The chance of making the target is {said}."


def _odds_words(data: RoundView, answer: Answer) -> OddsWords:
    periods = data.table("history")["period"] if data.has_rows("history", "period") else pd.DatetimeIndex([])
    years = years_known(periods, data.as_of)
    return OddsWords(answer.probability, answer.plan, answer.target, answer.p50, years)


def answer_section(data: RoundView) -> Html:
    """The first screen."""
    answer = find_answer(data)
    heading = tag("h1", say_answer(data), id="answer-title")
    odds = {
        key: getattr(answer, key)
        for key in ("plan", "p2_5", "p10", "p50", "p90", "p97_5", "target", "probability")
    }
    strip = draw_odds_strip(
        odds, name="strip", title="Plan, target and band", unit=data.unit, period=data.round
    )
    cards = tag("div", _changes_card(data, answer), _decisions_card(data), class_="cards")
    return tag(
        "section",
        heading,
        _lead(data),
        _modest(data),
        _figures(data, answer),
        strip.to_html(),
        cards,
        _three_plans(data),
        id="answer",
        aria_labelledby="answer-title",
    )


def _lead(data: RoundView) -> Html | None:
    """What the decisions still to be taken would make of it."""
    count = len(find_awaiting(data))
    if not count or data.headline == "as_proposed" or "as_proposed" not in list_scenarios(data):
        return None
    proposed = find_answer(data, "as_proposed")
    scale = choose_scale([proposed.plan, proposed.target], data.unit, each=True)
    text = (
        f"With the {write_count(count, 'assumption')} still to be decided the plan would be "
        f"{scale.say(proposed.plan)}"
    )
    if math.isfinite(proposed.probability):
        text += f" and the chance {_odds_words(data, proposed).say(scale.say(proposed.p50))}"
    return tag("p", f"{text}.", class_="lead")


def _modest(data: RoundView) -> Html | None:
    """Said on the first screen: where last year's period is all the forecast is."""
    for notice in data.manifest.get("warnings", []):
        if notice["code"] == "naive_is_what_we_have":
            count = write_count(int(notice["count"]), "series", "series")
            return tag("p", f"{count}: {notice['text']}", class_="lead")
    return None


def _figures(data: RoundView, answer: Answer) -> Html:
    scale = choose_scale([answer.plan, answer.target], data.unit, each=True)
    items = [_figure("Plan", scale.write(answer.plan), scale.unit)]
    if math.isfinite(answer.target):
        tone = "good" if answer.gap >= 0 else "bad"
        items.append(_figure("Target", scale.write(answer.target), scale.unit))
        items.append(_figure("Plan less target", scale.write(answer.gap, signed=True), scale.unit, tone))
    if math.isfinite(answer.probability):
        note = _odds_words(data, answer).caution() or "from the simulation"
        items.append(_figure("Chance of target", write_odds(answer.probability), note))
    if math.isfinite(answer.prior):
        note = f"year before {scale.write(answer.prior)}{_say_restated(data, scale)}"
        items.append(_figure("On the year before", write_change(answer.plan, answer.prior), note))
    if math.isfinite(answer.revenue) and data.measure != "revenue":
        money = choose_scale([answer.revenue], data.currency)
        items.append(_figure("Plan in money", money.write(answer.revenue), money.unit))
    return tag("dl", *items, class_="figures")


def _say_restated(data: RoundView, scale: Scale) -> str:
    """What the year before is, where weeks do not make it the cycle of that name."""
    before = find_year_before(data.calendar, data.periods, data.cycle)
    if not before.is_restated:
        return ""
    text = f" in {write_count(len(before.compared), data.calendar.grain)}, {before.days}"
    whole = sum_where_whole(data.table("history"), before.named)
    if math.isfinite(whole):
        text += f"; {before.name} had {len(before.named)} and came to {scale.write(whole)}"
    return text


def _figure(term: str, value: str, note: str, tone: str = "") -> Html:
    return tag("div", tag("dt", term), tag("dd", tag("b", value, class_=tone or None), tag("small", note)))


def _changes_card(data: RoundView, answer: Answer) -> Html:
    before = recall_previous(data)
    if before is None:
        reason = data.manifest.get("previous", {}).get("reason", "")
        text = "This appears once an earlier round of this unit has been published."
        text = f"The earlier round cannot be compared: {reason}." if reason else text
        return tag("div", tag("h2", "What changed since last round"), tag("p", text, class_="hint"))
    note = data.manifest["previous"]["round"]
    scale = choose_scale([answer.plan], data.unit)
    lines = []
    if math.isfinite(before["plan_then"]):
        change = answer.plan - before["plan_then"]
        lines.append(
            f"Last round planned {scale.say(before['plan_then'])} for {data.round}; now it is "
            f"{scale.write(answer.plan)} ({scale.write(change, signed=True)})."
        )
        base = answer.baseline - before["baseline_then"]
        lines.append(
            f"Of the change, {scale.write(base, signed=True)} is the baseline and "
            f"{scale.write(change - base, signed=True)} is drivers and assumptions."
        )
    if before["periods_known"]:
        periods = write_count(int(before["periods_known"]), data.calendar.grain)
        lines.append(
            f"Of the plan made in {note}, {periods} are now known: {scale.say(before['actual'])} were sold, "
            f"{scale.write(before['planned'])} were planned "
            f"({write_change(before['actual'], before['planned'])})."
        )
    lines += _largest_changes(data)
    items = tag("ul", *(tag("li", line) for line in lines))
    more = tag("p", tag("a", "All changes", href="#changes"), class_="hint") if _has_changes(data) else None
    return tag("div", tag("h2", f"What changed since {note}"), items, more)


def _has_changes(data: RoundView) -> bool:
    return data.has_rows("changes", "assumption", "difference", "title", "change")


def _largest_changes(data: RoundView) -> list[str]:
    """The contributors that moved the plan most since the last round, in one line."""
    if not _has_changes(data):
        return []
    rows = data.table("changes")
    rows = rows[(rows["assumption"] != "baseline") & (rows["difference"].abs() > 0.5)]
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index[:2]
    scale = choose_scale([find_answer(data).plan], data.unit)
    said = [
        f"{name_change(row)} {scale.write(float(row['difference']), signed=True)}"
        for row in list_rows(rows.loc[order])
    ]
    return (
        [f"Beside the baseline most changed, over all periods both plan: {join_words(said)}."] if said else []
    )


def _decisions_card(data: RoundView) -> Html:
    waiting = find_awaiting(data)
    heading = tag("h2", "What needs deciding")
    also = _say_aside(data, len(waiting))
    due = _say_due(data)
    if waiting.empty:
        return tag("div", heading, tag("p", "No assumption awaits a decision."), also, due)
    total = _amount_and_money(data, float(waiting["effect"].sum()), float(waiting["money"].sum(skipna=False)))
    count = write_count(len(waiting), "assumption awaits a decision", "assumptions await a decision")
    items = []
    for row in waiting.head(_MOST_LISTED).to_dict("records"):
        amount = _amount_and_money(data, row["effect"], row["money"])
        if abs(row["horizon"] - row["effect"]) > 0.5:
            scale = choose_scale([row["horizon"], find_answer(data).plan], data.unit)
            amount += f"; over the horizon {scale.say(row['horizon'], signed=True)}"
        owner = str(row["owner"]) if row.get("owner") else "no owner"
        items.append(tag("li", tag("b", f"{row['id']} {row['title']}"), f", {owner}: {amount}"))
    if len(waiting) > _MOST_LISTED:
        items.append(tag("li", f"and {len(waiting) - _MOST_LISTED} more under Assumptions"))
    said = tag("p", f"{count}: {total} in {data.round}.{_say_knock_on(data, float(waiting['effect'].sum()))}")
    return tag("div", heading, said, tag("ul", *items), also, due)


def _say_knock_on(data: RoundView, own: float) -> str:
    """What the undecided would change beyond their own rows: why two figures of the first screen differ."""
    if data.headline == "as_proposed" or "as_proposed" not in list_scenarios(data):
        return ""
    now, then = find_answer(data).plan, find_answer(data, "as_proposed").plan
    beyond = then - now - own
    scale = choose_scale([now], data.unit)
    if scale.write(beyond) == scale.write(0.0):
        return ""
    whole, rest = (scale.say(part, signed=True) for part in (then - now, beyond))
    return f" With them the plan moves by {whole}: {rest} is what they change in other rows of the bridge."


def _say_aside(data: RoundView, waiting: int) -> Html | None:
    """Drafts, and what is still proposed though it was over before the round."""
    drafts, late = _count_status(data, "draft"), _count_status(data, "proposed") - waiting
    said = [f"{write_count(drafts, 'draft')} listed, not counted."] if drafts else []
    said += [f"{write_count(late, 'proposal')} ended undecided before {data.round}."] if late else []
    return tag("p", " ".join(said), class_="hint") if said else None


def _say_due(data: RoundView) -> Html | None:
    """Earlier decisions not yet carried out, with how many are late."""
    waiting = open_decisions(data)
    if waiting.empty:
        return None
    late = int(waiting["is_late"].sum())
    text = f"{write_count(len(waiting), 'earlier decision')} not yet carried out, {late} overdue: "
    return tag("p", text, tag("a", "decisions due", href="#decisions"), ".")


def _count_status(data: RoundView, status: str) -> int:
    register = data.table("assumptions")
    return int((register["status"] == status).sum()) if "status" in register else 0


def _amount_and_money(data: RoundView, effect: float, money: float) -> str:
    scale = choose_scale([effect, find_answer(data).plan], data.unit)
    text = scale.say(effect, signed=True)
    if math.isfinite(money) and data.measure != "revenue":
        text += f" ({write_number(money, 0, signed=True)} {data.currency})"
    return text


def _three_plans(data: RoundView) -> Html | None:
    """All scenarios side by side while anything awaits a decision, or where more than the usual exist."""
    rows = compare_scenarios(data)
    if len(rows) < 2 or (find_awaiting(data).empty and _all_equal(rows)):
        return None
    rows["name"] = rows["scenario"].map(humanise)
    rows["share"] = [share_of(gap, target) for gap, target in zip(rows["gap"], rows["target"], strict=True)]
    columns = [Column("name", "Plan"), Column("plan", "Amount", "amount")]
    if rows["target"].notna().any():
        columns += [
            Column("target", "Target", "amount"),
            Column("gap", "Plan less target", "amount", signed=True),
            Column("share", "of target", "share", decimals=1, signed=True),
        ]
    columns += [Column("p10", "P10", "amount"), Column("p90", "P90", "amount")]
    if rows["probability"].notna().any():
        columns.append(Column("probability", "Chance of target", "odds"))
    scale = choose_scale([*rows["plan"], *rows["target"]], data.unit, each=True)
    note = (
        "Consensus counts accepted assumptions and the driver calendar; as proposed counts proposed "
        "ones too; evidence weighted counts those at the values that history supports."
    )
    table = render_table(Table(f"{data.round}, {scale.unit}", columns, rows, scale, None, note))
    return join([tag("h2", "The plans side by side", class_="minor"), table])


def _all_equal(rows: pd.DataFrame) -> bool:
    return bool((rows["plan"] - rows["plan"].iloc[0]).abs().max() < 1e-9)
