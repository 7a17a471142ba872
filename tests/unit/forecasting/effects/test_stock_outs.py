from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from promoted_histories import Case, promoted_case

from alignment_lib.forecasting.effects.drivers.panel import Panel, build_panel
from alignment_lib.forecasting.effects.engine import forecast_with_drivers
from alignment_lib.forecasting.effects.events import event_table
from alignment_lib.forecasting.effects.learner import TreeFeatures, context_features
from alignment_lib.forecasting.effects.measured import measure_effects
from alignment_lib.forecasting.effects.model import build_design, fit_explained, fit_model
from alignment_lib.forecasting.effects.pooled import PooledSettings
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.past.cleaning import RULES, clean_history

EMPTY = slice(112, 115)
"""Three weeks near the end in which the shelf is empty; five known weeks follow."""


def with_stock_out(case: Case, rows: list[int], weeks: slice = EMPTY) -> Case:
    values = case.history.values.copy()
    values[rows, weeks] = 0.0
    return replace(case, history=replace(case.history, values=values))


def forecast_of(case: Case) -> Forecast:
    forecast, _ = forecast_with_drivers(
        case.history, case.drivers, case.kinds, case.periods, holidays=None, seed=1, draws=10
    )
    return forecast


def panel_of(case: Case) -> Panel:
    return build_panel(case.history, case.drivers, case.kinds, case.periods)


def test_weeks_out_of_stock_do_not_lower_the_plan_and_are_counted() -> None:
    case = promoted_case()
    whole, short = forecast_of(case), forecast_of(with_stock_out(case, [0, 4]))
    for row in (0, 4):
        assert short.baseline[row].sum() == pytest.approx(whole.baseline[row].sum(), rel=0.04)
    said = [notice for notice in short.notices if notice.code == "driver_stock_out"]
    assert [notice.count for notice in said] == [6]
    assert said[0].text.startswith("6 periods without a sale in 2 series")
    assert "driver_stock_out" not in {notice.code for notice in whole.notices}


def test_the_model_and_the_cleaned_history_name_the_same_cells() -> None:
    case = with_stock_out(promoted_case(), [0, 4])
    cleaned = clean_history(case.history)
    panel = panel_of(case)
    assert np.array_equal(panel.sold_out, cleaned.rule == list(RULES).index("stock_out") + 1)
    assert np.array_equal(np.argwhere(panel.sold_out)[:, 0], [0, 0, 0, 4, 4, 4])
    assert np.isnan(panel.values[panel.sold_out]).all()
    assert (cleaned.values[panel.sold_out] > 0).all()


def test_what_the_level_learns_after_an_empty_shelf_is_as_if_it_had_not_been() -> None:
    case = promoted_case()
    whole, short = (build_design(panel_of(one), None) for one in (case, with_stock_out(case, [0])))
    level = [fit_explained(design, PooledSettings()).level[0] for design in (whole, short)]
    assert level[1] == pytest.approx(level[0], abs=0.03)


def test_rows_out_of_stock_are_not_shown_to_the_learner() -> None:
    case = promoted_case()
    design = build_design(panel_of(with_stock_out(case, [0])), None)
    fit = fit_explained(design, PooledSettings())
    model = fit_model(design, PooledSettings(), {"direct": 1.0}, explained=fit)
    level = np.concatenate([fit.anchor, np.repeat(fit.anchor_ahead[:, None], 13, axis=1)], axis=1)
    past = design.panel.known
    context = context_features(design.panel, level, (), 0, past)
    both = TreeFeatures(
        np.concatenate([design.past, context.values], axis=2),
        (*design.names, *context.names),
        context.categories,
    )
    fitted = np.expm1(fit.anchor + model.learners["direct"].predict(both))
    assert (fitted[0, EMPTY] > 0.5 * np.nanmean(design.panel.values[0])).all()
    shown = np.isfinite(design.logs).sum()
    assert shown == design.logs.size - 3


def test_an_empty_shelf_while_promoted_neither_lowers_the_uplift_nor_counts_as_an_event() -> None:
    case = promoted_case()
    on = case.drivers["promo"].to_numpy().reshape(len(case.history.keys), -1)
    weeks = np.flatnonzero(on[0, 10:110] > 0)[:3] + 10
    values = case.history.values.copy()
    values[0, weeks] = 0.0
    short = replace(case, history=replace(case.history, values=values))
    whole, measured = (measure_effects(panel_of(one), None) for one in (case, short))
    assert whole is not None
    assert measured is not None
    place = whole.layout.place("own", "promo")[0, -1]
    assert measured.estimate[place] == pytest.approx(whole.estimate[place], abs=0.04)
    assert (measured.gross["promo"][0, weeks] == 0).all()
    assert (whole.gross["promo"][0, weeks] > 0).all()
    assert event_table(measured)["gross"].sum() < event_table(whole)["gross"].sum()
