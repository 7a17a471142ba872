"""What if an assumption falls away: every combination of the switches, planned in full beforehand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.facts import find_answer
from alignment_lib.answers.tables import Column, Table, list_rows, sum_columns
from alignment_lib.answers.wording import Scale, choose_scale, humanise, write_count
from alignment_lib.rounds.view import RoundView

__all__ = ["Grid", "list_switches", "read_grid", "what_if"]

_BAND = ("p10", "p50", "p90")


@dataclass(frozen=True)
class Grid:
    """The combinations as arrays: `plan` has shape (combinations, spans), the other arrays (combinations,).

    `start` is the combination of the headline plan, `asked` the place of the round among the `labels`.
    """

    labels: list[str]
    asked: int
    start: int
    target: float
    plan: np.ndarray
    p10: np.ndarray
    p90: np.ndarray
    probability: np.ndarray

    def scale(self, unit: str) -> Scale:
        """What its amounts are counted in."""
        return choose_scale([*self.plan[:, self.asked].tolist(), self.target], unit)


@of_the_whole
def what_if(view: RoundView) -> Answer:
    """The plan with each of the assumptions that count most taken in or out.

    Returns
    -------
    Answer
        Its frame: ``combination, label, start, plan, p10, p50, p90, probability``; bit `n` of a combination
        says whether the switch at position `n` of the table ``switches`` is on.
    """
    title, table = "What if an assumption falls away?", view.table("combinations")
    if view.table("switches").empty or table.empty:
        text = "Switches to take assumptions in and out appear once an assumption moves the plan."
        return nothing_yet("what_if", title, text)
    grid = read_grid(view)
    name = humanise(view.headline).lower()
    text = (
        f"Each of the {write_count(len(grid.plan), 'combination')} of these switches was planned in full "
        f"when the report was made. Assumptions without a switch stay as in {name}."
    )
    if "action" in view.table("switches").get("part", pd.Series(dtype=str)).to_numpy():
        text += (
            " A claim switched off is doubted: its action still runs, at what history supports. An action "
            "that does not run takes its claim and its cells of the driver calendar with it."
        )
    labelled = table.assign(label=view.labels(table["start"], view.cycle))
    frame = labelled.reindex(columns=["combination", "label", "start", "plan", *_BAND, "probability"])
    return Answer("what_if", title, text, frame, None, _table(view, grid, name))


def read_grid(view: RoundView) -> Grid:
    """The combinations of a round that has stored them."""
    table = view.table("combinations").sort_values(["combination", "start"], kind="stable")
    count = table["combination"].nunique()
    labels = [str(label) for label in view.labels(table["start"].iloc[: len(table) // count], view.cycle)]
    asked, switches = labels.index(view.round), view.table("switches")

    def shaped(name: str) -> np.ndarray:
        return table[name].to_numpy(dtype=float).reshape(count, len(labels))

    rest = {name: shaped(name)[:, asked] for name in ("p10", "p90", "probability")}
    start = int((2 ** switches["position"] * switches["on"]).sum())
    return Grid(labels, asked, start, find_answer(view).target, shaped("plan"), **rest)


def list_switches(view: RoundView, grid: Grid) -> pd.DataFrame:
    """The switches: ``bit, on, title, words, change``; a change is what switching does, others as set."""
    register = view.table("assumptions").set_index("id")
    verdicts = view.table("evidence")
    known = dict(zip(verdicts["assumption"], verdicts["verdict"], strict=True)) if len(verdicts) else {}
    rows = []
    for row in list_rows(view.table("switches").sort_values("position")):
        bit, name = 1 << int(row["position"]), str(row["assumption"])
        facts = register.loc[name] if name in register.index else pd.Series(dtype=object)
        said = [name, *(str(facts.get(key) or "") for key in ("owner", "status")), str(known.get(name, ""))]
        change = float(grid.plan[grid.start | bit, grid.asked] - grid.plan[grid.start & ~bit, grid.asked])
        title = str(facts.get("title", name))
        if row.get("part") == "action":
            title, said = f"{title}: the action runs", [name, "switched off, claim and action are dropped"]
        rows.append((bit, bool(row["on"]), title, ", ".join(filter(None, said)), change))
    return pd.DataFrame(rows, columns=["bit", "on", "title", "words", "change"])


def _table(view: RoundView, grid: Grid, name: str) -> Table | None:
    """The spans of the combination that stands; None where there is one alone."""
    if len(grid.labels) < 2:
        return None
    rows = pd.DataFrame({"label": grid.labels, "plan": grid.plan[grid.start], "against": 0.0})
    columns = [
        Column("label", humanise(view.cycle)),
        Column("plan", "Plan", "amount"),
        Column("against", f"Against {name}", "amount", signed=True),
    ]
    caption = f"The plan with these switches, {grid.labels[0]} to {grid.labels[-1]}"
    total = {"label": "Total", **sum_columns(rows, ["plan", "against"])}
    return Table(caption, columns, rows, grid.scale(view.unit), total)
