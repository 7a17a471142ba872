"""The report's table of contents: every part in its order, and what stands in for those still to come.

A part appears where its table has rows. The others are named together at the end, one line each, with
what would fill them: a reader never meets an empty heading.
"""

from __future__ import annotations

import re
from pathlib import Path

from alignment_lib.answers.facts import sum_effects
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.publishing.report import report_changes as changes
from alignment_lib.publishing.report import report_factors as factors
from alignment_lib.publishing.report import report_levels as levels
from alignment_lib.publishing.report import report_notes as notes
from alignment_lib.publishing.report import report_opening as opening
from alignment_lib.publishing.report import report_review as review
from alignment_lib.publishing.report import report_scenarios as scenarios
from alignment_lib.publishing.report import report_sections as sections
from alignment_lib.publishing.report.report_frame import Part, section
from alignment_lib.rounds.view import RoundView, view_snapshot

__all__ = ["PARTS", "Report", "open_report"]


def _is_bridged(data: RoundView) -> bool:
    effects = sum_effects(data)
    return bool((effects["effect"] != 0).any()) if len(effects) else False


def _has_drivers(data: RoundView) -> bool:
    bridge = data.scenario("bridge")
    return len(bridge) > 0 and bool(bridge["assumption"].str.startswith("driver:").any())


PARTS = (
    Part("answer", "The answer", opening.answer_section),
    Part(
        "scenarios",
        "What if",
        scenarios.scenarios_section,
        scenarios.can_switch,
        "Switches to take assumptions in and out appear once an assumption moves the plan.",
    ),
    Part(
        "decisions",
        "Decisions due",
        changes.decisions_section,
        lambda data: data.has_rows("decisions", "text", "status"),
        "Decisions due appear once the workspace has a decisions table.",
    ),
    Part(
        "changes",
        "What changed",
        changes.changes_section,
        lambda data: data.has_rows("changes", "assumption", "before", "after", "difference"),
        "What changed, assumption by assumption, appears once an earlier round of this unit is there.",
    ),
    Part(
        "estimate",
        "Latest estimate",
        changes.estimate_section,
        changes.is_under_way,
        "The latest estimate appears once some periods of the round have been sold.",
    ),
    Part("time", "Over time", sections.time_section),
    Part(
        "members",
        "By part",
        sections.members_section,
        lambda data: len(data.dimensions) > 0,
        "The plan by product or channel appears once the sales table has a dimension.",
    ),
    Part(
        "bridge",
        "Bridge",
        sections.bridge_section,
        _is_bridged,
        "The plan equals the baseline: a bridge appears once a driver or an accepted assumption falls in "
        "the round.",
    ),
    Part(
        "levels",
        "Bridge by part",
        levels.levels_section,
        lambda data: _is_bridged(data) and data.has_rows("level_bridge", "assumption", "effect", "revenue"),
        "The bridge by product, channel, type of sale and quarter appears once a round has stored it.",
    ),
    Part(
        "customers",
        "Buying again",
        levels.customers_section,
        lambda data: data.has_rows("cohorts", "cohort", "age", "repeat_rate"),
        "How many customers buy again appears once the workspace has a transactions table.",
    ),
    Part(
        "assumptions",
        "Assumptions",
        notes.assumptions_section,
        lambda data: data.has_rows("assumptions", "id", "title"),
        "Assumptions with their evidence appear once an assumptions table is among the inputs.",
    ),
    Part(
        "drivers",
        "Drivers",
        sections.drivers_section,
        _has_drivers,
        "What the driver calendar brings appears once a drivers table (price, promotion, market) is there.",
    ),
    Part(
        "coverage",
        "Six factors",
        factors.coverage_section,
        lambda data: data.has_rows("coverage", "title", "considered", "effect", "revenue"),
        "The six factors, covered or not, appear once a round has stored them.",
    ),
    Part(
        "risks",
        "Odds and risks",
        sections.risks_section,
        lambda data: data.has_rows("odds"),
        "Odds and risks appear once the simulation has been run.",
    ),
    Part(
        "weak-points",
        "Weak points",
        factors.weak_points_section,
        lambda data: data.has_rows("weak_points", "side", "value", "sentence", "customers"),
        "Weak points by money appear once the workspace has a leads table with outcomes.",
    ),
    Part(
        "funnel",
        "Leads",
        factors.funnel_section,
        lambda data: data.has_rows("funnel", "stage", "required"),
        "Leads needed against capacity appear once leads, or the counts of a funnel table, are there.",
    ),
    Part(
        "streams",
        "Who changed it",
        review.streams_section,
        lambda data: len(data.in_round(data.table("streams"))) > 0,
        "Who changed the number appears once a round has stored its streams.",
    ),
    Part(
        "review",
        "Last round",
        review.variance_section,
        lambda data: data.has_rows("variance", "view", "effect", "reference", "actual"),
        "What came of the last round appears once an earlier round of this unit has closed.",
    ),
    Part(
        "value-added",
        "Value added",
        review.value_added_section,
        lambda data: data.has_rows("value_added", "stream", "wape", "sentence"),
        "Which step made the forecast better appears once earlier rounds have closed.",
    ),
    Part(
        "record",
        "Track record",
        review.record_section,
        lambda data: data.has_rows("record", "claim", "actual"),
        "How earlier assumptions came out appears once a closed round has been scored.",
    ),
    Part(
        "incentives",
        "Incentives",
        review.payout_section,
        lambda data: len(review.find_payout(data)) > 0,
        "Incentives appear once planning.toml states a pool and a round has closed.",
    ),
    Part(
        "owed",
        "Owed",
        factors.owed_section,
        lambda data: len(factors.find_owed(data)) > 0,
        "What the plan owes to later periods appears once an assumption borrows from beyond the horizon.",
    ),
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
        """The business, the round, and links to the parts that are there."""
        links = (tag("li", tag("a", part.name, href=f"#{part.anchor}")) for part in self._there)
        return join([opening.masthead(self._data), tag("nav", tag("ul", *links), aria_label="Sections")])

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

    def show_absent(self) -> Html:
        """One line for every part that has nothing to show yet; nothing where all are there."""
        absent = [part for part in PARTS if part not in self._there]
        if not absent:
            return Html("")
        items = (tag("li", part.awaits, id=part.anchor) for part in absent)
        return section("absent", "What is not here yet", tag("ul", *items, class_="hint"))


def open_report(snapshot: Path | str) -> Report:
    """The report of a published round, from its folder."""
    return Report(view_snapshot(snapshot))
