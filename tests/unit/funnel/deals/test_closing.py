"""How deals close: chances between nothing and one, learnt from enough of them, by what is known of each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.closing import FEWEST, fit_closing, incidence, places_of
from alignment_lib.funnel.deals.deals import read_deals
from tests.unit.funnel.deals.deal_cases import DAY, deals_with_changes, world


def test_chances_rise_week_by_week_and_never_above_one() -> None:
    deals = deals_with_changes()
    model = fit_closing(deals, 1)
    assert model is not None
    places = places_of(model, deals.looks, 40)
    for normal in (None, np.random.default_rng(1).standard_normal((2, len(model.won)))):
        won = incidence(model, places, normal)
        assert (np.diff(won, axis=1) >= 0).all()
        assert won.min() >= 0
        assert won.max() <= 1


def test_what_becomes_of_deals_is_met_on_average_stage_by_stage() -> None:
    deals = deals_with_changes()
    model = fit_closing(deals, 1)
    assert model is not None
    chance = incidence(model, places_of(model, deals.looks, 52))[:, -1]
    truth = world().deals.set_index("opportunity_id")["outcome"]
    ended = truth.reindex(deals.looks["opportunity_id"]).to_numpy() == "won"
    late = (deals.looks["stage"] == "negotiation").to_numpy()
    for part in (late, ~late):
        error = 3.0 * np.sqrt((chance[part] * (1.0 - chance[part])).sum()) + 0.1 * part.sum()
        assert abs(chance[part].sum() - ended[part].sum()) < error
    assert chance[late].mean() > chance[~late].mean() + 0.1


def test_deals_that_were_put_off_again_and_again_are_won_less_often() -> None:
    model = fit_closing(deals_with_changes(), 1)
    assert model is not None
    assert model.effect(4, 4) < model.effect(4, 1)


def test_too_few_closed_ones_give_no_chance() -> None:
    table, changes = world().as_of(DAY)
    won = table[table["outcome"] == "won"].head(FEWEST - 1)
    few = pd.concat([won, table[table["outcome"] != "won"]], ignore_index=True)
    assert fit_closing(read_deals(few, DAY, [], changes), 1) is None
