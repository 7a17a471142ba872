"""Notebook 3: every written assumption, what history supports, and what moves the plan most."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims, picture_claim
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.swings import draw_swings, pick_swings, say_widest
from alignment_lib.answers.tables import Column
from alignment_lib.answers.wording import (
    humanise,
    join_words,
    say_value,
    write_count,
    write_date,
    write_number,
)
from alignment_lib.app.notebook_pages.frame import plain_table, remark, show, unit_of
from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.odds.sensitivity import sensitivity_table
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.gathered_past import gather_past
from alignment_lib.rounds.preparing.prepared_round import PreparedRound, cover_factors

__all__ = [
    "RoundClaims",
    "open_claims",
    "show_claims",
    "show_coverage",
    "show_evidence",
    "show_overlaps",
    "show_register",
    "show_swings",
]


@dataclass(frozen=True)
class RoundClaims:
    """The claims of a round with their evidence.

    Attributes
    ----------
    ready : PreparedRound
        The round.
    live : LiveRound
        Its plans, worked out on demand.
    past : Past
        What evidence is drawn from.
    readings : dict of str to Reading
        What the past says of each claim, by id.
    rows : tuple of Assumption
        Those whose dates reach into the horizon.
    """

    ready: PreparedRound
    live: LiveRound
    past: Past
    readings: dict[str, Reading]
    rows: tuple[Assumption, ...]

    @property
    def evidence(self) -> pd.DataFrame:
        """`gather_evidence` for `rows`, with ``name`` (id and title)."""
        titles = {row.id: f"{row.id} {row.title}" for row in self.rows}
        frame = self.live.evidence
        frame = frame[frame["assumption"].isin(titles)].reset_index(drop=True)
        return frame.assign(name=frame["assumption"].map(titles))


def open_claims(ready: PreparedRound) -> RoundClaims:
    """Set every claim of the horizon beside what the past says."""
    past = gather_past(ready)
    rows = tuple(row for row in ready.register if row.end >= ready.round.first_open)
    live = LiveRound(ready)
    return RoundClaims(ready, live, past, dict(live.readings), rows)


def show_register(claims: RoundClaims) -> Html:
    """Assumptions whose dates reach into the horizon, with who owns them and where they stand."""
    rows = [
        {
            "id": row.id,
            "title": row.title,
            "kind": humanise(row.kind),
            "owner": f"{row.owner} ({row.function})",
            "start": row.start,
            "end": row.end,
            "expected": row.expected,
            "unit": "%" if row.unit == "percent" else row.unit,
            "status": row.status,
        }
        for row in claims.rows
    ]
    if not rows:
        return show(_say_nothing_open(claims))
    columns = [
        Column("title", "assumption", below="id"),
        Column("kind", "kind"),
        Column("owner", "owner"),
        Column("start", "from", "date"),
        Column("end", "to", "date"),
        Column("expected", "expected", "number", signed=True),
        Column("unit", "unit"),
        Column("status", "status", "mark"),
    ]
    left = len(claims.ready.register) - len(rows)
    note = f"{left} more have ended before the horizon." if left else ""
    return show(plain_table(pd.DataFrame(rows), "Assumptions of this horizon", columns, note))


def _say_nothing_open(claims: RoundClaims) -> str:
    """That there is nothing to look at, and where the rows that have ended can be looked at."""
    ended = [row.end for row in claims.ready.register]
    text = "The register holds no assumption for this horizon. Add rows to the assumptions table"
    if not ended:
        return f"{text}."
    return (
        f"{text}, or open an earlier round: {write_count(len(ended), 'row')} ended before it, the last on "
        f"{write_date(max(ended))}."
    )


def show_claims(claims: RoundClaims) -> Html:
    """Each claimed range over what history supports, past events as dots, one strip a claim."""
    frame = claims.evidence
    if frame.empty:
        return show("There is no assumption to set beside the history.")
    pictures = [_picture(line, claims.readings[str(line["assumption"])]) for line in frame.to_dict("records")]
    counts = frame["verdict"].value_counts()
    said = join_words([f"{counts[name]} {name}" for name in sorted(counts.index)])
    chart = draw_claims(
        pictures, name="a-claims", title="What is claimed, and what was seen", period=claims.ready.round.name
    )
    return show(f"Of {write_count(len(frame), 'claim')}: {said}.", chart)


def _picture(line: dict[Any, Any], reading: Reading) -> ClaimPicture:
    return picture_claim(line, tuple((one.label, one.effect, one.is_established) for one in reading.past))


def show_evidence(claims: RoundClaims) -> Html:
    """The evidence in figures and, claim by claim, in one sentence."""
    frame = claims.evidence
    if frame.empty:
        return show("There is no assumption to set beside the history.")
    frame = frame.assign(
        claimed=[_say(line, "effect_claim") for line in frame.to_dict("records")],
        found=[_say(line, "effect_supported", "effect_error") for line in frame.to_dict("records")],
        placebo=frame["placebo"].where(frame["placebo"] != "", "not tested"),
        source=frame["source"].where(frame["source"] != "", "nothing"),
        place=frame["range_place"].where(frame["range_place"] != "", "\u2013"),
    )
    columns = [
        Column("name", "assumption"),
        Column("claimed", "claimed effect"),
        Column("found", "the past supports"),
        Column("place", "claimed range against its band"),
        Column("source", "by"),
        Column("events", "past events", "number"),
        Column("placebo", "against dates without it"),
        Column("verdict", "verdict", "mark"),
    ]
    items = (
        tag("li", tag("b", str(line["name"])), tag("br"), str(line["sentence"]))
        for line in frame.to_dict("records")
    )
    note = (
        "Effects on sales in scope and dates: of a claim about a price, what the price would do. The plan "
        "weighted by evidence takes claim and history by how sure each is, the claim after what came true of "
        "its owner's earlier ones."
    )
    return show(plain_table(frame, "Claims and evidence", columns, note), tag("ul", *items))


def _say(line: dict[Any, Any], name: str, error: str = "") -> str:
    """An effect with its unit and, where it is known, its standard error."""
    value = float(line[name])
    if not math.isfinite(value):
        return "\u2013"
    decimals = 0 if abs(value) >= 10 else 1
    unit = "%" if line["unit"] == "percent" else str(line["unit"])
    spread = float(line[error]) if error else math.nan
    text = write_number(value, decimals, signed=True)
    if math.isfinite(spread):
        text += f" \u00b1 {write_number(spread, 0 if spread >= 10 else 1)}"
    return f"{text} {unit}"


def show_overlaps(claims: RoundClaims) -> Html:
    """Claims that restate what the driver calendar or another row already holds."""
    frame = claims.evidence
    frame = frame[frame["already_in_plan"].astype(bool)] if len(frame) else frame
    if frame.empty:
        return show("No claim restates what the plan holds already.")
    frame = frame.assign(overlap_with=[_say_partners(str(names)) for names in frame["overlap_with"]])
    columns = [
        Column("name", "assumption"),
        Column("overlap_units", "already in the plan", "number", unit_of(claims.ready), signed=True),
        Column("overlap_with", "by"),
    ]
    return show(plain_table(frame, "Claims already in the plan", columns))


def _say_partners(names: str) -> str:
    """Ids as they are, drivers as what they are: entries of the calendar."""
    return "; ".join(
        f"calendar of {say_value(name.removeprefix('driver:')).lower()}"
        if name.startswith("driver:")
        else name
        for name in names.split("; ")
    )


def show_swings(claims: RoundClaims, scenario: str = "as_proposed") -> Html:
    """How far each counted assumption moves the round between its low and its high, all else as planned."""
    live, ready = claims.live, claims.ready
    rows = live.rows_of(live.start_from(scenario))
    titles = {row.id: f"{row.id} {row.title}" for row in rows}
    table = sensitivity_table(ready.horizon, live.layout, rows)
    swings = pick_swings(table, ready.round.name, lambda name: titles[name])
    if swings.empty:
        return show("No counted assumption states a range, so none moves the plan.")
    chart = draw_swings(swings, unit_of(ready), ready.round.name, scenario)
    return show(chart, remark(f"{say_widest(swings, unit_of(ready))} One assumption at a time."))


def show_coverage(claims: RoundClaims) -> Html:
    """The six factors a plan made from statistics alone leaves out: who speaks to each, or whom to ask."""
    live = claims.live
    plan = live.evaluate(live.start_from("as_proposed"), "as_proposed").plan
    frame = cover_factors(claims.ready, plan, live.evidence)
    frame = frame.assign(state=["thought of" if seen else "not yet" for seen in frame["considered"]])
    frame["words"] = [said or asked for said, asked in zip(frame["evidence"], frame["ask"], strict=True)]
    columns = [
        Column("title", "factor"),
        Column("state", "state", "mark"),
        Column("assumptions", "assumptions"),
        Column("effect", "moves the plan by", "number", unit_of(claims.ready), signed=True),
    ]
    if claims.ready.history.measure != "revenue" and frame["revenue"].notna().any():
        currency = claims.ready.workspace.settings.business.currency
        columns.append(Column("revenue", "in money", "number", currency, signed=True))
    columns.append(Column("words", "what stands behind it, or whom to ask"))
    note = "As proposed. A claim about an online channel speaks to two factors and stands in both lines."
    return show(plain_table(frame, "Six factors, over the whole horizon", columns, note))
