"""The report's table of contents: two pages that answer, and the appendix behind them.

A part appears where its table has rows. The others are named together at the end, one line each, with
what would fill them: a reader never meets an empty heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import get_args

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.answer import Part as Shown
from alignment_lib.answers.claims.coverage import coverage
from alignment_lib.answers.claims.drivers import drivers
from alignment_lib.answers.claims.due import due
from alignment_lib.answers.claims.next_tests import next_tests
from alignment_lib.answers.claims.owed import owed
from alignment_lib.answers.claims.promotion_profit import promotion_profit
from alignment_lib.answers.claims.promotions import promotions
from alignment_lib.answers.claims.verdicts import ended_table, verdicts
from alignment_lib.answers.earnings.chain import chain
from alignment_lib.answers.earnings.profit import profit
from alignment_lib.answers.earnings.profit_bridge import profit_bridge
from alignment_lib.answers.earnings.profit_by import profit_by
from alignment_lib.answers.earnings.profit_variance import profit_variance
from alignment_lib.answers.leads.leads_needed import leads_needed, sources_table
from alignment_lib.answers.leads.pipeline import pipeline, scores_table, stages_table
from alignment_lib.answers.leads.spend_response import checks_table, spend_response
from alignment_lib.answers.leads.weak_points import weak_points
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.past.accuracy import accuracy
from alignment_lib.answers.past.customers import customers, type_table
from alignment_lib.answers.past.explain import explain
from alignment_lib.answers.past.payout import gaming, payout, results_table
from alignment_lib.answers.past.provenance import notices_table, provenance
from alignment_lib.answers.past.record import record, roles_table
from alignment_lib.answers.past.rolling import rolling
from alignment_lib.answers.past.value_added import value_added
from alignment_lib.answers.past.variance import causes_table, variance
from alignment_lib.answers.past.watch import beside_table, cause_odds_table, watch
from alignment_lib.answers.plan.bridge import bridge
from alignment_lib.answers.plan.changes import changes
from alignment_lib.answers.plan.decisions import decisions
from alignment_lib.answers.plan.estimate import estimate
from alignment_lib.answers.plan.money_bridge import money_bridge
from alignment_lib.answers.plan.odds import odds
from alignment_lib.answers.plan.over_time import over_time
from alignment_lib.answers.plan.part_bridge import part_bridge
from alignment_lib.answers.plan.part_map import part_map
from alignment_lib.answers.plan.parts import parts
from alignment_lib.answers.plan.plans import plans
from alignment_lib.answers.plan.streams import streams
from alignment_lib.answers.plan.swings import swings
from alignment_lib.answers.plan.through_the_year import through_the_year
from alignment_lib.answers.plan.what_if import what_if
from alignment_lib.answers.tables import Table, list_rows, render_table, render_tables
from alignment_lib.answers.wording import humanise, write_count
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.publishing.report import report_front as front
from alignment_lib.publishing.report.report_frame import Part, Question, folded, found, section
from alignment_lib.publishing.report.report_switches import switchboard
from alignment_lib.rounds.view import RoundView, view_snapshot

__all__ = ["PARTS", "Report", "open_report"]


More = Callable[[RoundView, Answer], Sequence[Html]]
_ALL: tuple[Shown, ...] = ("sentence", "chart", "table")
_MOST_SAID = 60


def _of(
    anchor: str,
    name: str,
    question: Question,
    title: str = "",
    shows: Sequence[Shown] = _ALL,
    more: More = lambda view, answer: (),
) -> Part:
    """A part of the appendix that shows an answer; it is there where the question is answered."""

    def draw(view: RoundView) -> Html:
        answer = found(view, question)
        return section(anchor, title or answer.title, answer.to_html(shows), *more(view, answer))

    def has_content(view: RoundView) -> bool:
        return found(view, question).is_answered

    return Part(anchor, name, draw, has_content, lambda view: found(view, question).sentence)


def _folded_table(summary: str, table: Table | None) -> list[Html]:
    return [folded(summary, render_table(table))] if table is not None else []


def _time_section(view: RoundView) -> Html:
    """The plan over time: the view asked for first, the others folded, and how the year adds up."""
    cycles: list[Cycle] = [
        cycle for cycle in get_args(Cycle) if cycle != "month" or view.calendar.grain != "quarter"
    ]
    shown = view.view if view.view in cycles else cycles[0]
    first, year = over_time(view, by=shown), found(view, through_the_year)
    tables = [
        folded(f"{humanise(cycle)} by {cycle}", over_time(view, by=cycle).to_html(["table"]))
        for cycle in cycles
        if cycle != shown
    ]
    added = [folded(year.title, year.to_html(["table"]))] if year.is_answered else []
    return section("time", first.title, first.to_html(), *tables, *added)


def _more_parts(view: RoundView, answer: Answer) -> list[Html]:
    """The plan by the other dimensions, and by two of them at once."""
    shown = []
    for name in view.dimensions[1:]:
        other = parts(view, by=name, drawn=False)
        shown += [tag("h3", other.title), other.to_html(["sentence", "table"])]
    place = part_map(view)
    return [*shown, tag("h3", place.title), place.to_html()] if place.is_answered else shown


def _more_bridges(view: RoundView, answer: Answer) -> list[Html]:
    """The bridge in money, and folded by quarter and by every dimension."""
    money = money_bridge(view)
    shown = [tag("h3", money.title), money.to_html()] if money.is_answered else []
    for name in ("span", *view.dimensions):
        by_part = part_bridge(view, by=name)
        shown += [folded(by_part.title, by_part.to_html())] if by_part.is_answered else []
    return [*shown, *_earnings(view)]


def _earnings(view: RoundView) -> list[Html]:
    """What the plan earns, why, and where: folded, for the front says it in a line."""
    shown = []
    for question in (chain, profit, profit_bridge):
        answer = found(view, question)
        shown += [folded(answer.title, answer.to_html())] if answer.is_answered else []
    for name in (*view.dimensions, view.view):
        by = profit_by(view, by=name)
        shown += [folded(by.title, by.to_html())] if by.is_answered else []
    return shown


def _more_promotions(view: RoundView, answer: Answer) -> list[Html]:
    """Folded: what each of them earned or lost."""
    earned = found(view, promotion_profit)
    return [folded(earned.title, earned.to_html())] if earned.is_answered else []


def _more_verdicts(view: RoundView, answer: Answer) -> list[Html]:
    """What ended before the round, and what history says of each."""
    over = ended_table(view, answer)
    shown = _folded_table(over.caption, over) if over is not None else []
    rows = answer.frame[answer.frame["sentence"].fillna("") != ""].head(_MOST_SAID)
    items = [
        tag("li", tag("b", str(row["assumption"])), " ", str(row["sentence"])) for row in list_rows(rows)
    ]
    return [*shown, folded("What history says of each", tag("ul", *items))] if items else shown


def _more_spend(view: RoundView, answer: Answer) -> list[Html]:
    """Folded: source by source, and what was checked before any of it was believed."""
    checked = folded("How far history can tell", *render_tables(checks_table(view)))
    return [folded("Source by source", answer.to_html(("chart", "table"))), checked]


def _more_pipeline(view: RoundView, answer: Answer) -> list[Html]:
    """Folded: part by part, by stage and pushes, and how earlier rounds' came out."""
    told = [answer.shown, stages_table(view)] if view.has_rows("pipeline") else [answer.shown]
    scores = _folded_table("How earlier rounds' came out", scores_table(view))
    return [folded("Part by part, stage by stage", *render_tables(*told)), *scores]


def _more_customers(view: RoundView, answer: Answer) -> list[Html]:
    return render_tables(type_table(view.table("customer_sales"), view.currency))


def _more_review(view: RoundView, answer: Answer) -> list[Html]:
    """By funnel step and cause, and what moved profit."""
    shown = _folded_table("By funnel step and cause", causes_table(answer))
    earned = profit_variance(view)
    if not earned.is_answered:
        return shown
    return [*shown, folded(earned.title, earned.to_html())]


def _more_watch(view: RoundView, answer: Answer) -> list[Html]:
    """Week by week, what explains it, and leads and spend: folded, for whoever asks."""
    tables = (answer.shown, cause_odds_table(view), beside_table(view))
    return [piece for table in tables if table for piece in _folded_table(table.caption, table)]


def _more_record(view: RoundView, answer: Answer) -> list[Html]:
    return [*render_tables(roles_table(answer)), *_folded_table("Assumption by assumption", answer.shown)]


def _more_notes(view: RoundView, answer: Answer) -> list[Html]:
    listed = notices_table(answer)
    count = len(listed.rows) if listed is not None else 0
    words = f"For analysts: {write_count(count, 'note on data and models', 'notes on data and models')}"
    said = tag("p", "Notes for analysts stand in the file itself, not on paper.", class_="on-paper note")
    facts = _folded_table("Inputs, parameters and versions", answer.shown)
    whence = found(view, explain)
    pieces = _folded_table(whence.title, whence.shown) if whence.is_answered else []
    return [*pieces, *_folded_table(words, listed), *facts, said]


def _more_risks(view: RoundView, answer: Answer) -> list[Html]:
    """What moves the plan most, and the odds of the target by level."""
    return [found(view, swings).to_html(("sentence", "chart")), answer.to_html(("table",))]


def _payout_section(view: RoundView) -> Html:
    """What the scheme pays at the results known, by function; before a round has closed, by result."""
    answer, played, before = found(view, payout), gaming(view), render_tables(results_table(view))
    shown = [answer.to_html()] if answer.is_answered or not before else before
    if played.is_answered:
        shown.append(folded("What playing the scheme would gain", played.to_html()))
    return section("incentives", "Incentives", *shown)


PARTS = (
    Part("answer", "The answer", front.answer_section, is_front=True),
    Part("decide", "What to decide", front.decide_section, is_front=True),
    Part("why", "What changed, and why", front.why_section, is_front=True),
    Part("differently", "What could differ", front.differently_section, is_front=True),
    Part("due", "What is due", front.due_section, lambda view: found(view, due).is_answered, is_front=True),
    _of("scenarios", "What if", what_if, shows=("sentence",), more=switchboard),
    _of("plans", "Plans side by side", plans, shows=("table",)),
    _of("decisions", "Every decision", decisions, "Every decision, one by one"),
    _of("earlier-decisions", "Earlier decisions", due, "What earlier meetings decided"),
    _of("changes", "Every change", changes),
    _of("estimate", "Latest estimate", estimate),
    _of("rolling", "The year", rolling, shows=("sentence", "table")),
    Part("time", "Over time", _time_section),
    _of("members", "By part", parts, more=_more_parts),
    _of("bridge", "Bridge", bridge, more=_more_bridges),
    _of("promotions", "Promotion calendar", promotions, more=_more_promotions),
    _of("assumptions", "Assumptions", verdicts, more=_more_verdicts),
    _of("drivers", "Drivers", drivers),
    _of(
        "next-tests",
        "Next test",
        next_tests,
        shows=("sentence",),
        more=lambda view, answer: [folded("Claim by claim", answer.to_html(("chart", "table")))],
    ),
    _of("coverage", "Six factors", coverage),
    _of("risks", "Odds and risks", odds, "Odds and risks", (), _more_risks),
    _of("weak-points", "Weak points", weak_points),
    _of(
        "funnel",
        "Leads",
        leads_needed,
        "Leads needed and capacity to handle them",
        ("sentence", "chart"),
        lambda view, answer: render_tables(sources_table(view)),
    ),
    _of("pipeline", "Opportunities", pipeline, shows=("sentence", "chart"), more=_more_pipeline),
    _of(
        "spend",
        "Spend",
        spend_response,
        "What money brings",
        ("sentence",),
        _more_spend,
    ),
    _of("customers", "Buying again", customers, more=_more_customers),
    _of("accuracy", "Earlier plans", accuracy),
    _of("streams", "Who changed it", streams, "Who changed the number", ("sentence", "chart")),
    _of(
        "review",
        "Last round",
        variance,
        more=_more_review,
    ),
    _of("watch", "Watched", watch, shows=("sentence", "chart"), more=_more_watch),
    _of("value-added", "Value added", value_added, "Which step made the forecast better"),
    _of("record", "Track record", record, shows=("sentence",), more=_more_record),
    Part(
        "incentives",
        "Incentives",
        _payout_section,
        lambda view: view.has_rows("payout"),
        lambda view: found(view, payout).sentence,
    ),
    _of("owed", "Owed", owed),
    _of("notes", "Method and data", provenance, "Method and data", ("sentence",), _more_notes),
)
"""Every part, in the order of the report."""


_STYLE = Path(__file__).with_name("templates") / "board" / "report.css"
_PRINT = re.compile(r"^@media print \{.*?^\}", re.MULTILINE | re.DOTALL)
# Jupyter's own rules for tables and lists of terms give way where these name its class a second time.
_IN_A_CELL = """& { background: var(--paper); color: var(--ink); padding: 6px 14px; max-width: 62rem; }
nav, .skip, noscript { display: none; }
&.jp-RenderedHTMLCommon table { table-layout: auto; }
&.jp-RenderedHTMLCommon tbody tr { background: none; }
&.jp-RenderedHTMLCommon :is(th, td) { text-align: left; vertical-align: top; white-space: normal; }
&.jp-RenderedHTMLCommon thead th { vertical-align: bottom; }
&.jp-RenderedHTMLCommon .number { text-align: right; }
&.jp-RenderedHTMLCommon td.number { white-space: nowrap; }
&.jp-RenderedHTMLCommon :is(dt, dd) { float: none; width: auto; margin: 0; padding: 0; }
&.jp-RenderedHTMLCommon dt { font-weight: 400; }
&.jp-RenderedHTMLCommon header dl div { display: inline-flex; gap: .4rem; }
&.jp-RenderedHTMLCommon header dl dt { margin-right: -1.2rem; }"""


class Report:
    """A report ready to be shown part by part.

    Parameters
    ----------
    data : RoundView
        What it is written from.
    """

    def __init__(self, data: RoundView) -> None:
        self._data = data
        self._there = [part for part in PARTS if part.has_content(data)]

    @property
    def masthead(self) -> Html:
        """The business, the round, and links to the parts that are there: those of the appendix open it."""
        links = [tag("li", _link(part)) for part in self._there if part.is_front]
        behind = [tag("li", _link(part)) for part in self._there if not part.is_front]
        appendix = tag("li", tag("a", "Appendix", href="#appendix", class_="more"), tag("ul", *behind))
        return join(
            [front.masthead(self._data), tag("nav", tag("ul", *links, appendix), aria_label="Sections")]
        )

    @property
    def look(self) -> Html:
        """The report's style for a notebook, held within its cells' outputs; the page brings its own."""
        style = _PRINT.sub("", _STYLE.read_text(encoding="utf-8")).replace(":root", "&")
        return Html(f"<style>.jp-RenderedHTML {{\n{style}\n{_IN_A_CELL}\n}}</style>")

    def show(self, *anchors: str) -> Html:
        """The parts with these anchors, in the order given; nothing for one that has no content yet."""
        known = {part.anchor: part for part in self._there}
        if unknown := set(anchors) - {part.anchor for part in PARTS}:
            raise KeyError(f"the report has no part {sorted(unknown)}")
        return join(known[anchor].draw(self._data) for anchor in anchors if anchor in known)

    @property
    def front(self) -> Html:
        """The two pages that answer."""
        return self.show(*(part.anchor for part in PARTS if part.is_front))

    def show_absent(self) -> Html:
        """One line for every part that has nothing to show yet; nothing where all are there."""
        absent = [part for part in PARTS if part not in self._there and not part.is_front]
        if not absent:
            return Html("")
        items = (tag("li", part.awaits(self._data), id=part.anchor) for part in absent)
        return section("absent", "What is not here yet", tag("ul", *items, class_="hint"))


def open_report(snapshot: Path | str) -> Report:
    """The report of a published round, from its folder."""
    return Report(view_snapshot(snapshot))


def _link(part: Part) -> Html:
    return tag("a", part.name, href=f"#{part.anchor}")
