"""The report's look back: what came of the last round, of each forecasting step and of earlier claims."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.charts.variance_tree import Branch, draw_variance_tree
from alignment_lib.answers.charts.waterfall import draw_ladder
from alignment_lib.answers.facts import find_answer
from alignment_lib.answers.markup import Html, tag
from alignment_lib.answers.tables import Column, Table, list_rows, render_table, sum_columns
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    join_words,
    say_value,
    write_count,
    write_share,
)
from alignment_lib.publishing.report.report_frame import section
from alignment_lib.rounds.view import RoundView

__all__ = [
    "find_payout",
    "payout_section",
    "record_section",
    "streams_section",
    "value_added_section",
    "variance_section",
]

_PLAIN = Scale(1.0, 0, "")
_MOST_ROWS = 40
_MOST_STEPS = 12
_STREAMS = ("naive", "baseline", "marketing", "sales", "finance", "combined", "consensus")


def streams_section(data: RoundView) -> Html:
    """From the naive forecast to the consensus: what each stream changed."""
    streams = data.in_round(data.table("streams"))
    sums = streams.groupby("stream")["value"].sum()
    names = [name for name in _STREAMS if name in sums.index]
    names += [name for name in sums.index if name not in _STREAMS]
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


def _last_variance(data: RoundView) -> pd.DataFrame:
    """Rows of the latest closed round: against its plan, or against the year before where it had none."""
    table = data.table("variance")
    table = table[table["round"] == table["round"].max()] if "round" in table else table
    if "against" not in table:
        return table
    planned = table["against"] == "plan"
    return table[planned] if planned.any() else table


def variance_section(data: RoundView) -> Html:
    """The last closed round against its plan or the year before: by type of sale, then step and cause."""
    table = _last_variance(data)
    against = str(table["against"].iloc[0]) if "against" in table else "plan"
    closed = str(table["round"].iloc[0]) if "round" in table else "the last round"
    by_type = table[table["view"] == "type"]
    total = float(by_type["effect"].sum())
    unit = data.currency if _in_money(data, table) else data.unit
    scale = choose_scale([*by_type["actual"], *by_type["reference"]], unit)
    reference, actual = float(by_type["reference"].sum()), float(by_type["actual"].sum())
    said = "a plan of" if against == "plan" else f"{against}:"
    words = f"In {closed} sales came to {scale.say(actual)} against {said} {scale.write(reference)}"
    parts: list[Html | None] = [tag("p", f"{words} ({scale.write(total, signed=True)}).")]
    causes = table[table["view"].isin(["funnel", "cause"])]
    if len(causes):
        parts.append(_draw_variance(by_type, causes, unit, closed))
    rows = by_type.assign(what=by_type["sale_type"].map(say_value))
    columns = [Column("what", "Type of sale"), Column("reference", humanise(against), "amount")]
    columns += [
        Column("actual", "Actual", "amount"),
        Column("effect", f"Actual less {against}", "amount", signed=True),
    ]
    sums = {"what": "All", **sum_columns(rows, ["reference", "actual", "effect"])}
    parts.append(render_table(Table(f"{closed} by type of sale, {scale.unit}", columns, rows, scale, sums)))
    if len(causes):
        parts.append(_cause_table(causes, scale, against))
    return section("review", f"What came of {closed}", *parts)


def _in_money(data: RoundView, table: pd.DataFrame) -> bool:
    return "unit" in table and bool((table["unit"] == data.currency).any())


def _draw_variance(by_type: pd.DataFrame, causes: pd.DataFrame, unit: str, closed: str) -> Html:
    """The whole difference, its types of sale, and under each the steps or causes that make it up."""
    branches = [Branch("All sales", float(by_type["effect"].sum()), 0)]
    for row in list_rows(by_type):
        kind = str(row["sale_type"])
        branches.append(Branch(say_value(kind), float(row["effect"]), 1))
        inside = causes[causes["sale_type"] == kind].groupby(["bar", "owner_function"], sort=False)["effect"]
        sums = inside.sum().reset_index()
        sums = sums.loc[sums["effect"].abs().sort_values(ascending=False, kind="stable").index]
        for twig in list_rows(sums):
            branches.append(
                Branch(humanise(str(twig["bar"])), float(twig["effect"]), 2, str(twig["owner_function"]))
            )
    title = "Where the difference lies"
    return draw_variance_tree(branches, name="variance", title=title, unit=unit, period=closed).to_html()


def _cause_table(causes: pd.DataFrame, scale: Scale, against: str) -> Html:
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
        Table(f"Actual less {against} by step and cause, {scale.unit}", columns, rows, scale, None, note)
    )
    return tag("details", tag("summary", "By funnel step and cause"), table, class_="screen-only")


def value_added_section(data: RoundView) -> Html:
    """What each step from naive forecast to consensus added to accuracy in closed rounds."""
    table = data.table("value_added")
    pooled = table[(table["round"].fillna("") == "") & (table["level"] == "total")]
    pooled = pooled[pooled["span"] == data.cycle] if (pooled["span"] == data.cycle).any() else pooled
    if "lag" in pooled and len(pooled):
        pooled = pooled[pooled["lag"] == pooled["lag"].min()]
    rows = pooled if len(pooled) else table
    place = rows["stream"].map({name: at for at, name in enumerate(_STREAMS)})
    rows = rows.loc[place.sort_values(kind="stable").index].head(_MOST_ROWS)
    rows = rows.assign(name=rows["stream"].map(humanise))
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
    chart = draw_value_ladder(
        rows, name="value-added", title="Error of each step", period="closed rounds"
    ).to_html()
    spoken = tag("ul", *(tag("li", text) for text in sentences[:6])) if sentences else None
    return section("value-added", "Which step made the forecast better", spoken, chart, shown)


def record_section(data: RoundView) -> Html:
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


def find_payout(data: RoundView) -> pd.DataFrame:
    """The statement of the latest closed round; before one has closed, the scheme on target."""
    table = data.table("payout")
    if "view" not in table:
        return table
    closed = table[table["view"] == "statement"]
    chosen = closed if len(closed) else table[table["view"] == "function"]
    return chosen[chosen["round"] == chosen["round"].max()] if len(chosen) else chosen


def payout_section(data: RoundView) -> Html:
    """What the scheme pays at the results known, by function."""
    table = find_payout(data)
    totals = table[table["part"] == "total"]
    rows = table[table["part"] != "total"]
    paid = float(rows["amount"].sum())
    scale = choose_scale([paid, *rows["at_target"]], data.currency)
    names = [f"{row['function']} {scale.write(float(row['amount']))}" for row in list_rows(totals)]
    closed = f" of {table['round'].iloc[0]}" if "round" in table and table["round"].iloc[0] else ""
    text = f"At the results{closed} the scheme pays {scale.say(paid)}"
    text += f": {join_words(names)}." if names else "."
    rows = rows.assign(what=rows["measure"].map(humanise), whose=rows["function"])
    columns = [
        Column("what", "Measure", below="sentence"),
        Column("whose", "Function"),
        Column("part", "Part", "mark"),
        Column("result", "Result", "share", decimals=0),
        Column("at_target", "On target", "amount"),
        Column("amount", "Pays", "amount"),
    ]
    total = {"what": "All", **sum_columns(rows, ["at_target", "amount"])}
    shown = render_table(
        Table(f"Payout line by line, {scale.unit}", columns, rows, scale, total, classes="wordy")
    )
    return section("incentives", "Incentives", tag("p", text), shown, _gaming_note(data))


def _gaming_note(data: RoundView) -> Html | None:
    """Ways to play the scheme, each with what it gains over telling the truth."""
    table = data.table("payout")
    plays = table[table["view"] == "gaming"] if "view" in table else table.iloc[:0]
    said = [str(text) for text in plays.get("sentence", []) if isinstance(text, str) and text]
    if not said:
        return None
    items = tag("ul", *(tag("li", text) for text in said))
    return tag("details", tag("summary", "What playing the scheme would gain"), items, class_="screen-only")
