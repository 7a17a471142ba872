"""Lead handling by hand: contact, speed, attempts, and the warned-about curve of waiting."""

from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.funnel.cohorts import fit_lag
from alignment_lib.funnel.handling import WARNING, lead_handling, waiting_curve
from alignment_lib.funnel.win_model import fit_wins
from alignment_lib.inputs.periods.calendar import Calendar
from tests.unit.funnel.lead_cases import draw_leads, lead, leads_of

MONTHS = Calendar("month")


def _four() -> tuple[list[dict[str, object]], list[tuple[str, str, float]]]:
    rows = [lead(name, "2025-11-03 09:00", accepted_at="2025-11-03 10:00") for name in "ABCD"]
    contacts = [
        ("A", "2025-11-03 11:00", 1.0),  # after 2 hours, reached
        ("B", "2025-11-04 07:00", 0.0),  # after 22 hours, five attempts in ten days, never reached
        *[("B", f"2025-11-{day:02d} 09:00", 0.0) for day in (6, 8, 10, 12)],
        ("C", "2025-11-06 09:00", 0.0),  # after 72 hours, given up on after one attempt
    ]
    return rows, contacts


def test_handling_by_hand() -> None:
    rows, contacts = _four()
    row = lead_handling(leads_of(rows, contacts), None, MONTHS).table.iloc[0]
    assert (row["handler"], row["accepted"]) == ("inside sales", 4)
    assert row["attempted_share"] == 0.75
    assert row["contacted_share"] == 0.25
    assert (row["unworked"], row["unworked_share"]) == (1, 0.25)
    # First attempts after 2, 22 and 72 hours, one lead still waiting: half have been tried at 22... more
    # than half only at 72, where the curve falls to 1/4.
    assert row["median_hours"] == 72.0
    assert row["in_time_share"] == 0.5
    assert row["mean_attempts"] == pytest.approx(7 / 4)
    # A reached, B tried five times in two weeks; C and D not.
    assert row["attempts_share"] == 0.5
    assert not row["keeps_promise"]


def test_a_lead_still_within_the_promise_is_not_held_against_anyone() -> None:
    rows, contacts = _four()
    rows.append(lead("E", "2025-12-31 20:00", accepted_at="2025-12-31 21:00"))
    row = lead_handling(leads_of(rows, contacts), None, MONTHS).table.iloc[0]
    assert row["accepted"] == 5
    assert (row["unworked"], row["in_time_share"]) == (1, 0.5)


def test_roles_stand_in_the_order_of_their_names_whatever_their_figures() -> None:
    table = lead_handling(draw_leads(600, seed=31), None, MONTHS, cycle="quarter").table
    assert table.equals(table.sort_values(["cohort", "handler"], ignore_index=True))


def test_without_contacts_handling_is_not_shown_and_says_why() -> None:
    handling = lead_handling(leads_of([lead("A", "2025-11-03")]), None, MONTHS)
    assert len(handling.table) == 0
    assert (
        handling.notices[0].text == "Contacts are not recorded: contact, speed and attempts cannot be shown."
    )


def test_the_curve_of_waiting_falls_has_a_band_and_carries_the_warning() -> None:
    leads = draw_leads(5_000, seed=32)
    model = fit_wins(leads, fit_lag(leads), seed=1)
    handling = lead_handling(leads, model, MONTHS)
    curve = handling.waiting
    assert curve["win_chance"].is_monotonic_decreasing
    assert (curve["low"] <= curve["win_chance"]).all()
    assert (curve["win_chance"] <= curve["high"]).all()
    at_promise = curve[curve["hours"] == 24.0].iloc[0]
    assert at_promise["against_promise"] == pytest.approx(1.0)
    assert handling.effects["warning"].tolist() == [WARNING]
    assert "It is not proof of cause." in WARNING
    assert "not_cause" in [notice.code for notice in handling.notices]


def test_call_quality_is_the_mean_of_scored_leads() -> None:
    import pandas as pd

    from alignment_lib.funnel.leads import prepare_leads
    from tests.unit.funnel.lead_cases import AS_OF

    rows, contacts = _four()
    frame = pd.DataFrame(contacts, columns=["lead_id", "at", "reached"])
    frame["at"] = pd.to_datetime(frame["at"])
    frame["call_quality"] = [0.8, *[np.nan] * 5, 0.4]
    table = pd.DataFrame(rows)
    for name in ("created", "accepted_at"):
        table[name] = pd.to_datetime(table[name])
    row = lead_handling(prepare_leads(table, AS_OF, frame), None, MONTHS).table.iloc[0]
    assert row["call_quality"] == pytest.approx(0.6)


def test_without_a_model_there_is_no_curve() -> None:
    assert len(waiting_curve(None)) == 0
