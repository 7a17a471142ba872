from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.combining.weighting import (
    CandidateErrors,
    Weighed,
    expected_gain,
    weigh_candidates,
)


def errors_of(level: float, count: int = 60, seed: int = 0, noise: float = 0.2) -> CandidateErrors:
    """Errors of one candidate at six origins, the same draw for every candidate of a seed."""
    generator = np.random.default_rng(seed)
    size = level * np.exp(generator.normal(0, noise, (6, count)))
    return CandidateErrors(size, size * 10, size * generator.choice([-1.0, 1.0], (6, count)))


def weighed(
    levels: dict[str, float], count: int = 60, default: str = "fast", separate: float = 3.0
) -> Weighed:
    scores = {name: errors_of(level, count) for name, level in levels.items()}
    found = weigh_candidates(scores, np.arange(count), default, separate)
    assert found is not None
    return found


def test_the_better_a_candidate_the_more_it_weighs() -> None:
    found = weighed({"naive": 1.0, "fast": 0.9, "recent": 0.7, "growth": 0.95})
    shares = found.choice.shares
    assert found.choice.candidate == "recent"
    assert shares["recent"] > shares["fast"] > shares.get("growth", 0.0)
    assert sum(shares.values()) == pytest.approx(1.0)
    assert found.choice.reason.startswith("weighed by backtest: recent")


@pytest.mark.parametrize("count", [1, 9, 200])
def test_what_loses_to_naive_is_not_used_however_few_the_series(count: int) -> None:
    found = weighed({"naive": 1.0, "fast": 1.4, "recent": 1.01, "half naive": 1.0}, count)
    assert set(found.weights) == {"naive"}
    assert "what we have" in found.choice.reason


def test_nine_series_leave_their_default_where_it_is_clearly_worse() -> None:
    found = weighed({"naive": 0.913, "fast": 1.304, "half naive": 0.88}, 9)
    assert set(found.choice.shares) == {"naive", "half naive"}


def test_another_kind_than_the_default_starts_lower_and_its_own_kind_alike() -> None:
    levels = {"naive": 1.0, "fast": 0.9, "dot": 0.9, "growth": 0.9, "half growth": 0.9}
    models = weighed(levels, 3, default="fast").choice.shares
    assert models["fast"] == pytest.approx(models["dot"])
    assert models["growth"] < models["half growth"] < models["dot"]
    assert models["dot"] == pytest.approx(4 * models["growth"])
    weeks = weighed(levels, 3, default="half growth").choice.shares
    assert weeks["half growth"] == max(weeks.values())


@pytest.mark.parametrize("count", [6, 200])
def test_another_kind_that_is_clearly_better_takes_over_all_the_same(count: int) -> None:
    shares = weighed({"naive": 1.0, "fast": 0.9, "dot": 0.9, "growth": 0.6}, count).choice.shares
    assert shares["growth"] > 0.8


def test_a_little_more_evidence_moves_the_weights_a_little() -> None:
    before = weighed({"naive": 1.0, "fast": 0.900, "recent": 0.900}).choice.shares
    after = weighed({"naive": 1.0, "fast": 0.900, "recent": 0.895}).choice.shares
    assert abs(after["recent"] - before["recent"]) < 0.03


def test_a_series_own_errors_move_its_weights_within_its_class() -> None:
    scores = {name: errors_of(level) for name, level in {"naive": 1.0, "fast": 0.8, "recent": 0.8}.items()}
    scores["fast"].scaled[:, 7] *= 0.5
    scores["recent"].scaled[:, 7] *= 1.5
    found = weigh_candidates(scores, np.arange(60), "fast", 3.0)
    assert found is not None
    assert found.weights["theta"][7] > found.weights["theta"][8]
    assert found.weights["recent"][7] < found.weights["recent"][8]
    assert np.sum(list(found.weights.values()), axis=0) == pytest.approx(1.0)


def test_a_candidate_tried_on_a_few_series_is_compared_there_alone() -> None:
    scores = {name: errors_of(1.0) for name in ("naive", "fast", "local")}
    easy = np.arange(60) < 20
    for each in scores.values():
        each.scaled[:, easy] *= 0.3
    scores["local"].scaled[:, easy] *= 0.8
    scores["local"].absolute[:, easy] *= 0.8
    scores["local"].summed[:, easy] *= 0.8
    for kept in (scores["local"].scaled, scores["local"].absolute, scores["local"].summed):
        kept[:, ~easy] = np.nan
    found = weigh_candidates(scores, np.arange(60), "fast", 3.0)
    assert found is not None
    assert found.choice.errors["local"] == pytest.approx(0.8, rel=0.05)


def test_what_is_learnt_from_years_weighs_by_the_years_known_today() -> None:
    scores = {name: errors_of(level) for name, level in {"naive": 1.0, "fast": 0.9, "growth": 0.9}.items()}
    before = weigh_candidates(scores, np.arange(60), "growth", 3.0)
    after = weigh_candidates(scores, np.arange(60), "growth", 3.0, expected_gain(np.array([1.0]), 2.0))
    assert before is not None
    assert after is not None
    assert after.choice.shares["fast"] > before.choice.shares["fast"]
    assert expected_gain(np.array([8.0]), 9.0) == pytest.approx(1.0, abs=0.01)


def test_without_any_origin_there_is_nothing_to_weigh() -> None:
    nothing = CandidateErrors(*(np.full((0, 3), np.nan) for _ in range(3)))
    assert weigh_candidates({"naive": nothing, "fast": nothing}, np.arange(3), "fast", 0.0) is None
