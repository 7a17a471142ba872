"""Lead quality by hand: acceptance, reasons, the untargeted share, cost per accepted lead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.quality import LeadQuality, lead_quality
from alignment_lib.funnel.win_model import fit_wins
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

MONTHS = Calendar("month")


def _ten() -> list[dict[str, object]]:
    """Ten leads of the fair: seven accepted, two rejected in time, one disqualified after acceptance."""
    rows = [lead(f"A{n}", "2025-11-03", "fair", accepted_at="2025-11-04") for n in range(7)]
    for number, reason in enumerate(("outside area", "no budget")):
        rows.append(
            lead(f"R{number}", "2025-11-03", "fair", rejected_at="2025-11-04", rejected_reason=reason)
        )
    late = {"accepted_at": "2025-11-04", "rejected_at": "2025-11-20", "rejected_reason": "not a buyer"}
    return [*rows, lead("D", "2025-11-03", "fair", **late)]


def _measure(rows: list[dict[str, object]], **options: object) -> LeadQuality:
    leads = leads_of(rows)
    return lead_quality(leads, fit_lag(leads), None, MONTHS, seed=1, **options)  # type: ignore[arg-type]


def test_acceptance_and_the_untargeted_share_by_hand() -> None:
    row = _measure(_ten()).table.iloc[0]
    assert row[["leads", "decided", "accepted", "rejected", "disqualified"]].tolist() == [10, 10, 8, 2, 1]
    assert row["accepted_share"] == pytest.approx(0.8)
    assert not row["keeps_promise"]
    # Outside the region (rejected) and not a buyer (disqualified) were never in the audience; no budget was.
    assert row["untargeted_share"] == pytest.approx(0.2)


def test_later_disqualification_is_kept_apart_from_rejection() -> None:
    reasons = _measure(_ten()).reasons
    assert reasons.to_numpy().tolist() == [
        ["fair", "rejected", "no budget", 1, 0.1],
        ["fair", "rejected", "outside region", 1, 0.1],
        ["fair", "disqualified", "not a buyer", 1, 0.1],
    ]


def test_cost_per_accepted_lead_by_hand() -> None:
    spend = pd.DataFrame(
        {"period": pd.to_datetime(["2025-11-01"] * 2), "source": ["fair", "radio"], "amount": [400.0, 50.0]}
    )
    quality = _measure(_ten(), spend=spend)
    fair = quality.table[quality.table["source"] == "fair"].iloc[0]
    assert (fair["cost_per_lead"], fair["cost_per_accepted"]) == (40.0, 50.0)
    radio = quality.table[quality.table["source"] == "radio"].iloc[0]
    assert (radio["leads"], radio["spend"]) == (0, 50.0)
    codes = {notice.code: notice.text for notice in quality.notices}
    assert codes["source_without_leads"] == "Sources without a single lead, shown with zeros: radio."
    assert codes["spend_without_leads"] == "Spend of 50 went where no lead was created in the same cut."


def test_spend_that_is_not_given_by_campaign_is_not_spread() -> None:
    spend = pd.DataFrame({"period": pd.to_datetime(["2025-11-01"]), "source": ["fair"], "amount": [400.0]})
    quality = _measure(_ten(), by=("source", "campaign"), spend=spend)
    assert quality.table["cost_per_lead"].isna().all()
    assert "Spend is not given by campaign: no cost is shown there." in [
        notice.text for notice in quality.notices
    ]


def test_without_a_win_model_the_chance_is_blank_and_the_reason_said() -> None:
    quality = _measure(_ten())
    assert quality.table["win_given_handling"].isna().all()
    assert quality.calibration.empty
    assert quality.notices[0].code == "no_win_model"


def test_quality_does_not_depend_on_how_the_leads_were_handled() -> None:
    # The same sources, once waited on for hours and once for weeks: accepted share x chance at the promise.
    leads = draw_leads(6_000, seed=21)
    lag = fit_lag(leads)
    model = fit_wins(leads, lag, seed=1)
    fast = lead_quality(leads, lag, model, MONTHS, seed=1).table
    slow_table = leads.table.assign(wait_hours=leads.table["wait_hours"] * 50)
    slow = lead_quality(
        type(leads)(**{**leads.__dict__, "table": slow_table}), lag, model, MONTHS, seed=1
    ).table
    np.testing.assert_allclose(slow["win_given_handling"], fast["win_given_handling"])
    assert fast["win_given_handling"].is_monotonic_decreasing  # source 0 is the better one
