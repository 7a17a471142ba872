"""Leads that a plan needs, by month: what counts as accepted where nobody records it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from alignment_lib.funnel.requirements import Requirements
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.preparing.measured_funnel import sum_requirements

NONE = float("nan")
MONTHS = Calendar("month", 1)


def _needs(accepted: list[float]) -> Requirements:
    wide = pd.DataFrame(
        {
            "period": pd.to_datetime(["2026-01-01", "2026-02-01"]),
            "source": "",
            "is_past": False,
            "leads": [100.0, 80.0],
            "accepted": accepted,
            "available": [90.0, 90.0],
            "capacity": NONE,
        }
    )
    none = pd.DataFrame()
    return Requirements(none, wide, none, none, np.zeros(1))


def test_leads_to_be_expected_are_counted_as_accepted_by_the_share_that_is() -> None:
    table = sum_requirements(_needs([50.0, 40.0]), MONTHS)
    # Half of the leads are accepted, so half of the 90 to come.
    assert table["required"].tolist() == [50.0, 40.0]
    assert table["available"].tolist() == pytest.approx([45.0, 45.0])


def test_where_acceptance_is_not_recorded_every_lead_counts() -> None:
    table = sum_requirements(_needs([NONE, NONE]), MONTHS)
    assert table["required"].tolist() == [100.0, 80.0]
    assert table["available"].tolist() == [90.0, 90.0]
    assert table["label"].tolist() == ["2026-01", "2026-02"]
