"""Use case: publish the review of a closed round, and the pack of a meeting, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignment_lib.answers.wording import choose_scale, write_change, write_date
from alignment_lib.app.reviewing.meeting_round import prepare_meeting
from alignment_lib.app.reviewing.review_parts import review_parts
from alignment_lib.inputs.periods.round_days import round_title
from alignment_lib.publishing.beside_round import publish_beside
from alignment_lib.publishing.brief_page import render_briefs
from alignment_lib.publishing.meeting_pack import MeetingPack, render_pack, render_sheet
from alignment_lib.publishing.plain_page import render_page
from alignment_lib.review.closed_story import say_reconciled
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds
from alignment_lib.rounds.closed.look_back import LookBack, look_back
from alignment_lib.rounds.closed.look_view import view_look_back
from alignment_lib.rounds.files.parquet_tables import arrange_table, encode_table
from alignment_lib.rounds.preparing.known_round import see_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["RoundReview", "publish_meeting", "publish_review", "review_round"]


@dataclass(frozen=True)
class RoundReview:
    """A closed round looked back on, ready to be published.

    Attributes
    ----------
    look : LookBack
        What it came to.
    tables : dict of str to DataFrame
        `review_tables`, and the record.
    lines : tuple of str
        The review in a few lines of text.
    page : bytes
        The page.
    """

    look: LookBack
    tables: Mapping[str, pd.DataFrame]
    lines: tuple[str, ...]
    page: bytes


def review_round(
    workspace: Path, closed: str = "", as_of: pd.Timestamp | None = None, rounds: Path | None = None
) -> RoundReview:
    """Look back on a closed round.

    Parameters
    ----------
    workspace : Path
        The business unit's folder.
    closed : str
        The round; blank for the last one whose sales are all known.
    as_of : Timestamp, optional
        The wall; by default the day after the round.
    rounds : Path, optional
        Where published rounds lie, before the workspace's own.

    Raises
    ------
    InputError
        Every problem of the workspace; a round that has not closed.
    """
    seen = see_round(workspace, closed, as_of)
    look = look_back(seen, earlier_rounds(seen, [rounds]))
    name = seen.workspace.settings.business.name
    title = round_title(seen.workspace.calendar, look.label)
    facts = [("Round", title), ("As of", write_date(seen.round.as_of))]
    view = view_look_back(look)
    page = render_page(f"What {look.label} came to", name, facts, [], review_parts(look, view))
    return RoundReview(look, view.tables, tuple(_lines(look)), page)


def _lines(look: LookBack) -> list[str]:
    """The review as lines for a terminal."""
    lines = []
    for variance in look.variances:
        kinds = variance.table[variance.table["view"] == "type"]
        start, end = float(kinds["reference"].sum()), float(kinds["actual"].sum())
        scale = choose_scale([start, end], look.unit)
        lines.append(
            f"{look.label} against {variance.reference_name}: {scale.say(end)}, {write_change(end, start)}"
        )
        story = say_reconciled(variance.table, look.unit)
        lines += [f"  {story}"] if story else []
        bars = variance.table[variance.table["view"].isin(["funnel", "cause"])]
        sums = bars.groupby(["bar", "owner_function", "confidence"], sort=False)["effect"].sum().reset_index()
        for row in sums.sort_values("effect", key=abs, ascending=False, kind="stable").to_dict("records"):
            if abs(row["effect"]) >= 0.5:
                amount = scale.write(float(row["effect"]), signed=True)
                lines.append(f"  {amount:>12}  {row['bar']} ({row['owner_function']}; {row['confidence']})")
    if not look.variances:
        lines.append(f"{look.label}: nothing to compare with yet; the plan published now is compared next.")
    lines += [f"note: {notice.sentence}" for notice in look.notices]
    return lines


def publish_review(found: RoundReview, output: Path) -> tuple[Path, ...]:
    """Write page and tables to ``output/<round>/<unit>.review/`` in one step."""
    dimensions = found.look.seen.dimensions
    files = {"review.html": found.page}
    for name, table in found.tables.items():
        files[f"{name}.parquet"] = encode_table(arrange_table(table, dimensions))
    return publish_beside(files, output, found.look.label, found.look.seen.workspace.name, "review")


def publish_meeting(
    request: PlanRequest, output: Path, minutes: int = 90, most: int = 10
) -> tuple[MeetingPack, tuple[Path, ...]]:
    """Prepare a round's meeting and write it to ``output/<round>/<unit>.meeting/`` in one step.

    ``meeting.html`` to print, ``decisions.xlsx`` to fill in, and ``briefs.html`` for the sales floor where
    there are campaigns.

    Raises
    ------
    InputError
        Every problem of the workspace.
    """
    work = RoundWork(prepare_round(request), request)
    pack, look = prepare_meeting(work, minutes, most), work.look
    files = {"meeting.html": render_pack(pack), "decisions.xlsx": render_sheet(pack)}
    if look.funnel is not None and len(look.funnel.briefs):
        files["briefs.html"] = render_briefs(look.funnel.briefs, pack.business, pack.title, pack.as_of)
    return pack, publish_beside(files, output, pack.round, pack.unit, "meeting")
