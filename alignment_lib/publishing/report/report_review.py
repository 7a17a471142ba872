"""The report's look back: what came of the last round, of each forecasting step and of earlier claims."""

from __future__ import annotations

import math

from alignment_lib.answers.charts.waterfall import draw_ladder
from alignment_lib.answers.facts import find_answer
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.past.payout import gaming, payout, results_table
from alignment_lib.answers.past.record import record, roles_table
from alignment_lib.answers.past.value_added import value_added
from alignment_lib.answers.past.variance import causes_table, variance
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import humanise, say_share
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "payout_section",
    "record_section",
    "streams_section",
    "value_added_section",
    "variance_section",
]

_STREAMS = ("naive", "baseline", "marketing", "sales", "finance", "combined", "consensus")


def streams_section(data: RoundView) -> Html:
    """From the naive forecast to the consensus: what each stream changed."""
    streams = data.in_round(data.table("streams"))
    sums = streams.groupby("stream")["value"].sum()
    names = [name for name in _STREAMS if name in sums.index]
    names += [name for name in sums.index if name not in _STREAMS]
    levels = [(humanise(name), float(sums[name])) for name in names]
    answer = find_answer(data)
    target = answer.target if math.isfinite(answer.target) else None
    chart = draw_ladder(
        levels,
        name="ladder",
        title="From naive forecast to consensus",
        unit=data.unit,
        period=data.round,
        target=target,
    )
    first, last = levels[0], levels[-1]
    change = last[1] / first[1] - 1 if first[1] else math.nan
    side = "above" if change >= 0 else "below"
    begun = "what was sold in the same season of the year before" if names[0] == "naive" else first[0].lower()
    text = f"{last[0]} lies {say_share(abs(change))} {side} {begun}."
    return section("streams", "Who changed the number", tag("p", text), chart.to_html())


def variance_section(data: RoundView) -> Html:
    """The last closed round against its plan or the year before: by type of sale, then step and cause."""
    answer = variance(data)
    closed = str(answer.frame["round"].iloc[0]) if answer.is_answered else ""
    parts: list[Html | None] = [answer.to_html()]
    if answer.is_answered and (causes := causes_table(answer, closed)) is not None:
        summary = tag("summary", "By funnel step and cause")
        parts.append(tag("details", summary, render_table(causes), class_="screen-only"))
    return section("review", answer.title, *parts)


def value_added_section(data: RoundView) -> Html:
    """What each step from naive forecast to consensus added to accuracy in closed rounds."""
    return section("value-added", "Which step made the forecast better", value_added(data).to_html())


def record_section(data: RoundView) -> Html:
    """How earlier assumptions came out."""
    answer = record(data)
    roles = roles_table(answer)
    folded = answer.to_html(("table",)) if answer.shown is not None else None
    return section(
        "record",
        answer.title,
        answer.to_html(("sentence",)),
        render_table(roles) if roles is not None else None,
        tag("details", tag("summary", "Assumption by assumption"), folded, class_="screen-only"),
    )


def payout_section(data: RoundView) -> Html:
    """What the scheme pays at the results known, by function; before a round has closed, by result."""
    before, played = results_table(data), gaming(data)
    answer = payout(data)
    shown = answer.to_html() if answer.is_answered or before is None else render_table(before)
    played_shown = played.to_html() if played.is_answered else None
    summary = tag("summary", "What playing the scheme would gain")
    folded = tag("details", summary, played_shown, class_="screen-only") if played_shown else None
    return section("incentives", "Incentives", shown, folded)
