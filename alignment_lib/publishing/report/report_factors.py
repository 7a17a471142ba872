"""The report on leads: those the plan needs against those to be expected and what can be handled."""

from __future__ import annotations

from alignment_lib.answers.leads.leads_needed import leads_needed, sources_table
from alignment_lib.answers.markup import Html
from alignment_lib.answers.tables import render_table
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = ["funnel_section"]


def funnel_section(data: RoundView) -> Html:
    """Leads the plan needs, month by month, and by source."""
    by_source = sources_table(data)
    return section(
        "funnel",
        "Leads needed and capacity to handle them",
        leads_needed(data).to_html(("sentence", "chart")),
        render_table(by_source) if by_source is not None else None,
    )
