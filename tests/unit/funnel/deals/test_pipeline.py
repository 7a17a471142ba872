"""What spans bring: members add up to the whole in every draw, and no deal is won twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.deals.closing import ClosingModel, fit_closing
from alignment_lib.funnel.deals.pipeline import Pipeline, Span, draw_pipeline
from tests.unit.funnel.deals.deal_cases import DAY, SPANS, deals_with_changes, world


@pytest.fixture(scope="module")
def model() -> ClosingModel:
    found = fit_closing(deals_with_changes(), 1)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def drawn(model: ClosingModel) -> Pipeline:
    return draw_pipeline(deals_with_changes(), model, SPANS, 7)


def test_members_add_up_to_the_whole_in_every_draw(drawn: Pipeline) -> None:
    whole, members = drawn.member_sums(), drawn.member_sums("brand")
    for part in ("closed", "open", "to_create"):
        summed = sum(values for (name, _), values in members.items() if name == part)
        assert np.allclose(summed, whole.get((part, ""), 0.0), rtol=1e-12)


def test_a_deal_is_won_once_at_most(drawn: Pipeline) -> None:
    assert ((drawn.values["open"] > 0).sum(axis=2) <= 1).all()


def test_the_truth_lies_within_nearly_all_draws(drawn: Pipeline) -> None:
    deals = world().deals
    won = deals[(deals["outcome"] == "won") & (deals["closed_at"] >= DAY)]
    for at, span in enumerate(SPANS):
        inside = (won["closed_at"] >= span.start) & (won["closed_at"] < span.end)
        total = sum(values[:, at] for values in drawn.member_sums().values())
        low, high = np.quantile(total, (0.005, 0.995))
        assert low < won.loc[inside, "amount"].sum() < high


def test_same_seed_same_draws_and_money_scales(model: ClosingModel, drawn: Pipeline) -> None:
    deals = deals_with_changes()
    again = draw_pipeline(deals, model, SPANS, 7)
    assert all((again.values[part] == drawn.values[part]).all() for part in drawn.values)
    twice = replace(model, coding=replace(model.coding, amounts=2.0 * model.coding.amounts))
    table = deals.table.assign(amount=2.0 * deals.table["amount"])
    doubled = draw_pipeline(replace(deals, table=table), twice, SPANS, 7)
    for part, values in drawn.values.items():
        assert np.allclose(doubled.values[part].sum(), 2.0 * values.sum())


def test_what_was_won_in_the_span_so_far_is_certain(model: ClosingModel) -> None:
    deals = deals_with_changes()
    begun = (Span("2024Q4", pd.Timestamp("2024-10-01"), pd.Timestamp("2025-01-15")),)
    closed = draw_pipeline(deals, model, begun, 7).member_sums()["closed", ""]
    won = deals.closed[(deals.closed["outcome"] == "won") & (deals.closed["closed_at"] >= begun[0].start)]
    assert closed[:, 0] == pytest.approx(np.full(len(closed), won["amount"].sum()))


def test_deals_without_amount_take_those_of_deals_like_them(model: ClosingModel) -> None:
    deals = deals_with_changes()
    blank = deals.table["amount"].mask(deals.table["is_open"])
    drawn = draw_pipeline(replace(deals, table=deals.table.assign(amount=blank)), model, SPANS, 7)
    assert drawn.values["open"].sum() > 0
    known = set(deals.closed.loc[deals.closed["outcome"] == "won", "amount"]) | {0.0}
    assert set(np.unique(drawn.values["open"])) <= known


def test_no_open_deal_is_no_fault(model: ClosingModel) -> None:
    deals = deals_with_changes()
    ended = replace(deals, table=deals.table[~deals.table["is_open"]])
    drawn = draw_pipeline(ended, model, SPANS, 7)
    assert ("open", "") not in drawn.member_sums()
    assert drawn.member_sums()["to_create", ""].mean() > 0
