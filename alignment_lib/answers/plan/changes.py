"""What changed since the last round and why: baseline, every contributor, and what has been sold since."""

from __future__ import annotations

import math
from dataclasses import replace

import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.answers.facts import find_answer, recall_previous
from alignment_lib.answers.past.restated import say_baseline_steps
from alignment_lib.answers.tables import Column, Table, list_rows, sum_columns
from alignment_lib.answers.wording import choose_scale, join_words, say_change, say_value, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["changes", "compare_plans", "say_changes"]

_MOST_STEPS = 12
_LEAST = 0.5


@of_the_whole
def changes(view: RoundView) -> Answer:
    """From the last round's plan to this one, contributor by contributor, over the periods both plan.

    Returns
    -------
    Answer
        Its frame is the published table ``changes``; differences add up to that of the plans.
    """
    note = view.manifest.get("previous") or {}
    earlier = str(note.get("round", "the last round"))
    if not view.has_rows("changes", "assumption", "before", "after", "difference"):
        text = "What changed, assumption by assumption, appears once an earlier round of this unit is there."
        if note.get("reason"):
            text = f"The earlier round cannot be compared: {note['reason']}."
        return nothing_yet("changes", "What changed since the last round", text)
    currency = "" if view.measure == "revenue" else view.currency
    answer = compare_plans(view.table("changes"), earlier, view.unit, currency)
    steps = say_baseline_steps(view)
    return replace(answer, sentence=f"{answer.sentence} {steps}".strip())


def say_changes(view: RoundView) -> list[str]:
    """What changed since the last round in sentences, the most important first; none without one."""
    before = recall_previous(view)
    if before is None:
        return []
    answer, note = find_answer(view), view.manifest["previous"]["round"]
    scale = choose_scale([answer.plan], view.unit)
    lines = []
    if math.isfinite(before["plan_then"]):
        change = answer.plan - before["plan_then"]
        base = answer.baseline - before["baseline_then"]
        lines.append(
            f"{note} planned {scale.say(before['plan_then'])} for {view.round}; now it is "
            f"{scale.write(answer.plan)} ({scale.write(change, signed=True)}): "
            f"{scale.write(base, signed=True)} is the baseline, "
            f"{scale.write(change - base, signed=True)} drivers and assumptions."
        )
    if before["periods_known"]:
        periods = write_count(int(before["periods_known"]), view.calendar.grain)
        lines.append(
            f"Of what {note} planned, {periods} have since been sold: {scale.say(before['actual'])}, "
            f"{say_change(before['actual'], before['planned'])} than planned."
        )
    return lines + _largest_changes(view)


def _largest_changes(view: RoundView) -> list[str]:
    """The contributors that moved the plan most since the last round, each with what became of it."""
    if not view.has_rows("changes", "assumption", "difference", "title", "change"):
        return []
    rows = view.table("changes")
    rows = rows[(rows["assumption"] != "baseline") & (rows["difference"].abs() > _LEAST)]
    order = rows["difference"].abs().sort_values(ascending=False, kind="stable").index[:3]
    scale = choose_scale([find_answer(view).plan], view.unit)
    said = []
    for row in list_rows(rows.loc[order]):
        claimed = not str(row["assumption"]).startswith("driver:")
        why = f", {row['change']}" if claimed and row["change"] != "same" else ""
        said.append(f"{_name(row)} ({scale.write(float(row['difference']), signed=True)}{why})")
    return (
        [f"Beside the baseline most changed, over all periods both plan: {join_words(said)}."] if said else []
    )


def compare_plans(table: pd.DataFrame, earlier: str, unit: str, currency: str) -> Answer:
    """What changed between two plans: in a sentence, as a bridge and as a table.

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
    rows["what"] = [_name(row) for row in list_rows(rows)]
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
    shown = Table(f"Change of the plan, {scale.unit}", columns, rows, scale, total)
    words = (
        f"Over the periods that both rounds plan, the plan went from {scale.say(before)} to "
        f"{scale.write(after)} ({scale.write(after - before, signed=True)})."
    )
    return Answer("changes", f"What changed since {earlier}", words, table, chart, shown)


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


def _name(row: dict[str, object]) -> str:
    """A contributor of the table of changes in words."""
    name, title = str(row["assumption"]), str(row.get("title") or "")
    if name == "baseline":
        return "Baseline"
    if name.startswith("driver:"):
        return f"Driver calendar: {say_value(name.removeprefix('driver:')).lower()}"
    return f"{name} {title}".strip()
