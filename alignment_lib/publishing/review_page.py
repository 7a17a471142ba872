"""The review in words, charts and tables: what a closed round came to, and why, without a name.

Each function takes values and tables and returns markup, for a notebook cell or a section of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.charts.variance_tree import Branch, draw_variance_tree
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Column, Table, render_table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    join_words,
    say_value,
    write_change,
    write_share,
)
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.review.value_added import LADDER
from alignment_lib.review.variance import REST, Variance

__all__ = [
    "show_causes_of_new",
    "show_comparison",
    "show_gaming",
    "show_handled",
    "show_kept",
    "show_notices",
    "show_payout_function",
    "show_record",
    "show_statement",
    "show_tree",
    "show_value_added",
]

_PLAIN = Scale(1.0, 0, "")
_SMALL = 0.5
_CUTS = {
    "function": "side",
    "kind": "kind",
    "direction": "direction",
    "size": "size of the claim",
    "mechanic": "mechanic",
}


def _table(frame: pd.DataFrame, caption: str, columns: Sequence[Column], note: str = "") -> Html:
    return render_table(Table(caption, columns, frame, _PLAIN, note=note))


def show_notices(notices: Sequence[Notice]) -> Html:
    """What was treated on the way, each in its sentence with its count."""
    return join([tag("p", notice.sentence, class_="note") for notice in dict.fromkeys(notices)])


def show_comparison(variance: Variance, label: str, unit: str, name: str) -> Html:
    """From the reference to the actual result, by type of sale, with the sentence that sums it up."""
    kinds = variance.table[variance.table["view"] == "type"]
    if kinds.empty:
        return tag("p", f"There are no sales in {label} to look back on.")
    start, end = float(kinds["reference"].sum()), float(kinds["actual"].sum())
    is_plan = variance.reference_name == "plan"
    reference = humanise(variance.reference_name)
    steps = [Step(reference, start, "plan" if is_plan else "actual")]
    steps += [
        Step(_type_name(row["sale_type"]), float(row["effect"]), "change") for row in kinds.to_dict("records")
    ]
    steps.append(Step("Actual", end, "actual"))
    chart = draw_waterfall(steps, name=name, title="Where the difference lies", unit=unit, period=label)
    return join([tag("p", _sum_up(variance, label, unit), class_="lead"), chart.to_html()])


def _type_name(sale_type: object) -> str:
    name = str(sale_type or "all")
    return "All sales" if name == "all" else say_value(name)


def _sum_up(variance: Variance, label: str, unit: str) -> str:
    table = variance.table
    kinds = table[table["view"] == "type"]
    start, end = float(kinds["reference"].sum()), float(kinds["actual"].sum())
    scale = choose_scale([start, end], unit)
    text = (
        f"{label} came to {scale.say(end)}, {write_change(end, start)} against {_the(variance)} of "
        f"{scale.write(start)}."
    )
    bars = table[table["view"].isin(["funnel", "cause"])]
    sums = bars.groupby("bar", sort=False)["effect"].sum()
    # Remainders explain nothing and are not named first.
    named = [name for name in sums.index if name not in (REST, "sales without a lead", "win rate")]
    largest = sums[named].abs().sort_values(ascending=False).head(3).index
    words = [
        f"{bar} {scale.write(float(sums[bar]), signed=True)}" for bar in largest if abs(sums[bar]) >= _SMALL
    ]
    return f"{text} The largest of what was measured: {join_words(words)}." if words else text


def _the(variance: Variance) -> str:
    return "the plan" if variance.reference_name == "plan" else variance.reference_name


def show_tree(variance: Variance, label: str, unit: str, name: str) -> Html:
    """The difference taken apart: types of sale, then stages of the funnel or causes, with who can act."""
    branches = [Branch("All sales", variance.total, 0, "")]
    table = variance.table
    for kind in table[table["view"] == "type"].to_dict("records"):
        own = table[(table["sale_type"] == kind["sale_type"]) & table["view"].isin(["funnel", "cause"])]
        branches.append(Branch(_type_name(kind["sale_type"]), float(kind["effect"]), 1))
        branches += _twigs(own)
    if len(branches) < 2:
        return tag("p", "The difference cannot be split: there are no sales.")
    title = f"Actual against {_the(variance)}: what moved it"
    chart = draw_variance_tree(branches, name=name, title=title, unit=unit, period=label)
    note = (
        "Behind each bar stands the function that can act on it. Measured: counted. Estimated: by a model, "
        "with its error. Remainder: what nothing else explains; not to be argued over."
    )
    return join([chart.to_html(), tag("p", note, class_="note")])


def _twigs(own: pd.DataFrame) -> list[Branch]:
    rows = own.assign(square=own["standard_error"].fillna(0.0) ** 2)
    sums = rows.groupby("bar", sort=False).agg(
        effect=("effect", "sum"),
        square=("square", "sum"),
        owner=("owner_function", "first"),
        confidence=("confidence", "first"),
    )
    return [
        Branch(
            humanise(str(bar)),
            float(row["effect"]),
            2,
            f"{row['owner']}; {row['confidence']}",
            float(np.sqrt(row["square"])) or float("nan"),
        )
        for bar, row in sums.iterrows()
        if abs(row["effect"]) >= _SMALL or row["square"] > 0
    ]


def show_causes_of_new(variance: Variance, label: str, unit: str, name: str) -> Html | None:
    """The same new sales by cause: a second page with the same total, never added to the first."""
    rows = variance.table[variance.table["view"] == "new by cause"]
    if rows.empty:
        return None
    branches = [Branch("New sales", float(rows["effect"].sum()), 0), *_twigs(rows)]
    title = f"New sales by cause, against {_the(variance)}"
    chart = draw_variance_tree(branches, name=name, title=title, unit=unit, period=label)
    note = "The same difference in new sales as above, seen by cause. It is not added to the view by funnel."
    return join([chart.to_html(), tag("p", note, class_="note")])


def show_handled(splits: Mapping[str, pd.DataFrame], label: str) -> Html | None:
    """Quality against handling: how much of the change in won leads is either side's."""
    parts: list[Html] = []
    for reference, table in splits.items():
        if not len(table):
            continue
        whole = table.iloc[0]
        frame = table.assign(name=table["source"].replace("", "all sources"))
        frame["quality_range"] = _ranges(table, "quality")
        frame["handling_range"] = _ranges(table, "handling")
        columns = [
            Column("name", "source"),
            Column("leads", "leads due", "number"),
            Column("rate_before", "chance to win before", "share", "by the model"),
            Column("rate_after", "chance to win now", "share", "by the model"),
            Column("quality", "lead quality", "number", "customers", 1, signed=True, below="quality_range"),
            Column("handling", "handling", "number", "customers", 1, signed=True, below="handling_range"),
        ]
        caption = f"Quality against handling, {label} against {reference}"
        parts.append(tag("p", _say_split(whole, reference)))
        parts.append(_table(frame, caption, columns))
    return join(parts) if parts else None


def _ranges(table: pd.DataFrame, name: str) -> list[str]:
    pairs = zip(table[f"{name}_low"], table[f"{name}_high"], strict=True)
    return [f"{Said(low):+,.1f} to {Said(high):+,.1f}" for low, high in pairs]


def _say_split(whole: pd.Series, reference: str) -> str:
    parts = {"the quality of leads": float(whole["quality"]), "their handling": float(whole["handling"])}
    first, second = sorted(parts, key=lambda name: -abs(parts[name]))
    words = [
        f"{name} {'cost' if parts[name] < 0 else 'brought'} {abs(parts[name]):,.1f} customers"
        for name in (first, second)
    ]
    return f"Against {reference}, {words[0]}, {words[1]}; both by the same model, in the mean of both orders."


def show_kept(kept: pd.DataFrame, quality: pd.DataFrame, currency: str, label: str) -> Html | None:
    """What would have been: the handling promise kept, the quality as planned, each with its range."""
    sentences = []
    if len(kept):
        whole = kept.iloc[0]
        scale = choose_scale([float(whole["value"])], currency)
        sentences.append(
            f"Had every accepted lead of {label} been handled as promised: {whole['gain']:,.1f} more "
            f"customers ({whole['gain_low']:,.1f} to {whole['gain_high']:,.1f}), "
            f"{scale.say(float(whole['value']))} ({scale.write(float(whole['value_low']))} to "
            f"{scale.write(float(whole['value_high']))})."
        )
    if len(quality):
        whole = quality.iloc[0]
        scale = choose_scale([float(whole["gain"])], currency)
        text = f"Had the quality of leads been as planned: {scale.say(float(whole['gain']), signed=True)}"
        if whole["gain_low"] == whole["gain_low"]:
            ends = [scale.write(float(whole[end]), signed=True) for end in ("gain_low", "gain_high")]
            text += f" ({ends[0]} to {ends[1]})"
        sentences.append(f"{text}.")
    if not sentences:
        return None
    said = "Both rest on the win model of the company's own leads, and are no proof of cause."
    return join([*(tag("p", text, class_="lead") for text in sentences), tag("p", said, class_="note")])


def show_value_added(table: pd.DataFrame, name: str, measure: str) -> Html | None:
    """Which step brought the plan nearer to what happened: all closed rounds, then round by round."""
    rows = table[(table["level"] == "series") & (table["span"] == "period")]
    if rows.empty:
        return None
    pooled = rows[(rows["round"] == "") & (rows["lag"] == rows["lag"].min())]
    chart = draw_value_ladder(pooled, name=name, title="Error of each step", period="closed rounds")
    totals = table[(table["level"] == "total") & (table["span"] != "period") & (table["lag"] == 1)]
    frame = totals[totals["round"] != ""]
    wide = frame.pivot_table(index="round", columns="stream", values="bias_share", sort=False).reset_index()
    columns = [Column("round", "round")]
    columns += [
        Column(step, humanise(step), "share", "over or under", signed=True)
        for step in (*LADDER, "finance")
        if step in wide
    ]
    caption = "Total of the round: over (+) or under (−) what came"
    return join(
        [
            tag("p", _say_ladder(pooled)),
            chart.to_html(),
            _table(wide, caption, columns, _say_small(pooled, measure)),
        ]
    )


def _say_ladder(pooled: pd.DataFrame) -> str:
    best = pooled.sort_values("wape", kind="stable").iloc[0]
    error = write_share(float(best["wape"]))
    text = f"{humanise(str(best['stream']))} came nearest, {error} off, series by series."
    worse = [str(name) for name in pooled.loc[pooled["value_added_share"] < -5e-4, "stream"]]
    return f"{text} Farther away than the step before: {join_words(worse)}." if worse else text


def _say_small(pooled: pd.DataFrame, measure: str) -> str:
    """Changes below the materiality share, and what they cost."""
    count, cost = int(pooled["small_changes"].sum()), float(pooled["small_cost"].sum())
    if not count:
        return ""
    word = "added" if cost > 0 else "took off"
    return (
        f"{count:,} changes were smaller than the materiality share; together they {word} {abs(cost):,.0f} "
        f"{measure} of error."
    )


def show_record(claims: pd.DataFrame, owners: pd.DataFrame) -> Html:
    """What came true of each claim, and each role's record; in order of round and of name, ranking nobody."""
    frame = claims.assign(
        clear=np.where(claims["hit"], "in range", np.where(claims["is_clear"], "out of range", "cannot tell"))
    )
    columns = [
        Column("assumption", "claim", below="title"),
        Column("round", "round"),
        Column("owner", "role"),
        Column("claim", "claimed", "number", "in its unit", 1, signed=True),
        Column("actual", "came true", "number", "in its unit", 1, signed=True),
        Column("standard_error", "give or take", "number", "standard error", 1),
        Column("clear", "outcome", "mark", below="method"),
        Column("verdict", "verdict then"),
    ]
    roles = owners[owners["group"] == "owner"]
    role_columns = [
        Column("name", "role"),
        Column("cases", "claims scored", "number"),
        Column("clear_cases", "clear ones", "number"),
        Column("realised_share", "comes true", "share", "of a claim, shrunken", 0),
        Column("sentence", "in words"),
    ]
    note = "Roles stand in the order of their names. Few cases are drawn toward what all claims show."
    others = owners[owners["group"] != "owner"]
    others = others.assign(words=others["group"].map(_CUTS), name=others["name"].map(humanise))
    cut_columns = [
        Column("name", "claims", below="words"),
        *role_columns[1:4],
        Column("hit_rate_shrunk", "in range", "share", "shrunken", 0),
    ]
    return join(
        [
            _table(frame, "Claims of closed rounds", columns),
            _table(roles, "Record by role", role_columns, note),
            _table(others, "The same claims by side, kind, direction, size and mechanic", cut_columns),
        ]
    )


def show_statement(statement: pd.DataFrame, label: str, currency: str) -> Html:
    """What the closed quarter pays, line by line."""
    lines = statement[statement["part"] != "total"]
    columns = [
        Column("measure", "paid for", below="part"),
        Column("function", "function"),
        Column("at_target", "on target", "number", currency),
        Column("result", "result", "share", "of what was agreed", 0),
        Column("amount", "paid", "number", currency),
        Column("sentence", "in words"),
    ]
    totals = statement[statement["part"] == "total"]
    words = [
        f"{row['function']} {row['amount']:,.0f} of {row['at_target']:,.0f} {currency}"
        for row in totals.to_dict("records")
    ]
    caption = f"Statement for {label}"
    return join([tag("p", f"The scheme pays {join_words(words)}."), _table(lines, caption, columns)])


def show_payout_function(function: pd.DataFrame, label: str, currency: str) -> Html:
    """What each result would pay, before the quarter begins."""
    wide = function.pivot_table(
        index=["function", "part", "measure"], columns="result", values="amount", sort=False
    ).reset_index()
    results = sorted(set(function["result"]))
    named = wide.rename(columns={result: f"at {result:g}" for result in results})
    columns = [Column("measure", "paid for", below="part"), Column("function", "function")]
    columns += [Column(f"at {result:g}", write_share(result, 0), "number", currency) for result in results]
    note = "Result as a share of what was agreed; between the columns the payout is a straight line."
    return _table(named, f"What {label} would pay by result", columns, note)


def show_gaming(gaming: pd.DataFrame, currency: str) -> Html:
    """What gaming the scheme would earn, and what a truth-telling bonus would make of it."""
    frame = gaming[gaming["play"] != "honest"]
    # A bonus on forecasts has nothing to say of leads.
    frame = frame.assign(gonik_gain=frame["gonik_gain"].where(frame["play"] != "lead stuffing"))
    columns = [
        Column("play", "play"),
        Column("function", "function"),
        Column("gain", "gain under this scheme", "number", currency, signed=True),
        Column("gonik_gain", "gain under Gonik's bonus", "number", currency, signed=True),
        Column("sentence", "in words"),
    ]
    pays = sorted(set(frame.loc[frame["gain"] > 2 * frame["gain_error"], "play"]))
    text = (
        f"Under this scheme {join_words(pays)} would pay: agree plans from evidence, or pay by Gonik's rule, "
        "under which the truth earns most."
        if pays
        else "Neither sandbagging, overclaiming nor lead stuffing would pay under this scheme."
    )
    caption = "The scheme played against, in simulation"
    return join([tag("p", text), _table(frame, caption, columns)])
