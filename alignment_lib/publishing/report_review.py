"""The report's look back: what changed, what was decided, what came of the last quarter and of claims."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.publishing.charts.waterfall import Step, draw_ladder, draw_waterfall
from alignment_lib.publishing.markup import Html, tag
from alignment_lib.publishing.report_data import ReportData
from alignment_lib.publishing.report_facts import find_answer
from alignment_lib.publishing.report_frame import section
from alignment_lib.publishing.tables import Column, Table, list_rows, render_table, sum_columns
from alignment_lib.publishing.wording import (
    Scale,
    choose_scale,
    humanise,
    join_words,
    say_span,
    say_value,
    write_count,
    write_share,
)

__all__ = [
    "changes_section",
    "decisions_section",
    "estimate_section",
    "has_rows",
    "is_under_way",
    "open_decisions",
    "payout_section",
    "record_section",
    "streams_section",
    "value_added_section",
    "variance_section",
]

_PLAIN = Scale(1.0, 0, "")
_MOST_ROWS = 40
_MOST_STEPS = 12


def has_rows(data: ReportData, name: str, *columns: str) -> bool:
    """Whether a table is there with rows and with the columns named."""
    table = data.table(name)
    return len(table) > 0 and set(columns) <= set(table.columns)


def open_decisions(data: ReportData) -> pd.DataFrame:
    """Earlier decisions not yet carried out, the first due first; ``is_late`` where the day has passed."""
    table = data.table("decisions")
    if table.empty or "status" not in table:
        return table.iloc[:0]
    waiting = table[~table["status"].isin(["done", "dropped"])]
    due = waiting["due"] if "due" in waiting else pd.Series(pd.NaT, index=waiting.index)
    ordered = waiting.assign(due=due, is_late=due < data.as_of)
    return ordered.sort_values("due", kind="stable", ignore_index=True)


def decisions_section(data: ReportData) -> Html:
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


def _decision_table(data: ReportData, rows: pd.DataFrame, caption: str) -> Html:
    columns = [Column("text", "Decision", below="decision"), Column("owner", "Who")]
    if rows["due"].notna().any():
        columns.append(Column("due", "Due", "date"))
    columns.append(Column("state", "State", "mark"))
    if "expected_effect" in rows and rows["expected_effect"].notna().any():
        columns.append(Column("expected_effect", "Was to bring", "number", unit=data.currency))
    if "outcome" in rows and (rows["outcome"].fillna("") != "").any():
        columns.append(Column("outcome", "Outcome"))
    shown = rows.reindex(columns=[*rows.columns, *({"owner"} - set(rows.columns))])
    return render_table(Table(caption, columns, shown, _PLAIN))


def is_under_way(data: ReportData) -> bool:
    """Whether some periods of the horizon have been sold already."""
    return has_rows(data, "estimate", "span", "actual", "estimate") and bool(
        (data.table("estimate")["actual"] != 0).any()
    )


def estimate_section(data: ReportData) -> Html:
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


def changes_section(data: ReportData) -> Html:
    """From last round's plan to this one, contributor by contributor, over the periods both plan."""
    rows = data.table("changes")
    rows = rows[(rows["difference"].abs() > 1e-9) | (rows["assumption"] == "baseline")].copy()
    before, after = float(rows["before"].sum()), float(rows["after"].sum())
    note = data.manifest.get("previous") or {}
    earlier = str(note.get("round", "last round"))
    scale = choose_scale([before, after], data.unit)
    rows["what"] = [_name_change(row) for row in list_rows(rows)]
    shown = rows.head(_MOST_STEPS)
    steps = [Step(f"Plan of {earlier}", before, "forecast")]
    steps += [Step(row["what"], float(row["difference"]), "change") for row in list_rows(shown)]
    rest = float(rows["difference"].iloc[len(shown) :].sum())
    if len(rows) > len(shown):
        steps.append(Step(f"{len(rows) - len(shown)} others", rest, "change"))
    steps.append(Step("Plan now", after, "plan"))
    chart = draw_waterfall(
        steps,
        name="changes",
        title=f"From the plan of {earlier} to this one",
        unit=data.unit,
        period="periods both plan",
    )
    columns = [Column("what", "What", below="details"), Column("change", "Change", "mark")]
    columns += [
        Column("before", "Then", "amount", signed=True),
        Column("after", "Now", "amount", signed=True),
    ]
    columns.append(Column("difference", "Difference", "amount", signed=True))
    if rows["money"].notna().any() and data.measure != "revenue":
        columns.append(Column("money", "Difference", "number", unit=data.currency, signed=True))
    total = {"what": "Plan", **sum_columns(rows, ["before", "after", "difference"])}
    total |= sum_columns(rows, ["money"], whole=True)
    table = render_table(Table(f"Change of the plan, {scale.unit}", columns, rows, scale, total))
    words = (
        f"Over the periods that both rounds plan, the plan went from {scale.say(before)} to "
        f"{scale.write(after)} ({scale.write(after - before, signed=True)})."
    )
    return section("changes", f"What changed since {earlier}", tag("p", words), chart.to_html(), table)


def _name_change(row: dict[str, object]) -> str:
    name, title = str(row["assumption"]), str(row.get("title") or "")
    if name == "baseline":
        return "Baseline"
    if name.startswith("driver:"):
        return f"Driver calendar: {say_value(name.removeprefix('driver:')).lower()}"
    return f"{name} {title}".strip()


def streams_section(data: ReportData) -> Html:
    """From the naive forecast to the consensus: what each stream changed."""
    streams = data.in_round(data.table("streams"))
    sums = streams.groupby("stream")["value"].sum()
    order = ["naive", "baseline", "marketing", "sales", "finance", "combined", "consensus"]
    names = [name for name in order if name in sums.index]
    names += [name for name in sums.index if name not in order]
    levels = [(humanise(name), float(sums[name])) for name in names]
    answer = find_answer(data)
    target = answer.target if math.isfinite(answer.target) else None
    chart = draw_ladder(
        levels,
        name="ladder",
        title="From naive forecast to consensus",
        unit=data.unit,
        period=data.round,
        target=target,
    )
    first, last = levels[0], levels[-1]
    change = last[1] / first[1] - 1 if first[1] else math.nan
    side = "above" if change >= 0 else "below"
    text = f"{last[0]} lies {write_share(abs(change))} {side} {first[0].lower()}."
    return section("streams", "Who changed the number", tag("p", text), chart.to_html())


def variance_section(data: ReportData) -> Html:
    """Last quarter: actual less plan, by type of sale, then by funnel step and cause."""
    table = data.table("variance")
    parts: list[Html | None] = []
    by_type = table[table["view"] == "type"]
    total = float(by_type["effect"].sum())
    unit = data.currency if _in_money(data, table) else data.unit
    scale = choose_scale([*by_type["actual"], *by_type["reference"]], unit)
    reference, actual = float(by_type["reference"].sum()), float(by_type["actual"].sum())
    parts.append(
        tag(
            "p",
            f"Sales came to {scale.say(actual)} against a plan of {scale.write(reference)} "
            f"({scale.write(total, signed=True)}).",
        )
    )
    causes = table[table["view"].isin(["funnel", "cause"])]
    if len(causes):
        parts.append(_draw_variance(data, causes, reference, actual, unit))
    rows = by_type.assign(what=by_type["sale_type"].map(say_value))
    columns = [Column("what", "Type of sale"), Column("reference", "Plan", "amount")]
    columns += [
        Column("actual", "Actual", "amount"),
        Column("effect", "Actual less plan", "amount", signed=True),
    ]
    sums = {"what": "All", **sum_columns(rows, ["reference", "actual", "effect"])}
    parts.append(render_table(Table(f"By type of sale, {scale.unit}", columns, rows, scale, sums)))
    if len(causes):
        parts.append(_cause_table(causes, scale))
    return section("review", "What came of the last quarter", *parts)


def _in_money(data: ReportData, table: pd.DataFrame) -> bool:
    return "unit" in table and bool((table["unit"] == data.currency).any())


def _draw_variance(
    data: ReportData, causes: pd.DataFrame, reference: float, actual: float, unit: str
) -> Html:
    sums = causes.groupby("bar", sort=False)["effect"].sum()
    order = sums.abs().sort_values(ascending=False, kind="stable").index
    steps = [Step("Plan", reference, "plan")]
    steps += [Step(humanise(str(name)), float(sums[name]), "change") for name in order[:_MOST_STEPS]]
    if len(order) > _MOST_STEPS:
        steps.append(Step("others", float(sums[order[_MOST_STEPS:]].sum()), "change"))
    steps.append(Step("Actual", actual, "actual"))
    title = "From plan to actual, step by step"
    return draw_waterfall(steps, name="variance", title=title, unit=unit, period="last quarter").to_html()


def _cause_table(causes: pd.DataFrame, scale: Scale) -> Html:
    rows = causes.groupby(["sale_type", "bar", "owner_function", "confidence"], as_index=False, sort=False)[
        "effect"
    ].sum()
    rows = rows.assign(what=rows["bar"].map(humanise), kind=rows["sale_type"].map(say_value))
    rows = rows.loc[rows["effect"].abs().sort_values(ascending=False, kind="stable").index].head(_MOST_ROWS)
    columns = [
        Column("what", "Step or cause"),
        Column("kind", "Type of sale"),
        Column("effect", "Effect", "amount", signed=True),
    ]
    columns += [Column("owner_function", "Whose"), Column("confidence", "How known", "mark")]
    note = "Owners are functions, not people. A remainder is what nothing else explains."
    table = render_table(
        Table(f"Actual less plan by step and cause, {scale.unit}", columns, rows, scale, None, note)
    )
    return tag("details", tag("summary", "By funnel step and cause"), table)


def value_added_section(data: ReportData) -> Html:
    """What each step from naive forecast to consensus added to accuracy in closed rounds."""
    table = data.table("value_added")
    pooled = table[(table["round"].fillna("") == "") & (table["level"] == "total")]
    pooled = pooled[pooled["span"] == data.cycle] if (pooled["span"] == data.cycle).any() else pooled
    if "lag" in pooled and len(pooled):
        pooled = pooled[pooled["lag"] == pooled["lag"].min()]
    rows = pooled if len(pooled) else table
    rows = rows.head(_MOST_ROWS).assign(name=rows["stream"].map(humanise))
    sentences = [str(text) for text in rows["sentence"] if isinstance(text, str) and text]
    columns = [Column("name", "Stream"), Column("wape", "Error", "share", decimals=1)]
    columns += [
        Column("bias_share", "Bias", "share", decimals=1, signed=True),
        Column("value_added_share", "Error taken away", "share", decimals=1, signed=True),
    ]
    note = (
        "Error is the sum of absolute misses over what was sold; each step is set against the one before it."
    )
    shown = render_table(Table("Closed rounds, all sales together", columns, rows, _PLAIN, None, note))
    spoken = tag("ul", *(tag("li", text) for text in sentences[:6])) if sentences else None
    return section("value-added", "Which step made the forecast better", spoken, shown)


def record_section(data: ReportData) -> Html:
    """How earlier assumptions came out."""
    record = data.table("record")
    text = f"{write_count(len(record), 'assumption')} of closed rounds have been scored."
    scored = record[record["actual"].notna() & record["claim"].notna()]
    over = int((scored["actual"].abs() < scored["claim"].abs()).sum())
    if len(scored):
        text += f" {over} of {len(scored)} came out smaller than claimed."
    register = data.table("assumptions")
    titles = dict(zip(register["id"], register["title"], strict=True)) if len(register) else {}
    rows = record.assign(
        what=[f"{name} {titles.get(name, '')}".strip() for name in record["assumption"]],
        owner=record["owner"].fillna(""),
        kind=record["kind"].map(say_value),
    )
    columns = [Column("what", "Assumption", below="owner"), Column("round", "Round"), Column("kind", "Kind")]
    columns += [
        Column("claim", "Claim", "number", decimals=0, below="unit"),
        Column("actual", "Came true", "number", decimals=0),
        Column("standard_error", "Give or take", "number", decimals=0),
        Column("verdict", "Verdict then", "mark"),
    ]
    note = "Claim and outcome are in the claim's own unit."
    table = render_table(Table("Scored assumptions", columns, rows.head(_MOST_ROWS), _PLAIN, None, note))
    folded = tag("details", tag("summary", "Assumption by assumption"), table, class_="screen-only")
    return section("record", "How earlier assumptions came out", tag("p", text), _owner_table(scored), folded)


def _owner_table(scored: pd.DataFrame) -> Html | None:
    """How the claims of each role came out: how many, and how many were larger than what came true."""
    if scored.empty:
        return None
    rows = scored.assign(
        owner=scored["owner"].fillna("nobody named"),
        smaller=scored["actual"].abs() < scored["claim"].abs(),
        within=(scored["actual"] - scored["claim"]).abs() <= 2 * scored["standard_error"],
    )
    sums = rows.groupby("owner", as_index=False).agg(
        claims=("claim", "size"), smaller=("smaller", "sum"), within=("within", "sum")
    )
    columns = [Column("owner", "Whose"), Column("claims", "Claims scored", "number")]
    columns += [
        Column("smaller", "Came out smaller", "number"),
        Column("within", "Within chance of the claim", "number"),
    ]
    total = {"owner": "All", **sum_columns(sums, ["claims", "smaller", "within"])}
    note = "Within chance: the claim lies within two standard errors of what came true."
    return render_table(Table("Claims of closed rounds by owner", columns, sums, _PLAIN, total, note))


def payout_section(data: ReportData) -> Html:
    """What the scheme pays at the results known, by function."""
    table = data.table("payout")
    totals = table[table["part"] == "total"]
    paid = float(totals["amount"].sum())
    scale = choose_scale([paid, *table["at_target"]], data.currency)
    names = [f"{row['function']} {scale.write(float(row['amount']))}" for row in list_rows(totals)]
    text = f"At the results known the scheme pays {scale.say(paid)}: {join_words(names)}."
    rows = table[table["part"] != "total"]
    rows = rows.assign(what=rows["measure"].map(humanise), whose=rows["function"])
    columns = [
        Column("what", "Measure", below="sentence"),
        Column("whose", "Function"),
        Column("part", "Part", "mark"),
    ]
    columns += [
        Column("result", "Result", "share", decimals=0),
        Column("at_target", "At target", "amount"),
        Column("amount", "Pays", "amount"),
    ]
    total = {"what": "All", **sum_columns(rows, ["at_target", "amount"])}
    shown = render_table(Table(f"Payout line by line, {scale.unit}", columns, rows, scale, total))
    return section("incentives", "Incentives", tag("p", text), shown)
