"""The explorer as a still page: its first line, its charts and what counts at which value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.tables import Column, Table, render_table

__all__ = ["draw_still"]


def draw_still(state: Mapping[str, Any]) -> Html:
    """A session's description as a page.

    Parameters
    ----------
    state : mapping
        As `Session.describe` returns it.
    """
    told = state["figures"]
    line = tag("dl", *(_fact(one) for one in told["facts"]))
    figures = (_figure(chart) for chart in state["charts"].values())
    return framed(line, tag("div", join(figures), class_="pair small"), _counted(state))


def _fact(one: Mapping[str, str]) -> Html:
    below = _below(one)
    small = tag("small", below) if below else None
    return tag("div", tag("dt", one["label"]), tag("dd", one["value"], small))


def _below(fact: Mapping[str, str]) -> str:
    return "; ".join(text for text in (fact.get("beside", ""), fact["remark"]) if text)


def _figure(chart: Mapping[str, str]) -> Html:
    caption = tag("figcaption", tag("strong", chart["title"]), " ", tag("span", chart["subtitle"]))
    return tag("figure", caption, Html(chart["svg"]), tag("p", chart["legend"], class_="legend"))


def _counted(state: Mapping[str, Any]) -> Html:
    told = state["figures"]["rows"]
    rows = [
        {"name": f"{row['id']} {row['title']}", "value": told[row["id"]]["value"], "unit": row["unit"]}
        | {"effect": told[row["id"]]["effect"], "verdict": row["verdict"]}
        | {"action": told[row["id"]]["moved"] or row["span"]}
        for row in state["rows"]
        if row["is_open"] and told[row["id"]]["stand"] == "counts"
    ]
    dropped = [row["id"] for row in state["rows"] if told[row["id"]]["stand"] == "dropped"]
    gone = f"Dropped, claim and action: {', '.join(dropped)}." if dropped else ""
    if not rows:
        text = "No assumption counts here: the plan is the baseline with its driver calendar."
        return tag("p", f"{text} {gone}".strip())
    columns = [
        Column("name", "assumption that counts"),
        Column("value", "at", "number", decimals=1, signed=True),
        Column("unit", "unit"),
        Column("action", "when"),
        Column("effect", "does to the plan"),
        Column("verdict", "evidence", "mark"),
    ]
    frame = pd.DataFrame(rows)
    caption = f"{state['round']}: what counts"
    return render_table(Table(caption, columns, frame, note=gone))
