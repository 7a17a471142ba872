"""Real leads whose open and lost cannot be told apart are read and reported sensibly."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignment_lib.funnel.cohorts import conversion_by_cohort, fit_lag
from alignment_lib.funnel.leads import prepare_leads
from alignment_lib.funnel.stages import funnel_summary
from alignment_lib.inputs.periods.calendar import Calendar

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def olist() -> Any:
    from tests.conftest import shared_folder

    folder = shared_folder("data/olist_funnel")
    spec = importlib.util.spec_from_file_location("funnel_olist", ROOT / "benchmarks" / "funnel_olist.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table, last_day, recorded_from = module.read_olist(folder)
    return module, prepare_leads(table, last_day), recorded_from


def test_every_lead_and_every_win_is_there(olist: Any) -> None:
    _, leads, _ = olist
    assert (len(leads.table), int(leads.table["is_won"].sum())) == (8_000, 842)
    codes = {notice.code: notice.count for notice in leads.notices}
    assert codes["closed_before_creation"] == 1
    assert {"no_contacts", "acceptance_unknown"} <= set(codes)
    table, _ = funnel_summary(leads, Calendar("month"))
    assert (table["leads"].sum(), table["customers"].sum()) == (8_000, 842)
    assert table[["accepted", "contacted", "opportunities"]].isna().all(axis=None)


def test_the_lag_agrees_with_the_data_s_own_description(olist: Any) -> None:
    # Described: median 14 days from first contact to won, mean 48, longest 427. Allowing for leads that
    # cannot have had their late sales yet, the median stays and the estimate of conversion rises.
    module, leads, recorded_from = olist
    usable = module.since(leads, recorded_from)
    lag = fit_lag(usable)
    assert 12 <= lag.quantile(0.5) <= 18
    assert lag.conversion > usable.table["is_won"].mean()


def test_the_youngest_cohort_is_corrected_most(olist: Any) -> None:
    module, leads, recorded_from = olist
    usable = module.since(leads, recorded_from)
    cohorts = conversion_by_cohort(usable, fit_lag(usable), Calendar("month"), "month", by=())
    lift = cohorts["conversion_rate"] / cohorts["observed_rate"]
    assert (np.diff(lift) > 0).all()
    assert cohorts["low"].le(cohorts["conversion_rate"]).all()
