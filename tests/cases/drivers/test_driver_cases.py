"""Small workspaces with a right answer worked out by hand: drivers and claims."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.forecasting.past.history_building import build_history
from alignment_lib.inputs.periods.rounds import apply_wall, parse_round
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.preparing.forecast_round import forecast_round
from tests.conftest import shared_folder


def weekly_plan(folder: Path, name: str) -> pd.Series:
    """Planned units by week of all products together."""
    whole = load_workspace(folder)
    planned = parse_round(name, whole.settings, whole.calendar)
    workspace = apply_wall(whole, planned)
    history = build_history(workspace.tables["sales"], workspace.settings, workspace.calendar, planned.as_of)
    forecast, _ = forecast_round(workspace, planned, history, None, 1)
    return pd.Series(
        (forecast.baseline + sum(forecast.driver_effects.values())).sum(axis=0), forecast.periods
    )


def test_a_sale_week_that_moves_between_years_is_planned_where_the_calendar_has_it() -> None:
    folder = shared_folder("cases/history/z_promo_moves/promo")
    plan = weekly_plan(folder, "2026Q2")
    assert plan.idxmax() == pd.Timestamp("2026-07-06")
    assert plan.max() == pytest.approx(590, rel=0.03)
    assert plan.drop(plan.idxmax()).max() < 400


def test_a_price_and_an_elasticity_without_bounds_are_refused_with_what_to_write_instead() -> None:
    with pytest.raises(InputError) as caught:
        load_workspace(shared_folder("cases/reliability/price_down99_el20"))
    found = [problem for problem in caught.value.problems if problem.column == "elasticity"]
    assert len(found) == 1
    assert "multiply sales by at most 100" in str(found[0])
