"""Past events as evidence: counting, placebos, spread, and outcomes drawn toward the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.planning.evidence.past_events import (
    count_events,
    event_readings,
    match_events,
    outcome_table,
    placebo_verdict,
    spread_between,
)
from tests.unit.planning.past_cases import event_row


def _events(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows)


def _verdicts(established: int, others: int) -> pd.DataFrame:
    return pd.DataFrame({"verdict": ["established"] * established + ["not established"] * others})


def test_mechanics_that_overlap_for_the_same_product_are_one_event() -> None:
    feature = event_row("2025-03-03", 130, 100, 30, end=pd.Timestamp("2025-03-10"))
    deal = event_row("2025-03-10", 130, 100, 30, driver="deal")
    other = event_row("2025-03-03", 130, 100, 30, product="Cake")
    later = event_row("2025-05-05", 130, 100, 30)
    assert count_events(_events(feature, deal, other, later)) == 3
    assert count_events(_events(feature, deal)) == 1
    assert count_events(pd.DataFrame()) == 0


def test_events_match_by_driver_and_by_the_dimensions_they_tell_apart() -> None:
    events = _events(event_row("2025-03-03", 1, 1, 1), event_row("2025-03-03", 1, 1, 1, product="Cake"))
    # The channel is blank on every event, so a claim in one channel meets them too.
    assert len(match_events(events, ["feature"], {"product": "Tea", "channel": "web"})) == 1
    assert len(match_events(events, ["feature"], {})) == 2
    assert len(match_events(events, ["deal"], {})) == 0


@pytest.mark.parametrize(
    ("established", "others", "verdict"),
    [
        # At 0.1 each, at least 1 of 1 is 0.10; 1 of 2 0.19; 2 of 4 0.052; 2 of 7 0.150; 3 of 7 0.026.
        (1, 0, "established"),
        (1, 1, "not established"),
        (2, 2, "established"),
        (2, 5, "not established"),
        (3, 4, "established"),
        (0, 3, "not established"),
    ],
)
def test_events_together_beat_their_placebos_by_the_binomial_rule(established, others, verdict) -> None:
    assert placebo_verdict(_verdicts(established, others)) == verdict


def test_events_that_could_not_be_tested_give_no_verdict() -> None:
    assert placebo_verdict(pd.DataFrame({"verdict": ["too few placebo dates"]})) == ""
    assert placebo_verdict(pd.DataFrame()) == ""


def test_an_event_is_read_in_logs_with_its_scatter() -> None:
    found = event_readings(_events(event_row("2025-03-03", 130, 100, 30))).iloc[0]
    assert found["own"] == pytest.approx(np.log(130.5 / 100.5))
    assert found["own_error"] == pytest.approx(0.1)
    assert found["model"] == pytest.approx(np.log(1.3))
    assert found["model_error"] == pytest.approx(5 / 130)


def test_the_spread_between_events_is_what_scatter_leaves_unexplained() -> None:
    # Gaps of +0.3 and -0.3 from the model, errors 0.1 each: Q = 4 x 0.09 / 0.01 = 36, so
    # t^2 = (36 - 3) / (400 - 100) = 0.11 (DerSimonian and Laird 1986).
    rows = [event_row(f"2025-0{month}-03", 0, 100, 30) for month in range(1, 5)]
    events = _events(*rows)
    sign = np.array([1, -1, 1, -1])
    events["actual"] = 100.5 * 1.3 * np.exp(0.3 * sign) - 0.5
    assert spread_between(events) == pytest.approx(np.sqrt(0.11))
    assert spread_between(events.head(2)) == 0.0


def test_events_alike_have_no_spread_and_their_outcome_is_the_models() -> None:
    events = _events(*(event_row(f"2025-0{month}-03", 130, 100, 30) for month in range(1, 5)))
    assert spread_between(events) == 0.0
    found = outcome_table(events)
    assert np.allclose(found["effect"], 30.0)
    assert np.allclose(found["standard_error"], 5.0)
    assert found["baseline"].tolist() == [100.0] * 4


def test_events_that_differ_much_keep_most_of_their_own_figure() -> None:
    events = _events(*(event_row(f"2025-0{month}-03", 0, 100, 30) for month in range(1, 5)))
    events["actual"] = 100.5 * 1.3 * np.exp(0.3 * np.array([1, -1, 1, -1])) - 0.5
    found = outcome_table(events)
    # t^2 = 0.11 against 0.01: eleven twelfths of the gap of 0.3 are kept.
    assert found["effect"].iloc[0] == pytest.approx(100 * (1.3 * np.exp(0.3 * 11 / 12) - 1))


@given(st.lists(st.floats(0, 400), min_size=1, max_size=8))
def test_an_outcome_lies_between_the_models_figure_and_the_events_own(actuals) -> None:
    events = _events(*(event_row("2025-03-03", actual, 100, 30) for actual in actuals))
    found, logs = outcome_table(events), event_readings(events)
    own, model = 100 * np.expm1(logs["own"]), 100 * np.expm1(logs["model"])
    assert (found["effect"] <= np.maximum(own, model) + 1e-6).all()
    assert (found["effect"] >= np.minimum(own, model) - 1e-6).all()
