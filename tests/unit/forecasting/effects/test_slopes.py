"""Slopes and features worked out a part of the series at a time are those of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from promoted_histories import promoted_case

from alignment_lib.forecasting.effects.drivers.panel import build_panel
from alignment_lib.forecasting.effects.model import build_design, explained_lines, fit_explained, past_effect
from alignment_lib.forecasting.effects.pooled import PooledSettings


def test_a_design_put_together_in_parts_and_kept_in_a_file_gives_the_same_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = promoted_case()
    panel = build_panel(case.history, case.drivers, case.kinds, case.periods)
    whole = build_design(panel, None)
    fit = fit_explained(whole, PooledSettings())
    for module in ("model", "slopes"):
        monkeypatch.setattr(f"alignment_lib.forecasting.effects.{module}.WIDE_PART", 2)
    monkeypatch.setattr("alignment_lib.forecasting.large_arrays._KEPT_BYTES", 0)
    parted = build_design(panel, None)
    assert np.array_equal(parted.past, whole.past)
    assert np.array_equal(parted.ahead, whole.ahead)
    assert np.allclose(explained_lines(parted, PooledSettings()).slopes, fit.slopes, rtol=1e-9, atol=1e-12)
    assert np.allclose(past_effect(parted, fit), past_effect(whole, fit), rtol=1e-9, atol=1e-12)
