from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sales_histories import history_of, horizon_after

from alignment_lib.forecasting.baseline import run_baseline
from alignment_lib.forecasting.learning.pretrained import find_pretrained, forecast_pretrained
from alignment_lib.inputs.problems import InputError

CONFIG = {"architectures": ["Chronos2Model"], "chronos_config": {"context_length": 64}}


def faults(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        find_pretrained(folder)
    return "\n".join(str(problem) for problem in caught.value.problems)


def write_config(folder: Path, config: object) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")


def test_a_folder_that_is_not_there_is_named_with_what_should_be_in_it(tmp_path: Path) -> None:
    said = faults(tmp_path / "models" / "chronos")
    assert "planning.toml, column forecast.pretrained: found no config.json in the folder" in said
    assert "models/chronos" in said
    assert "with config.json and model.safetensors" in said


def test_pickled_weights_are_refused_unread(tmp_path: Path) -> None:
    write_config(tmp_path, CONFIG)
    (tmp_path / "pytorch_model.bin").write_bytes(b"not opened")
    assert "found weights in another format" in faults(tmp_path)
    assert "pickled weights are not opened" in faults(tmp_path)


@pytest.mark.parametrize(
    "config",
    [
        {"architectures": ["T5ForConditionalGeneration"]},
        {**CONFIG, "auto_map": {"AutoModel": "code.Model"}},
        {"architectures": ["Chronos2Model"]},
        {"architectures": ["Chronos2Model"], "chronos_config": {"context_length": "long"}},
        [1, 2],
        7,
    ],
)
def test_another_kind_of_model_is_refused_by_name(tmp_path: Path, config: object) -> None:
    write_config(tmp_path, config)
    (tmp_path / "model.safetensors").write_bytes(b"")
    said = faults(tmp_path)
    assert "expected the folder of a Chronos2Model" in said
    assert "or leave the line out" in said


def test_a_config_that_is_no_json_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    assert "a config.json that cannot be read" in faults(tmp_path)


def tiny_model(folder: Path) -> Path:
    """A model of the format, with a few thousand weights drawn at random."""
    pytest.importorskip("chronos", reason="make pretrained installs what runs a pretrained model")
    import torch
    from chronos.chronos2 import Chronos2CoreConfig, Chronos2Model

    torch.manual_seed(7)
    shape: dict[str, Any] = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    config = Chronos2CoreConfig(
        **shape,
        architectures=["Chronos2Model"],
        chronos_pipeline_class="Chronos2Pipeline",
        chronos_config={
            "context_length": 64,
            "output_patch_size": 8,
            "input_patch_size": 8,
            "input_patch_stride": 8,
            "quantiles": [round(0.1 * tenth, 1) for tenth in range(1, 10)],
            "use_reg_token": True,
            "use_arcsinh": True,
            "max_output_patches": 4,
            "time_encoding_scale": 64,
        },
    )
    Chronos2Model(config).save_pretrained(folder)
    return folder


def test_a_series_is_forecast_from_itself_alone_and_as_far_as_asked(tmp_path: Path) -> None:
    model = find_pretrained(tiny_model(tmp_path))
    values = np.abs(np.random.default_rng(0).normal(1, 0.2, (5, 90)))
    start = np.array([0, 0, 10, 87, 60])
    made = forecast_pretrained(model, values, start, 40)
    assert made.shape == (5, 40)
    assert np.isnan(made[3]).all()
    assert np.isfinite(made[[0, 1, 2, 4]]).all()
    alone = forecast_pretrained(model, values[2:3], start[2:3], 40)
    np.testing.assert_array_equal(made[2:3], alone)
    np.testing.assert_array_equal(made, forecast_pretrained(model, values, start, 40))


def test_broken_weights_are_said_and_not_raised_raw(tmp_path: Path) -> None:
    model = find_pretrained(tiny_model(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(InputError, match=r"weights that cannot be loaded"):
        forecast_pretrained(model, np.ones((1, 20)), np.zeros(1, dtype=int), 3)


def test_it_is_one_more_member_under_the_same_backtest(tmp_path: Path) -> None:
    model = find_pretrained(tiny_model(tmp_path))
    generator = np.random.default_rng(1)
    wave = 100 + 20 * np.sin(2 * np.pi * np.arange(60) / 12)
    history = history_of(wave + generator.normal(0, 3, (6, 60)))
    periods = horizon_after(history, 6)
    with_it = run_baseline(history, periods, seed=1, draws=20, pretrained=model)
    without = run_baseline(history, periods, seed=1, draws=20)
    errors = with_it.ensemble.member_errors
    assert np.isfinite(errors["pretrained"]).all()
    assert "pretrained" not in without.ensemble.member_errors
    # Weights drawn at random foretell no season: the backtest leaves the model out, and nothing else moves.
    assert errors["pretrained"].mean() > errors["naive"].mean()
    assert "pretrained" not in with_it.ensemble.weights
    np.testing.assert_array_equal(with_it.forecast.baseline, without.forecast.baseline)
