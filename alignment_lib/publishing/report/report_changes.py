"""The report between two rounds: decisions still due, where we will end as seen now, what changed."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Column, Table, list_rows, render_table, sum_columns
from alignment_lib.answers.wording import Scale, choose_scale, say_span, say_value, write_count
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "changes_section",
    "decisions_section",
    "estimate_section",
    "is_under_way",
    "name_change",
    "open_decisions",
    "render_changes",
]

_PLAIN = Scale(1.0, 0, "")
_MOST_ROWS = 40
_MOST_STEPS = 12


def open_decisions(data: RoundView) -> pd.DataFrame:
    """Earlier decisions not yet carried out, the first due first; ``is_late`` where the day has passed."""
    table = data.table("decisions")
    if table.empty or "status" not in table:
        return table.iloc[:0]
    waiting = table[~table["status"].isin(["done", "dropped"])]
    due = waiting["due"] if "due" in waiting else pd.Series(pd.NaT, index=waiting.index)
    ordered = waiting.assign(due=due, is_late=due < data.as_of)
    return ordered.sort_values("due", kind="stable", ignore_index=True)


def decisions_section(data: RoundView) -> Html:
    """Decisions of earlier meetings: what is due, and what became of the rest."""
    waiting, table = open_decisions(data), data.table("decisions")
    late = int(waiting["is_late"].sum()) if len(waiting) else 0
    text = f"{write_count(len(waiting), 'decision')} of {len(table)} not yet carried out; {late} overdue."
    done = table[table["status"].isin(["done", "dropped"])] if "status" in table else table.iloc[:0]
    parts: list[Html | None] = [tag("p", text)]
    if len(waiting):
        rows = waiting.assign(state=waiting["is_late"].map({True: "overdue", False: "open"}))
        parts.append(_decision_table(data, rows, "Decisions not yet carried out"))
    if len(done):
        recent = done.sort_values("date", ascending=False, kind="stable").head(_MOST_ROWS)
        shown = _decision_table(
            data, recent.assign(state=recent["status"]), "What became of earlier decisions"
        )
        parts.append(
            tag("details", tag("summary", f"{write_count(len(done), 'decision')} done or dropped"), shown)
        )
    return section("decisions", "Decisions due", *parts)


def _decision_table(data: RoundView, rows: pd.DataFrame, caption: str) -> Html:
    columns = [Column("text", "Decision", below="decision"), Column("owner", "Who")]
    if rows["due"].notna().any():
        columns.append(Column("due", "Due", "date"))
    columns.append(Column("state", "State", "mark"))
    if "expected_effect" in rows and rows["expected_effect"].notna().any():
        columns.append(Column("expected_effect", "Was to bring", "number", unit=data.currency))
    if "outcome" in rows and (rows["outcome"].fillna("") != "").any():
        columns.append(Column("outcome", "Outcome"))
    shown = rows.reindex(columns=[*rows.columns, *({"owner"} - set(rows.columns))])
    return render_table(Table(caption, columns, shown, _PLAIN, classes="wordy"))


def is_under_way(data: RoundView) -> bool:
    """Whether some periods of the horizon have been sold already."""
    return data.has_rows("estimate", "span", "actual", "estimate") and bool(
        (data.table("estimate")["actual"] != 0).any()
    )


def estimate_section(data: RoundView) -> Html:
    """Where each span under way will end: what was sold, and what is planned for the rest."""
    table = data.table("estimate")
    rows = table[table["actual"] != 0].assign(what=lambda t: t["label"].map(say_span))
    scale = choose_scale(rows["estimate"], data.unit)
    columns = [Column("what", "Span"), Column("actual", "Sold", "amount")]
    columns += [
        Column("open_plan", "Planned for the rest", "amount"),
        Column("estimate", "Estimate", "amount"),
    ]
    if rows["signed_plan"].notna().any():
        columns.append(Column("signed_plan", "Plan made before", "amount"))
        columns.append(Column("gap", "Estimate less plan", "amount", signed=True))
    shown = render_table(Table(f"Latest estimate, {scale.unit}", columns, rows, scale))
    return section("estimate", "Where we will end as seen now", shown)


def changes_section(data: RoundView) -> Html:
    """From last round's plan to this one, contributor by contributor, over the periods both plan."""
    note = data.manifest.get("previous") or {}
    earlier = str(note.get("round", "last round"))
    currency = "" if data.measure == "revenue" else data.currency
    return section(
        "changes",
        f"What changed since {earlier}",
        render_changes(data.table("changes"), earlier, data.unit, currency),
    )


def render_changes(table: pd.DataFrame, earlier: str, unit: str, currency: str) -> Html:
    """What changed between two plans in a sentence, as a bridge and as a table.

    Parameters
    ----------
    table : DataFrame
        `what_changed`.
    earlier : str
        Name of the earlier round.
    unit : str
        Of the plan's measure.
    currency : str
        Of the money, blank where the measure is money itself.
    """
    rows = table[(table["difference"].abs() > 1e-9) | (table["assumption"] == "baseline")]
    size = rows["difference"].abs().where(rows["assumption"] != "baseline", math.inf)
    rows = rows.loc[size.sort_values(ascending=False, kind="stable").index].copy()
    before, after = float(table["before"].sum()), float(table["after"].sum())
    scale = choose_scale([before, after], unit)
    rows["what"] = [name_change(row) for row in list_rows(rows)]
    # Nobody changed the forecast or the calendar's own effect by a claim: the details say what they are.
    calculated = (rows["assumption"] == "baseline") | rows["assumption"].str.startswith("driver:")
    rows["change"] = rows["change"].mask(calculated & (rows["change"] == "same"), "")
    chart = _draw_changes(rows, before, after, earlier, unit)
    same = table[~table.index.isin(rows.index) & (table["before"] != 0)]
    if len(same):
        # What both plans hold alike makes no difference, but it is in both plans.
        kept = {name: float(same[name].sum()) for name in ("before", "after", "difference")}
        named = write_count(len(same), "other that is as it was", "others that are as they were")
        line = {"what": named, "details": "", "change": "same", "money": 0.0, **kept}
        rows = pd.concat([rows, pd.DataFrame([line])], ignore_index=True)
    columns = [Column("what", "What", below="details"), Column("change", "Change", "mark")]
    columns += [Column("before", "Then", "amount"), Column("after", "Now", "amount")]
    columns.append(Column("difference", "Difference", "amount", signed=True))
    if rows["money"].notna().any() and currency:
        columns.append(Column("money", "Difference", "number", unit=currency, signed=True))
    total = {"what": "Plan", **sum_columns(rows, ["before", "after", "difference"])}
    total |= sum_columns(rows, ["money"], whole=True)
    shown = render_table(Table(f"Change of the plan, {scale.unit}", columns, rows, scale, total))
    words = (
        f"Over the periods that both rounds plan, the plan went from {scale.say(before)} to "
        f"{scale.write(after)} ({scale.write(after - before, signed=True)})."
    )
    return join([tag("p", words), chart.to_html(), shown])


def _draw_changes(rows: pd.DataFrame, before: float, after: float, earlier: str, unit: str) -> Chart:
    shown = rows.head(_MOST_STEPS)
    steps = [Step(f"Plan of {earlier}", before, "forecast")]
    steps += [Step(row["what"], float(row["difference"]), "change") for row in list_rows(shown)]
    rest = float(rows["difference"].iloc[len(shown) :].sum())
    if len(rows) > len(shown):
        steps.append(Step(f"{len(rows) - len(shown)} others", rest, "change"))
    steps.append(Step("Plan now", after, "plan"))
    title = f"From the plan of {earlier} to this one"
    return draw_waterfall(steps, name="changes", title=title, unit=unit, period="periods both plan")


def name_change(row: dict[str, object]) -> str:
    """A contributor of the table of changes in words."""
    name, title = str(row["assumption"]), str(row.get("title") or "")
    if name == "baseline":
        return "Baseline"
    if name.startswith("driver:"):
        return f"Driver calendar: {say_value(name.removeprefix('driver:')).lower()}"
    return f"{name} {title}".strip()
