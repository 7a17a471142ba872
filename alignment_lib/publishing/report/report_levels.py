"""The report on parts: the bridge at every level and in money, and customers who buy again."""

from __future__ import annotations

from collections.abc import Callable

from alignment_lib.answers.facts import name_contributors
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.wording import humanise
from alignment_lib.publishing.customer_tables import cohort_table, type_table
from alignment_lib.publishing.level_tables import SPAN, money_table, part_table, pick_level
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = ["customers_section", "levels_section"]


def levels_section(data: RoundView) -> Html:
    """The bridge in money, by span and by every dimension."""
    bridge, say = data.table("level_bridge"), name_contributors(data)
    now = pick_level(bridge, data.dimensions, label=data.round)
    money = None
    if data.measure != "revenue":
        money = money_table(now, say, data.currency, f"Bridge of {data.round} in {data.currency}")
    parts: list[Html | str | None] = [
        tag(
            "p",
            "The same bridge, part by part: every column starts at its own baseline and ends at its own "
            "plan, and the columns add up to all sales.",
        ),
        money,
        tag("details", tag("summary", "Quarter by quarter"), _by_span(data, say)),
    ]
    parts += [
        tag("details", tag("summary", f"By {humanise(name).lower()}"), _by_dimension(data, name, say))
        for name in data.dimensions
    ]
    return section("levels", "The bridge by part", *parts)


def _by_span(data: RoundView, say: Callable[[str], str]) -> Html:
    rows = pick_level(data.table("level_bridge"), data.dimensions)
    rows = rows[rows["span"] == "quarter"]
    return part_table(rows, SPAN, say, data.unit, "Bridge by quarter, all sales", _OPEN)


def _by_dimension(data: RoundView, name: str, say: Callable[[str], str]) -> Html:
    rows = pick_level(data.table("level_bridge"), data.dimensions, name, data.round)
    caption = f"Bridge of {data.round} by {humanise(name).lower()}"
    return part_table(rows, name, say, data.unit, caption, _OPEN)


_OPEN = "Periods still open; what has been sold already has no bridge."


def customers_section(data: RoundView) -> Html:
    """How many customers came back, and what each type of sale brought, as transactions tell."""
    cohorts, types = data.table("cohorts"), data.table("customer_sales")
    text = (
        "A cohort is all customers whose first purchase in the data fell into one span. It is followed only "
        "as far as it has lived."
    )
    return section(
        "customers",
        "Customers who buy again",
        tag("p", text),
        cohort_table(cohorts, data.currency),
        type_table(types, data.currency) if len(types) else None,
    )
