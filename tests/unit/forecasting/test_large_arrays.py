"""Draws too large for memory lie in a file; their numbers are the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alignment_lib.forecasting import large_arrays
from alignment_lib.forecasting.paths import draw_errors, fit_errors


def test_draws_in_a_file_are_those_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = np.random.default_rng(1).normal(size=(6, 5, 4))
    model = fit_errors(errors, np.ones((6, 5)), np.ones(5), 4)
    inside = draw_errors(model, np.arange(5), 7, 40)
    monkeypatch.setattr(large_arrays, "LARGE_BYTES", 100)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    outside = draw_errors(model, np.arange(5), 7, 40)
    assert isinstance(outside, np.memmap)
    assert not isinstance(inside, np.memmap)
    np.testing.assert_array_equal(inside, outside)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("shape", "large"), [((500, 3_000, 13), False), ((500, 30_000, 13), True), ((), False)]
)
def test_only_what_would_fill_memory_is_large(shape: tuple[int, ...], large: bool) -> None:
    assert large_arrays.is_large(shape) is large
