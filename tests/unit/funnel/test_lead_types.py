"""Which types of sale leads bring: stated, named by the leads, or told by what they are worth."""

from __future__ import annotations

import pandas as pd

from alignment_lib.funnel.lead_types import types_from_leads
from alignment_lib.funnel.leads import FunnelLeads
from tests.unit.funnel.lead_cases import lead, leads_of

SOLD = pd.DataFrame(
    {
        "period": pd.to_datetime(["2025-11-01"] * 3),
        "sale_type": ["new", "repeat", "upsell"],
        "value": [1000.0, 2500.0, 500.0],
    }
)


def _won(count: int, amount: float, **values: object) -> list[dict[str, object]]:
    close = {"closed_at": "2025-11-20", "outcome": "won", "amount": amount}
    return [lead(f"L{n}{amount:g}", "2025-11-03", **close, **values) for n in range(count)]


def _types(leads: FunnelLeads, stated: tuple[str, ...] = ()) -> tuple[tuple[str, ...], int]:
    types, said = types_from_leads(leads, SOLD, "sale_type", stated)
    return types, len(said)


def test_leads_worth_new_sales_bring_new_sales() -> None:
    assert _types(leads_of(_won(10, 95.0))) == (("new",), 0)


def test_leads_worth_far_more_than_new_sales_bring_every_type() -> None:
    assert _types(leads_of(_won(10, 380.0))) == (("new", "repeat", "upsell"), 1)


def test_what_the_leads_name_goes_before_what_they_are_worth() -> None:
    rows = _won(10, 380.0, sale_type="new") + _won(6, 50.0, sale_type="repeat")
    rows += _won(1, 60.0, sale_type="upsell")
    assert _types(leads_of(rows, dimensions=["sale_type"])) == (("new", "repeat"), 1)


def test_what_is_stated_goes_before_everything() -> None:
    assert _types(leads_of(_won(10, 380.0)), ("new", "upsell")) == (("new", "upsell"), 0)
