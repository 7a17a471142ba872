"""From marketing's money to profit: all links of a plan, each beside what the one before it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.asking import of_the_whole
from alignment_lib.answers.tables import Column, Table
from alignment_lib.answers.wording import write_number
from alignment_lib.rounds.view import RoundView

__all__ = ["chain"]

_TITLE = "From marketing's money to profit"
_SAME = 1e-9


@dataclass(frozen=True)
class _Step:
    """One row: what is published, and the same from the steps before (NaN where it starts anew)."""

    step: str
    unit: str
    amount: float
    carried: float = math.nan


@of_the_whole
def chain(view: RoundView) -> Answer:
    """Money, leads, customers, sales, margin and profit of the round's headline plan, link by link.

    Returns
    -------
    Answer
        Its frame: ``step, unit, amount, carried, off``; ``amount`` as the tables of the round publish it,
        ``carried`` the same from the steps before it, ``off`` the one less the other.
    """
    money = view.in_round(view.scenario("money"))
    if money.empty or not view.has_rows("money_odds", "measure", "plan"):
        text = "The chain appears once a plan has prices and costs; spend and leads add its first links."
        return nothing_yet("chain", _TITLE, text)
    leads = _leads(view)
    steps = [*_spend_steps(view, money, leads), *_lead_steps(leads), *_sale_steps(view, money, leads)]
    frame = pd.DataFrame([vars(step) for step in steps]).assign(
        off=lambda rows: rows["amount"] - rows["carried"]
    )
    return Answer("chain", _TITLE, _say(view, frame), frame, None, _table(view, frame))


def _leads(view: RoundView) -> pd.DataFrame:
    """Leads of the round, of all sources and by source; empty where the plan's funnel is not known."""
    if not view.has_rows("funnel", "stage", "expected_customers", "sales_due"):
        return pd.DataFrame()
    funnel = view.table("funnel")
    found = view.in_round(funnel[funnel["stage"] == "leads"])
    return found if found["sales_due"].notna().any() else pd.DataFrame()


def _spend_steps(view: RoundView, money: pd.DataFrame, leads: pd.DataFrame) -> list[_Step]:
    spent = float(money["spend"].sum())
    if not spent > 0:
        return []
    if not view.has_rows("budget", "planned", "brought_planned"):
        return [_Step("marketing's money", view.currency, spent)]
    budget = view.table("budget")
    steps = [_Step("marketing's money", view.currency, spent, float(budget["planned"].sum()))]
    if leads.empty or str(budget["outcome"].iloc[0]) != "leads":
        return steps
    brought = float(budget["brought_planned"].sum())
    rest = float(_whole(leads)["available"].sum()) - brought
    return [
        *steps,
        _Step("leads it brings, where history can tell", "leads", brought),
        _Step("leads without it, or of money nobody can tell", "leads", rest),
    ]


def _whole(leads: pd.DataFrame) -> pd.DataFrame:
    """Rows of all sources together."""
    return leads[leads["source"].fillna("") == ""]


def _lead_steps(leads: pd.DataFrame) -> list[_Step]:
    if leads.empty:
        return []
    whole, parts = _whole(leads), leads[leads["source"].fillna("") != ""]
    come = parts["available"] * parts["conversion_rate"]
    due = parts["sales_due"] / parts["order_size"]
    return [
        _Step(
            "leads to be expected", "leads", float(whole["available"].sum()), float(parts["available"].sum())
        ),
        _Step(
            "customers to be expected of them", "customers", float(whole["expected_customers"].sum()),
            float(come.sum()),
        ),
        _Step(
            "customers from leads that the plan counts on", "customers", float(whole["customers_due"].sum()),
            float(due.sum()),
        ),
    ]  # fmt: skip


def _sale_steps(view: RoundView, money: pd.DataFrame, leads: pd.DataFrame) -> list[_Step]:
    unit, sums = view.currency, money[["revenue", "overhead", "spend"]].sum()
    known = money[money["margin"].notna()]
    untold = float(money["revenue"].sum() - known["revenue"].sum())
    cost, funding = float(known["cost"].sum()), float(known["funding"].sum())
    planned = {"revenue": float(sums["revenue"])} | _planned(view)
    margin = planned.get("margin", math.nan)
    steps = _new_sales(view, leads, planned)
    others = [step.amount for step in steps if step.unit == unit]
    new = others[-1] if others else 0.0
    rest = "sales without new customers" if steps else "sales"
    if steps:
        steps.append(_Step(rest, unit, float(sums["revenue"]) - new))
    steps.append(_Step("revenue", unit, planned["revenue"], float(sums["revenue"])))
    if abs(untold) > _SAME * abs(float(sums["revenue"])):
        steps.append(_Step("revenue whose cost is not known", unit, -untold))
    steps += [
        _Step("cost of the goods", unit, -cost),
        _Step("funding of actions", unit, -funding),
        _Step("margin", unit, margin, planned["revenue"] - max(untold, 0.0) - cost - funding),
    ]
    if math.isfinite(planned.get("profit", math.nan)):
        told = known if known["profit"].notna().any() else money
        overhead, spent = float(told["overhead"].sum()), float(told["spend"].sum())
        steps += [
            _Step("overhead", unit, -overhead),
            _Step("marketing's money", unit, -spent),
            _Step("profit after marketing", unit, planned["profit"], margin - overhead - spent),
        ]
    return steps


def _new_sales(view: RoundView, leads: pd.DataFrame, planned: dict[str, float]) -> list[_Step]:
    """Sales of new customers: those of leads, and those without one."""
    if leads.empty:
        return []
    rows = _whole(leads)
    due, share = float(rows["sales_due"].sum()), rows["lead_share"].replace(0.0, np.nan)
    new = float((rows["sales_due"] / share).sum())
    if not new > 0:
        return []
    orders = float((leads["customers_due"] * leads["order_size"])[leads["source"].fillna("") != ""].sum())
    steps = [
        _Step("what these customers order", view.currency, due, orders),
        _Step("new sales without a lead", view.currency, new - due),
        _Step("sales of new customers", view.currency, new, due + (new - due)),
    ]
    count = planned.get("new_customers", math.nan)
    if math.isfinite(count):
        steps.insert(2, _Step("new customers in all", "customers", count))
    return steps


def _planned(view: RoundView) -> dict[str, float]:
    """The plan of each measure over the round, of all sales, as it stands beside its odds."""
    rows = view.scenario("money_odds")
    rows = rows[(rows["span"] == view.cycle) & (rows[view.dimensions].fillna("") == "").all(axis=1)]
    inside = view.labels(rows["start"], view.cycle) == view.round
    found = rows[inside]
    return {str(name): float(plan) for name, plan in zip(found["measure"], found["plan"], strict=True)}


def _say(view: RoundView, frame: pd.DataFrame) -> str:
    amounts = frame.drop_duplicates("step").set_index("step")["amount"].to_dict()
    said = []
    spent, leads = amounts.get("marketing's money"), amounts.get("leads to be expected")
    brought = amounts.get("leads it brings, where history can tell")
    if spent is not None and spent > 0 and brought is not None:
        said.append(
            f"{write_number(spent)} {view.currency} of marketing's money bring about {write_number(brought)}"
            f" of {write_number(float(leads or 0.0))} leads to be expected"
        )
    come = amounts.get("customers to be expected of them")
    if come is not None:
        due = float(amounts["customers from leads that the plan counts on"])
        said.append(f"{write_number(float(come))} become customers, the plan counts on {write_number(due)}")
    revenue = f"sales come to {write_number(float(amounts['revenue']))} {view.currency}"
    parts = [f"{name} to {write_number(float(amounts[name]))}" for name in _ENDS if name in amounts]
    said.append(", ".join([revenue, *parts]))
    broken = frame["off"].abs() > _SAME * frame["amount"].abs().clip(lower=1.0)
    if broken.any():
        names = ", ".join(frame.loc[broken, "step"])
        said.append(f"two tables of the round disagree about {names}")
    return f"In {view.round}: {'; '.join(said)}."


_ENDS = ("margin", "profit after marketing")


def _table(view: RoundView, frame: pd.DataFrame) -> Table:
    columns = [
        Column("step", "Step"),
        Column("amount", "Amount", "number"),
        Column("unit", "of"),
        Column("carried", "From the steps before", "number"),
    ]
    note = (
        "An amount stands as its own table of the round publishes it; beside it the same from the steps "
        "before, source by source or series by series. What money brings is counted until it has faded."
    )
    return Table(f"The chain of {view.round}", columns, frame, note=note)
