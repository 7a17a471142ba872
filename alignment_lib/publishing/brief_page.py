"""Campaign briefs to pin up on the sales floor: one printed page each, what the reader must know first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.wording import write_count, write_date
from alignment_lib.publishing.plain_page import PagePart, render_page

__all__ = ["render_brief", "render_briefs"]

_WORDS = {
    "offer": "The offer",
    "conditions": "Conditions",
    "audience": "For whom",
    "aim": "What it is for",
    "script": "Talking points",
}
_STYLE = """\
.brief dt { font-weight: 600; margin-top: .8rem; } .brief dd { margin: 0; font-size: 1.05rem; }
@media print {
  section { break-after: page; } section + section { border-top: 0; } .brief dd { font-size: 13pt; }
}
"""


def render_briefs(briefs: pd.DataFrame, business: str, round_name: str, as_of: pd.Timestamp) -> bytes:
    """Every campaign that has not ended, one page each.

    Parameters
    ----------
    briefs : DataFrame
        `brief_status`.
    business, round_name : str
        For the header.
    as_of : Timestamp
        Campaigns that ended before it are left out, and counted.
    """
    ended = briefs["end"].notna() & (briefs["end"] < as_of)
    open_ones = briefs[~ended]
    parts = [
        PagePart(f"brief-{number}", str(row["campaign"]), [render_brief(row)])
        for number, row in enumerate(open_ones.to_dict("records"), start=1)
    ]
    counted = write_count(len(open_ones), "campaign")
    said = f"{counted} to come or under way; {int(ended.sum())} ended before and not shown."
    facts = [("Round", round_name), ("As of", write_date(as_of))]
    return render_page("Campaign briefs", business, facts, [tag("p", said, class_="lead")], parts, _STYLE)


def render_brief(row: Mapping[Any, Any]) -> Html:
    """One brief: dates, offer, conditions, audience, aim, talking points, and what is still missing."""
    pairs: list[Html] = []
    for name, title in _WORDS.items():
        pairs += [tag("dt", title), tag("dd", str(row[name]) if row[name] else "not written yet")]
    missing = str(row["weak_points"]).replace("; ", ", ")
    state = f"Still missing: {missing}." if missing else "Agreed, read by all roles, regular customers told."
    if row["is_agreed"]:
        state = f"Agreed by {row['agreed_by']} on {write_date(row['agreed_on'])}. {state}"
    comment = tag("p", f"Sales says: {row['sales_comment']}") if row["sales_comment"] else None
    dates = f"{write_date(row['start'])} to {write_date(row['end'])}"
    return tag(
        "div", tag("p", dates, class_="lead"), tag("dl", *pairs), tag("p", state), comment, class_="brief"
    )
