"""What `planning.toml` says of the forecast reaches the forecast."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from alignment_lib.forecasting.combining.combination import METHODS
from alignment_lib.forecasting.combining.hierarchy import RECONCILERS
from alignment_lib.inputs.configuration.settings import ForecastMethod, ForecastSettings, Reconcile
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.problems import InputError
from alignment_lib.rounds.preparing.forecast_round import say_unused
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round


def prepare(folder: Path, more: str):
    write_new_workspace(folder)
    settings = folder / "planning.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + more, encoding="utf-8")
    return prepare_round(PlanRequest(folder, "2026Q1"))


def test_every_method_that_the_settings_allow_is_one_the_engine_knows_and_the_other_way_round():
    assert set(get_args(ForecastMethod)) == {"auto", "structural", *METHODS}
    assert set(get_args(Reconcile)) == {"auto", *RECONCILERS}


@pytest.mark.parametrize("method", sorted(set(get_args(ForecastMethod)) - {"auto"}))
def test_every_method_gives_every_series_a_forecast_and_says_so(tmp_path, method):
    ready = prepare(tmp_path / "unit", f'\n[forecast]\nmethod = "{method}"\n')
    assert np.isfinite(ready.forecast.baseline).all()
    assert np.isfinite(ready.forecast.samples).all()
    why = ready.forecast.why
    assert len(why.drop_duplicates(list(ready.dimensions))) == len(ready.history.keys)
    assert why["member"].isin([method, "theta", "damped", "aggregated", "constant", "zero"]).all()


def test_an_override_of_the_settings_sets_the_baseline_of_its_quarter(tmp_path):
    more = '\n[[override]]\nspan = "2026Q1"\nvalue = 5000\nreason = "capacity agreed"\n'
    ready = prepare(tmp_path / "unit", more)
    inside = ready.workspace.calendar.label(ready.forecast.periods, "quarter") == "2026Q1"
    assert ready.forecast.baseline[:, inside].sum() == pytest.approx(5000, rel=1e-9)
    assert any("capacity agreed" in notice.text for notice in ready.notices)


def test_an_override_written_after_the_as_of_date_is_not_seen(tmp_path):
    more = '\n[[override]]\nspan = "2026Q1"\nvalue = 5000\nreason = "too late"\nrecorded = 2026-05-01\n'
    ready = prepare(tmp_path / "unit", more)
    inside = ready.workspace.calendar.label(ready.forecast.periods, "quarter") == "2026Q1"
    assert ready.forecast.baseline[:, inside].sum() != pytest.approx(5000, rel=1e-6)


def test_a_faulty_override_is_explained(tmp_path):
    more = '\n[[override]]\nspan = "next year"\nvalue = 5\nreason = "ok then"\nscope = { canal = "shop" }\n'
    with pytest.raises(InputError) as caught:
        prepare(tmp_path / "unit", more)
    assert "override.0.span" in str(caught.value)
    more = more.replace("next year", "2026Q1")
    with pytest.raises(InputError, match="did you mean `channel`"):
        prepare(tmp_path / "other", more)


def test_a_pretrained_model_that_has_no_part_in_the_plan_is_said():
    told = say_unused(ForecastSettings(pretrained="models", method="naive"), has_drivers=False)
    assert told[0].text == (
        "The pretrained model in 'models' has no part in this plan: method naive was asked for."
    )
    with_drivers = say_unused(ForecastSettings(pretrained="models"), has_drivers=True)
    assert with_drivers[0].text.endswith("no part in this plan: drivers explain the sales.")
    assert say_unused(ForecastSettings(), has_drivers=True) == ()
