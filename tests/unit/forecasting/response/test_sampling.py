"""Draws of curves that are kept: the same as drawn anew, and never taken for another question's."""

from __future__ import annotations

import numpy as np
import pytest

from alignment_lib.forecasting.response.sampling import Evidence, draw_chains

CELLS = 3


@pytest.fixture
def evidence() -> Evidence:
    rng = np.random.default_rng(5)
    columns = rng.gamma(2.0, size=(40, 2 * CELLS))
    outcome = columns[:, [1, 4]].sum(axis=1) + rng.normal(size=40)
    none = np.zeros((2, CELLS))
    return Evidence(
        columns.T @ columns, columns.T @ outcome, float(outcome @ outcome), 40, np.zeros(CELLS), none, none
    )


def _same(one, other) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("cells", "returns", "variance")
    )


def test_draws_read_back_are_the_draws_that_were_made(evidence, tmp_path):
    fresh = draw_chains(evidence, 60, 1)
    first, again = (draw_chains(evidence, 60, 1, tmp_path) for _ in range(2))
    assert _same(fresh, first)
    assert _same(fresh, again)
    assert len(list(tmp_path.iterdir())) == 1


def test_another_seed_number_of_draws_or_evidence_is_drawn_anew(evidence, tmp_path):
    draw_chains(evidence, 60, 1, tmp_path)
    assert not _same(draw_chains(evidence, 60, 2, tmp_path), draw_chains(evidence, 60, 1, tmp_path))
    assert len(draw_chains(evidence, 40, 1, tmp_path).variance) == 40
    evidence.test_slope[0, 0] = 1e-9
    draw_chains(evidence, 60, 1, tmp_path)
    assert len(list(tmp_path.iterdir())) == 4


def test_a_kept_file_that_was_altered_is_not_read(evidence, tmp_path):
    fresh = draw_chains(evidence, 60, 1, tmp_path)
    kept = next(tmp_path.iterdir())
    kept.write_bytes(kept.read_bytes()[:-7])
    assert _same(draw_chains(evidence, 60, 1, tmp_path), fresh)
