"""Cited studies, how far a figure moves by itself, and single events period by period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.planning.evidence.event_study import study_event
from alignment_lib.planning.evidence.past import Reading
from alignment_lib.planning.evidence.readings import read_register
from alignment_lib.planning.evidence.study_errors import DESIGNS, Finding, combine_findings
from alignment_lib.planning.evidence.study_readings import cited_studies, read_own_tests, read_study
from alignment_lib.planning.evidence.usual_movement import read_usual_movement, yearly_changes
from alignment_lib.planning.evidence.weighing import weigh_evidence
from tests.unit.planning.past_cases import claim, effect_row, event_row, grid_of, history_of, past_of

STUDIES = pd.DataFrame(
    {
        "study": ["S1", "S1", "S2", "S1 b"],
        "date": pd.to_datetime(["2025-11-01", "2025-11-01", "2025-10-01", "2025-10-01"]),
        "n": [400.0, 400.0, np.nan, 10.0],
        "product": [None, "Tea", "Cake", None],
        "channel": [None, None, None, None],
        "estimate": [3.0, 12.0, 7.0, 1.0],
        "standard_error": [1.0, 4.0, np.nan, 1.0],
    }
)


def _cite(text: str, **more):
    return claim(kind="consumer_shift", fields={"evidence": text}, **more)


def test_a_study_is_cited_by_its_whole_name() -> None:
    assert cited_studies(_cite("S1; panel"), STUDIES) == ("S1",)
    assert cited_studies(_cite("S11, XS1"), STUDIES) == ()
    assert cited_studies(_cite("S1"), None) == ()


def test_of_several_findings_the_one_nearest_to_the_claims_scope_speaks() -> None:
    past = past_of(research=STUDIES)
    near = read_study(_cite("S1"), past)
    assert (near.estimate, near.source) == (12.0, "research")
    assert near.words == "study S1 (Nov 2025, 400 asked)"
    assert read_study(_cite("S1", scope={}), past).estimate == 3.0


def test_a_finding_is_worth_its_error_widened_for_design_age_scope_and_size() -> None:
    # Found 12 ± 4 by a survey two years ago, of something broader in one dimension:
    # 4^2 + 12^2 (0.35^2 + 2 x 0.15^2 + 0.15^2) = 16 + 17.64 + 6.48 + 3.24 = 43.36.
    finding = Finding("S1", "survey", 12.0, 4.0, 2.0, broader=1)
    assert finding.error == pytest.approx(np.sqrt(43.36))
    # One in two of 25 asked cannot be told better than to 10 points, whatever the report says.
    assert Finding("S", "experiment", 50.0, 1.0, 0.0, size=25.0).chance_error == pytest.approx(10.0)
    # Without an error the whole finding is its error.
    assert Finding("S", "experiment", 8.0, float("nan"), 0.0).chance_error == 8.0
    errors = [Finding("S", design, 10.0, 2.0, 1.0).error for design in DESIGNS]
    assert errors == sorted(errors)


def test_several_studies_are_combined_whichever_suits() -> None:
    first, second = Finding("S1", "survey", 10.0, 2.0, 0.0), Finding("S2", "panel", 2.0, 2.0, 0.0)
    estimate, error = combine_findings((first, second))
    assert 2.0 < estimate < 10.0
    # They contradict each other by more than their errors: what is between them widens both.
    assert error > min(first.error, second.error) / np.sqrt(2)
    table = STUDIES.assign(estimate=[3.0, 12.0, 7.0, 6.0], product=[None, "Tea", "Cake", "Tea"])
    both = read_study(_cite("S1, S1 b", expected=9.0), past_of(research=table.assign(n=400.0)))
    assert 6.0 < both.estimate < 12.0
    assert both.words.startswith("studies S1 (")


def test_a_study_that_cannot_tell_the_claim_from_nothing_says_so_and_moves_nothing() -> None:
    vague = STUDIES.assign(standard_error=40.0)
    row = _cite("S1")
    found = read_study(row, past_of(research=vague))
    assert not found.speaks
    assert "cannot tell the claim from nothing" in found.words
    none = read_register(grid_of(), [row], past_of())["A1"]
    with_it = read_register(grid_of(), [row], past_of(research=vague))["A1"]
    assert (with_it.estimate, with_it.error) == (none.estimate, none.error) or not with_it.speaks


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.floats(0.1, 200.0), st.floats(-30.0, 30.0))
def test_the_worse_a_study_the_less_it_moves_the_plan(error: float, estimate: float) -> None:
    row = _cite("S1", expected=10.0, low=6.0, high=14.0)
    table = STUDIES.assign(estimate=estimate, standard_error=error)
    values = []
    for factor in (1.0, 1.5, 3.0):
        past = past_of(research=table.assign(standard_error=error * factor))
        readings = {"A1": read_study(row, past)}
        found = weigh_evidence(grid_of(), [row], readings).rows[0].expected
        values.append(abs(found - 10.0))
    assert values == sorted(values, reverse=True) or max(values) < 1e-9


EXPERIMENTS = pd.DataFrame(
    {
        "experiment": ["T1", "T2"],
        "design": ["holdout", "before-after"],
        "end": pd.to_datetime(["2025-11-01", "2025-11-01"]),
        "assumption": ["", "A1"],
        "product": ["Tea", None],
        "channel": [None, None],
        "lift": [8.0, 20.0],
        "standard_error": [1.0, 9.0],
    }
)


def test_an_own_test_that_drew_lots_stands_above_history_and_studies() -> None:
    past = past_of(
        [effect_row("feature", "uplift", "Tea", 0.3, 0.05)], research=STUDIES, experiments=EXPERIMENTS
    )
    cited = claim(fields={"mechanic": "feature", "evidence": "T1; S1"}, id="A9")
    found = read_register(grid_of(), [cited], past)["A9"]
    assert (found.source, found.estimate) == ("own tests", 8.0)
    assert found.words == "an own test, T1 (holdout, Nov 2025),"
    assert found.aside is not None
    assert found.aside.source == "sales history"
    # One that only compares before with after does not go before a history that knows better.
    named = claim(fields={"mechanic": "feature"})
    assert read_register(grid_of(), [named], past)["A1"].source == "sales history"
    assert read_own_tests(claim(unit="units"), past) == (Reading(), False)


def test_a_study_of_something_else_or_of_per_cent_for_units_does_not_speak() -> None:
    past = past_of(research=STUDIES)
    assert not read_study(_cite("S2"), past).speaks
    assert not read_study(_cite("S1", unit="units"), past).speaks
    assert not read_study(_cite("hearsay"), past).speaks


def test_where_the_sales_history_speaks_a_study_stands_aside() -> None:
    past = past_of([effect_row("feature", "uplift", "Tea", 0.3, 0.05)], research=STUDIES)
    row = claim(fields={"mechanic": "feature", "evidence": "S1"})
    found = read_register(grid_of(), [row], past)["A1"]
    assert found.source == "sales history"
    assert found.aside is not None
    assert found.aside.estimate == 12.0


def test_yearly_changes_compare_whole_spans_with_the_year_before() -> None:
    quarters = pd.Series(
        [10.0, 20.0, 30.0, 40.0, 11.0, 22.0, 33.0, 44.0], pd.date_range("2024-01-01", periods=8, freq="QS")
    )
    assert np.allclose(yearly_changes(quarters, Calendar("quarter"), 1), np.log(1.1))
    assert len(yearly_changes(quarters, Calendar("quarter"), 1)) == 4
    assert len(yearly_changes(quarters.head(4), Calendar("quarter"), 1)) == 0


def test_the_usual_movement_is_the_spread_of_yearly_changes_around_their_mean() -> None:
    weeks = np.ones((3, 156)) * np.array([[100.0], [50.0], [200.0]])
    # Tea's second and third years: quarters up by 10 and down by 10 per cent in turn.
    for quarter in range(8):
        first = 52 + 13 * quarter
        weeks[:2, first : first + 13] = weeks[:2, first - 52 : first - 39] * np.exp(0.1 * (-1) ** quarter)
    past = past_of(history=history_of(weeks))
    found = read_usual_movement(grid_of(), claim(kind="market_shift", fields={}), past)
    assert found.estimate == 0.0
    # One more of 8 quarters: s sqrt(1 + 1/8), and Student's 95 % point with 7 degrees, 1.8946, over 1.6449.
    spread = 100 * np.std([0.1, -0.1] * 4, ddof=1)
    assert found.error == pytest.approx(spread * np.sqrt(9 / 8) * 1.894579 / 1.644854, rel=1e-5)
    assert found.words == "the year-on-year changes of sales in 8 past quarters"


def test_a_claim_about_visits_is_set_beside_visits() -> None:
    periods = pd.date_range("2022-01-03", periods=208, freq="7D")
    visits = 1000 * np.exp(0.2 * (np.arange(208) // 26 % 2))
    funnel = pd.DataFrame({"period": periods, "product": None, "visitors": visits, "leads": visits / 50})
    row = claim(kind="digital", fields={"lever": "visits"})
    found = read_usual_movement(grid_of(), row, past_of(funnel=funnel))
    assert "changes of visits in 12 past quarters" in found.words
    rate = read_usual_movement(
        grid_of(), claim(kind="digital", fields={"lever": "conversion"}), past_of(funnel=funnel)
    )
    assert "conversion" in rate.words
    assert rate.error == pytest.approx(0.0, abs=1e-6)


def test_a_short_history_has_no_usual_movement() -> None:
    short = past_of(history=history_of(weeks=60))
    assert not read_usual_movement(grid_of(), claim(kind="market_shift", fields={}), short).speaks


def test_an_event_is_drawn_with_what_would_have_been_sold_without_it() -> None:
    history = history_of(weeks=60)
    base = history.values.copy()
    expected = base.copy()
    expected[:2, 40:42] *= 1.3
    expected[:2, 42] *= 0.9
    start = history.periods[40]
    event = event_row(str(start.date()), 390.0, 312.0, 90.0, end=history.periods[41])
    table = study_event(history, expected, base, event)
    assert table["period"].iloc[0] == history.periods[32]
    assert len(table) == 8 + 2 + 6
    inside = table[table["is_event"]]
    assert inside["without"].sum() == pytest.approx(312.0)
    assert (inside["low"] < inside["without"]).all()
    # Before it the model with all that was done, after it sales as if nothing had been borrowed.
    assert table["without"].iloc[0] == pytest.approx(150.0)
    assert table["without"].iloc[10] == pytest.approx(150.0)
    assert table["actual"].iloc[0] == 150.0
