"""The explorer as a still page: its first line, its charts and what counts at which value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Column
from alignment_lib.app.notebook_pages.frame import facts, plain_table, show

__all__ = ["draw_still"]


def draw_still(state: Mapping[str, Any]) -> Html:
    """A session's description as a page.

    Parameters
    ----------
    state : mapping
        As `Session.describe` returns it.
    """
    told = state["figures"]
    line = facts([(one["label"], one["value"], _below(one)) for one in told["facts"]])
    figures = (_figure(chart) for chart in state["charts"].values())
    return show(line, tag("div", join(figures), class_="pair small"), _counted(state))


def _below(fact: Mapping[str, str]) -> str:
    return "; ".join(text for text in (fact.get("beside", ""), fact["remark"]) if text)


def _figure(chart: Mapping[str, str]) -> Html:
    caption = tag("figcaption", tag("strong", chart["title"]), " ", tag("span", chart["subtitle"]))
    return tag("figure", caption, Html(chart["svg"]), tag("p", chart["legend"], class_="legend"))


def _counted(state: Mapping[str, Any]) -> Html | str:
    stands = state["figures"]["rows"]
    rows = [
        {"name": f"{row['id']} {row['title']}", "value": stands[row["id"]][1], "unit": row["unit"]}
        | {"effect": stands[row["id"]][2], "verdict": row["verdict"]}
        for row in state["rows"]
        if row["is_open"] and stands[row["id"]][0]
    ]
    if not rows:
        return "No assumption counts here: the plan is the baseline with its driver calendar."
    columns = [
        Column("name", "assumption that counts"),
        Column("value", "at", "number", decimals=1, signed=True),
        Column("unit", "unit"),
        Column("effect", "does to the plan"),
        Column("verdict", "evidence", "mark"),
    ]
    return plain_table(pd.DataFrame(rows), f"{state['round']}: what counts", columns)
