"""The report's later sections: assumptions, leads, the track record, and how it was worked out."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.facts import has_ended, sum_effects
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.past.provenance import provenance, say_cleaning, say_known, say_models
from alignment_lib.answers.tables import Column, Table, list_rows, render_table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    join_words,
    write_count,
    write_number,
)
from alignment_lib.publishing.report.report_frame import folded, section
from alignment_lib.rounds.view import RoundView

__all__ = ["assumptions_section", "notes_section"]

_PLAIN = Scale(1.0, 0, "")
_MOST_ROWS = 60


def assumptions_section(data: RoundView) -> Html:
    """The register with verdict and owner role."""
    title = "Assumptions and their evidence"
    register = data.table("assumptions")
    rows = _join_evidence(data, register)
    rows["what"] = rows["id"].astype(str) + " " + rows["title"].astype(str)
    scale = choose_scale(rows["effect"], data.unit)
    columns = [Column("what", "What and whose", below="owner")]
    columns += [Column("status", "Status", "mark")] if "status" in rows else []
    columns += [Column("verdict", "Verdict", "mark")] if "verdict" in rows else []
    columns.append(Column("claim_text", "Claim", below="when"))
    if "supported" in rows:
        rows["behind"] = [_say_events(row) for row in list_rows(rows)]
        columns.append(
            Column("supported", "History supports", "number", unit="as the claim", decimals=1, below="behind")
        )
    if "overlap" in rows:
        rows["within"] = [_say_overlap(row, scale) for row in list_rows(rows)]
    below = "within" if "within" in rows else ""
    columns.append(Column("effect", f"In {data.round}, as proposed", "amount", signed=True, below=below))
    note = (
        "Claims in per cent are of the baseline in scope. Drafts and rejected rows are listed, never counted."
    )
    ended = has_ended(data, rows)
    parts: list[Html | None] = [tag("p", _say_register(rows))]
    for chosen, caption in (
        (rows[~ended], "Assumptions that reach into the round or beyond"),
        (rows[ended], ""),
    ):
        caption = caption or f"Assumptions that ended before {data.round}"
        if len(chosen):
            caption = f"{caption}, {len(chosen)} of {len(rows)}"
            table = render_table(Table(caption, columns, chosen.head(_MOST_ROWS), scale, None, note))
            over = bool(ended[chosen.index[0]])
            folded = tag("details", tag("summary", caption), table, class_="screen-only")
            parts.append(folded if over else table)
    return section("assumptions", title, *parts, _sentences(rows))


def _say_events(row: dict[str, object]) -> str:
    count = row.get("events")
    return write_count(int(count), "event") if isinstance(count, int | float) and count > 0 else ""


def _say_overlap(row: dict[str, object], scale: Scale) -> str:
    amount = row.get("overlap")
    if not isinstance(amount, int | float) or not abs(amount) >= scale.factor / 2:
        return ""
    return f"{scale.write(float(amount))} already in plan"


def _join_evidence(data: RoundView, register: pd.DataFrame) -> pd.DataFrame:
    rows = register.copy()
    effects = sum_effects(data, "as_proposed").rename(columns={"assumption": "id"})
    rows = rows.merge(effects[["id", "effect"]], on="id", how="left").fillna({"effect": 0.0})
    rows["claim_text"] = [_say_claim(row) for row in list_rows(rows)]
    rows["when"] = [_say_dates(row.get("start"), row.get("end")) for row in list_rows(rows)]
    evidence = data.table("evidence")
    if evidence.empty:
        return rows
    key = "assumption" if "assumption" in evidence else "id"
    wanted = {"supported": "supported", "events": "events", "verdict": "verdict", "sentence": "sentence"}
    wanted["overlap"] = "overlap_units" if "overlap_units" in evidence else "overlap"
    found = pd.DataFrame({"id": evidence[key]})
    for name, source in wanted.items():
        if source in evidence:
            found[name] = evidence[source]
    return rows.merge(found.drop_duplicates("id"), on="id", how="left")


def _say_claim(row: dict[str, object]) -> str:
    value, unit = row.get("expected"), str(row.get("unit", ""))
    if not isinstance(value, int | float) or pd.isna(value):
        return "–"
    sign = unit == "percent"
    text = write_number(float(value), 0 if float(value).is_integer() else 1, signed=sign)
    text += "\u202f%" if unit == "percent" else f" {unit}"
    low, high = row.get("low"), row.get("high")
    if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
        text += f" ({write_number(float(low))} to {write_number(float(high))})"
    return text


def _say_dates(start: object, end: object) -> str:
    if not isinstance(start, pd.Timestamp) or not isinstance(end, pd.Timestamp):
        return ""
    first = f"{start.day} {start:%b}" + ("" if start.year == end.year else f" {start.year}")
    return f"{first} to {end.day} {end:%b} {end.year}"


def _say_register(rows: pd.DataFrame) -> str:
    words = []
    for column, opening in (("status", "By status"), ("verdict", "By verdict")):
        if column in rows:
            counts = rows[column].dropna().value_counts(sort=False).sort_index()
            words.append(f"{opening}: {join_words([f'{count} {name}' for name, count in counts.items()])}.")
    return " ".join(words)


def _sentences(rows: pd.DataFrame) -> Html | None:
    if "sentence" not in rows:
        return None
    spoken = rows[rows["sentence"].notna() & (rows["sentence"] != "")].head(_MOST_ROWS)
    items = (tag("li", tag("b", str(row["id"])), " ", str(row["sentence"])) for row in list_rows(spoken))
    return tag(
        "details", tag("summary", "What history says of each"), tag("ul", *items), class_="screen-only"
    )


def notes_section(data: RoundView) -> Html:
    """What was cleaned, what was chosen and why, and what it all stands on."""
    answer = provenance(data)
    frame = answer.frame
    found = frame[frame["kind"] == "notice"]
    columns = [
        Column("value", "What was found and done"),
        Column("count", "Cases", "number"),
        Column("name", "Rule"),
    ]
    listed = Table("What was found in the data and done about it", columns, found, _PLAIN)
    count = write_count(len(found), "note on data and models", "notes on data and models")
    said = (say_known(data), say_cleaning(data), say_models(data))
    return section(
        "notes",
        "Method and data",
        *(tag("p", text) for text in said),
        folded(f"For analysts: {count}", render_table(listed)) if len(found) else None,
        folded("Inputs, parameters and versions", answer.to_html(("table",))),
        tag("p", "Notes for analysts stand in the file itself, not on paper.", class_="on-paper note"),
    )
