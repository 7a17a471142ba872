"""The report's table of contents: two pages that answer, and the appendix behind them.

A part appears where its table has rows. The others are named together at the end, one line each, with
what would fill them: a reader never meets an empty heading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.claims.coverage import coverage
from alignment_lib.answers.claims.due import due
from alignment_lib.answers.claims.next_tests import next_tests
from alignment_lib.answers.claims.owed import owed
from alignment_lib.answers.claims.promotions import promotions
from alignment_lib.answers.leads.weak_points import weak_points
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.past.accuracy import accuracy
from alignment_lib.answers.past.customers import customers, type_table
from alignment_lib.answers.plan.bridge import bridge
from alignment_lib.answers.plan.changes import changes
from alignment_lib.answers.plan.decisions import decisions
from alignment_lib.answers.plan.estimate import estimate
from alignment_lib.answers.plan.money_bridge import money_bridge
from alignment_lib.answers.plan.over_time import over_time
from alignment_lib.answers.plan.part_bridge import part_bridge
from alignment_lib.answers.plan.part_map import part_map
from alignment_lib.answers.plan.parts import parts
from alignment_lib.answers.plan.through_the_year import through_the_year
from alignment_lib.answers.tables import render_table
from alignment_lib.answers.wording import humanise
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.publishing.report import report_factors as factors
from alignment_lib.publishing.report import report_front as front
from alignment_lib.publishing.report import report_notes as notes
from alignment_lib.publishing.report import report_review as review
from alignment_lib.publishing.report import report_scenarios as scenarios
from alignment_lib.publishing.report import report_sections as sections
from alignment_lib.publishing.report.report_frame import Part, folded, section
from alignment_lib.rounds.view import RoundView, view_snapshot

__all__ = ["PARTS", "Report", "open_report"]


Question = Callable[[RoundView], Answer]


def _found(view: RoundView, question: Question) -> Answer:
    """An answer, found once however often the page asks for it."""
    key = ("answer", question)
    if key not in view.known:
        view.known[key] = question(view)
    answer: Answer = view.known[key]
    return answer


def _of(anchor: str, name: str, question: Question, title: str = "") -> Part:
    """A part of the appendix that shows an answer; it is there where the question is answered."""

    def draw(view: RoundView) -> Html:
        answer = _found(view, question)
        return section(anchor, title or answer.title, answer.to_html())

    def has_content(view: RoundView) -> bool:
        return _found(view, question).is_answered

    return Part(anchor, name, draw, has_content, lambda view: _found(view, question).sentence)


def _say(text: str) -> Callable[[RoundView], str]:
    return lambda view: text


def _time_section(view: RoundView) -> Html:
    """The plan over time: the view asked for first, the others folded, and how the year adds up."""
    cycles: list[Cycle] = [
        cycle for cycle in get_args(Cycle) if cycle != "month" or view.calendar.grain != "quarter"
    ]
    shown = view.view if view.view in cycles else cycles[0]
    first, year = over_time(view, by=shown), through_the_year(view)
    tables = [
        folded(f"{humanise(cycle)} by {cycle}", over_time(view, by=cycle).to_html(["table"]))
        for cycle in cycles
        if cycle != shown
    ]
    added = [folded(year.title, year.to_html(["table"]))] if year.is_answered else []
    return section("time", first.title, first.to_html(), *tables, *added)


def _parts_section(view: RoundView) -> Html:
    """The plan by every dimension, and by two of them at once."""
    broadest, *others = [parts(view, by=name, drawn=not at) for at, name in enumerate(view.dimensions)]
    shown = [broadest.to_html()]
    for answer in others:
        shown += [tag("h3", answer.title), answer.to_html(["sentence", "table"])]
    place = part_map(view)
    if place.is_answered:
        shown += [tag("h3", place.title), place.to_html()]
    return section("members", broadest.title, *shown)


def _bridge_section(view: RoundView) -> Html:
    """The bridge, in money, and folded by quarter and by every dimension."""
    answer, money = _found(view, bridge), money_bridge(view)
    shown: list[Html] = [answer.to_html()]
    if money.is_answered:
        shown += [tag("h3", money.title), money.to_html()]
    for name in ("span", *view.dimensions):
        found = part_bridge(view, by=name)
        shown += [folded(found.title, found.to_html())] if found.is_answered else []
    return section("bridge", answer.title, *shown)


def _customers_section(view: RoundView) -> Html:
    types = view.table("customer_sales")
    shown = [_found(view, customers).to_html()]
    shown += [render_table(type_table(types, view.currency))] if len(types) else []
    return section("customers", _found(view, customers).title, *shown)


def _has_earlier_decisions(view: RoundView) -> bool:
    return _found(view, due).is_answered


def _has_drivers(view: RoundView) -> bool:
    bridged = view.scenario("bridge")
    return len(bridged) > 0 and bool(bridged["assumption"].str.startswith("driver:").any())


PARTS = (
    Part("answer", "The answer", front.answer_section, is_front=True),
    Part("decide", "What to decide", front.decide_section, is_front=True),
    Part("why", "What changed, and why", front.why_section, is_front=True),
    Part("differently", "What could differ", front.differently_section, is_front=True),
    Part("due", "What is due", front.due_section, _has_earlier_decisions, is_front=True),
    Part(
        "scenarios",
        "What if",
        scenarios.scenarios_section,
        scenarios.can_switch,
        _say("Switches to take assumptions in and out appear once an assumption moves the plan."),
    ),
    Part(
        "plans",
        "Plans side by side",
        scenarios.plans_section,
        scenarios.has_choice,
        _say(scenarios.ALL_ALIKE),
    ),
    _of("decisions", "Every decision", decisions, "Every decision, one by one"),
    _of("earlier-decisions", "Earlier decisions", due, "What earlier meetings decided"),
    _of("changes", "Every change", changes),
    _of("estimate", "Latest estimate", estimate),
    Part("time", "Over time", _time_section),
    Part(
        "members",
        "By part",
        _parts_section,
        lambda view: len(view.dimensions) > 0,
        _say("The plan by product or channel appears once the sales table has a dimension."),
    ),
    Part(
        "bridge",
        "Bridge",
        _bridge_section,
        lambda view: _found(view, bridge).is_answered,
        lambda view: _found(view, bridge).sentence,
    ),
    _of("promotions", "Promotion calendar", promotions),
    Part(
        "assumptions",
        "Assumptions",
        notes.assumptions_section,
        lambda view: view.has_rows("assumptions", "id", "title"),
        _say("Assumptions with their evidence appear once an assumptions table is among the inputs."),
    ),
    Part(
        "drivers",
        "Drivers",
        sections.drivers_section,
        _has_drivers,
        _say("What prices, promotions and markets bring appears once there is a drivers table."),
    ),
    _of("next-tests", "Next test", next_tests),
    _of("coverage", "Six factors", coverage),
    Part(
        "risks",
        "Odds and risks",
        sections.risks_section,
        lambda view: view.has_rows("odds"),
        _say("Odds and risks appear once the simulation has been run."),
    ),
    _of("weak-points", "Weak points", weak_points),
    Part(
        "funnel",
        "Leads",
        factors.funnel_section,
        lambda view: view.has_rows("funnel", "stage", "required"),
        _say("Leads needed against capacity appear once leads, or the counts of a funnel table, are there."),
    ),
    Part(
        "customers",
        "Buying again",
        _customers_section,
        lambda view: _found(view, customers).is_answered,
        lambda view: _found(view, customers).sentence,
    ),
    _of("accuracy", "Earlier plans", accuracy),
    Part(
        "streams",
        "Who changed it",
        review.streams_section,
        lambda view: len(view.in_round(view.table("streams"))) > 0,
        _say("Who changed the number appears once a round has stored its streams."),
    ),
    Part(
        "review",
        "Last round",
        review.variance_section,
        lambda view: view.has_rows("variance", "view", "effect", "reference", "actual"),
        _say("What came of the last round appears once an earlier round of this unit has closed."),
    ),
    Part(
        "value-added",
        "Value added",
        review.value_added_section,
        lambda view: view.has_rows("value_added", "stream", "wape", "sentence"),
        _say("Which step made the forecast better appears once earlier rounds have closed."),
    ),
    Part(
        "record",
        "Track record",
        review.record_section,
        lambda view: view.has_rows("record", "claim", "actual"),
        _say("How earlier assumptions came out appears once a closed round has been scored."),
    ),
    Part(
        "incentives",
        "Incentives",
        review.payout_section,
        lambda view: view.has_rows("payout"),
        _say("Incentives appear once planning.toml states a pool and a round has closed."),
    ),
    _of("owed", "Owed", owed),
    Part("notes", "Method and data", notes.notes_section),
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
