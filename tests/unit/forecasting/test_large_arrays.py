"""Work in parts of the series, and arrays that lie in a file, change no number."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sales_histories import QUARTER, history_of, horizon_after, seasonal_values

from alignment_lib.forecasting import large_arrays
from alignment_lib.forecasting.baseline import forecast_baseline, run_baseline
from alignment_lib.forecasting.combining.ensemble import EnsembleSettings
from alignment_lib.forecasting.forecast import Forecast
from alignment_lib.forecasting.overrides import _moved
from alignment_lib.forecasting.past.history import History
from alignment_lib.inputs.periods.calendar import Calendar


@pytest.fixture(scope="module")
def history() -> History:
    """A hundred and ten products of many lengths, some with gaps, spikes and pauses."""
    values = seasonal_values(110, 40, 4, seed=3)
    generator = np.random.default_rng(5)
    for row in range(0, 110, 3):
        values[row, : generator.integers(0, 30)] = np.nan
    values[::7, 33] = np.nan
    values[1::9, 20] *= 40
    values[5, 20:] = 0.0
    values[6] = np.where(np.arange(40) % 4, 0.0, 3.0)
    return history_of(values, QUARTER)


def planned(history: History) -> Forecast:
    """As a large unit is forecast: slow members on a sample of each class only."""
    settings = EnsembleSettings(sample=8, slow_limit=50, slow_gain=1.0)
    return run_baseline(history, horizon_after(history, 6), seed=1, draws=40, settings=settings).forecast


@pytest.fixture(scope="module")
def whole(history: History) -> Forecast:
    return planned(history)


@pytest.mark.parametrize("size", [7, 50])
def test_a_forecast_in_parts_is_the_same_to_the_byte(
    history: History, whole: Forecast, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_arrays, "PART", size)
    made = planned(history)
    for name in ("baseline", "naive", "samples"):
        assert getattr(made, name).tobytes() == getattr(whole, name).tobytes(), name
    assert made.why.equals(whole.why)
    assert made.notices == whole.notices


def test_arrays_in_files_change_nothing_and_leave_nothing_behind(
    history: History, whole: Forecast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_arrays, "IN_FILE_BYTES", 0)
    monkeypatch.setattr(large_arrays, "_KEPT_BYTES", 0)
    monkeypatch.setattr(large_arrays, "PART", 16)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    made = planned(history)
    assert isinstance(made.samples, np.memmap)
    assert not isinstance(whole.samples, np.memmap)
    assert np.array_equal(made.baseline, whole.baseline)
    assert np.array_equal(made.samples, whole.samples.astype(np.float32))
    assert made.why.equals(whole.why)
    assert list(tmp_path.iterdir()) == []


def test_a_forecast_in_a_file_is_kept_in_the_cache_and_read_back(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_arrays, "IN_FILE_BYTES", 0)
    monkeypatch.setattr(large_arrays, "PART", 16)
    ahead = horizon_after(history, 6)
    made = forecast_baseline(history, ahead, method="theta", seed=1, draws=20, cache=tmp_path)
    again = forecast_baseline(history, ahead, method="theta", seed=1, draws=20, cache=tmp_path)
    assert isinstance(again.samples, np.memmap)
    assert np.array_equal(made.samples, again.samples)
    assert np.array_equal(made.baseline, again.baseline)
    assert np.array_equal(made.naive, again.naive)
    assert made.why.equals(again.why)


def test_overrides_move_draws_in_a_file_as_those_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(3)
    samples, factor = generator.gamma(3.0, 20.0, (8, 30, 5)), generator.uniform(0.5, 2.0, (30, 5))
    added = np.where(factor < 1, 2.0, 0.0)
    expected = samples * factor + added
    assert np.array_equal(_moved(samples, factor, added), expected)
    monkeypatch.setattr(large_arrays, "IN_FILE_BYTES", 0)
    monkeypatch.setattr(large_arrays, "PART", 8)
    assert np.array_equal(_moved(samples, factor, added), expected.astype(np.float32))


def test_weekly_parts_agree_to_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    # Long seasons are fitted by products of matrices, whose last digits depend on the size of a part.
    weekly = history_of(seasonal_values(24, 110, 52, seed=4), Calendar("week"))
    ahead = horizon_after(weekly, 4)
    whole = forecast_baseline(weekly, ahead, method="theta", seed=1, draws=20)
    monkeypatch.setattr(large_arrays, "PART", 7)
    made = forecast_baseline(weekly, ahead, method="theta", seed=1, draws=20)
    assert np.allclose(made.baseline, whole.baseline, rtol=1e-12)
    assert np.allclose(made.samples, whole.samples, rtol=1e-9)


@given(count=st.integers(0, 500), size=st.integers(1, 60))
def test_parts_cover_every_series_once_and_none_is_small(count: int, size: int) -> None:
    parts = list(large_arrays.parts_of(count, size))
    covered = [row for part in parts for row in range(part.start, part.stop)]
    assert covered == list(range(count))
    assert all(part.stop - part.start <= 1.5 * size for part in parts)
    assert all(2 * (part.stop - part.start) >= size for part in parts) or len(parts) == 1


def test_a_released_array_still_holds_its_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_arrays, "_KEPT_BYTES", 0)
    kept = large_arrays.new_array((300, 20), 1.5)
    kept[7] = 2.0
    large_arrays.release(kept[5:, 1:])
    assert isinstance(kept, np.memmap)
    assert kept.sum() == 300 * 20 * 1.5 + 20 * 0.5


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system does not say what it holds")
def test_memory_that_is_free_goes_back_to_the_system() -> None:
    def held() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    pieces = [np.ones(2_000) for _ in range(10_000)]
    last = np.ones(2_000)  # Lies above the others: what is below it is kept back when they go.
    before = held()
    del pieces
    large_arrays.give_back_memory()
    assert held() < before - 100_000_000
    assert last.sum() == 2_000


@pytest.mark.parametrize(
    ("shape", "large"), [((500, 3_000, 13), False), ((500, 30_000, 13), True), ((), False)]
)
def test_only_what_would_fill_memory_is_large(shape: tuple[int, ...], large: bool) -> None:
    assert large_arrays.is_large(shape) is large
