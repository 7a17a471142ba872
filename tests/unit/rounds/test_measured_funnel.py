"""Leads that a plan needs, by month: what counts as accepted where nobody records it."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.preparing.measured_funnel import sum_requirements

NONE = float("nan")
MONTHS = Calendar("month", 1)


def _needs(accepted: list[float]) -> pd.DataFrame:
    periods = pd.to_datetime(["2025-12-01", "2026-01-01", "2026-02-01"])
    of_all = {"period": periods, "source": ""}
    leads = {
        "required": [70.0, 100.0, 80.0],
        "available": [70.0, 90.0, 90.0],
        "is_past": [True, False, False],
    }
    return pd.concat(
        [
            pd.DataFrame(of_all | {"stage": "leads", "capacity": NONE} | leads),
            pd.DataFrame(
                of_all
                | {"stage": "accepted", "required": [NONE, *accepted], "capacity": 60.0, "is_past": False}
            ),
            pd.DataFrame(of_all | {"source": "web", "stage": "leads"} | leads),
        ]
    )


def test_leads_to_be_expected_are_counted_as_accepted_by_the_share_that_is() -> None:
    table = sum_requirements(_needs([50.0, 40.0]), MONTHS)
    # Half of the leads are accepted, so half of the 90 to come.
    assert table["required"].tolist() == [50.0, 40.0]
    assert table["available"].tolist() == pytest.approx([45.0, 45.0])
    assert table["capacity"].tolist() == [60.0, 60.0]
    assert table["leads"].tolist() == [100.0, 80.0]


def test_where_acceptance_is_not_recorded_every_lead_counts() -> None:
    table = sum_requirements(_needs([NONE, NONE]), MONTHS)
    assert table["required"].tolist() == [100.0, 80.0]
    assert table["available"].tolist() == [90.0, 90.0]
    assert table["label"].tolist() == ["2026-01", "2026-02"]
