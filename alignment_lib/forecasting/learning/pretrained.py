"""A foundation model of the user's own, from a local folder: one more member under the same backtest.

The format is that of Chronos-2 (Ansari et al. 2025, arXiv:2510.15821): ``config.json`` beside
``model.safetensors``. Nothing is downloaded and no pickled weights are opened; the packages it needs are
installed by ``make pretrained`` and are not part of the workbook's own.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["PretrainedModel", "find_pretrained", "forecast_pretrained"]

_WEIGHTS, _CONFIG = "model.safetensors", "config.json"
_ARCHITECTURE = "Chronos2Model"
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_LEAST_VALUES = 4
_BATCH = 128
_DIGITS = 5
"""Its single precision depends in the last digits on what is forecast beside a series; these do not."""


@dataclass(frozen=True)
class PretrainedModel:
    """A folder that was found to hold a model of a known format.

    Attributes
    ----------
    folder : Path
    digest : str
        SHA-256 of configuration and weights: what a cache or manifest names it by.
    longest : int
        Values of history that the model looks back on at most.
    """

    folder: Path
    digest: str
    longest: int


def find_pretrained(folder: Path) -> PretrainedModel:
    """Check a folder without loading its weights.

    Parameters
    ----------
    folder : Path
        The folder named by ``[forecast] pretrained``.

    Raises
    ------
    InputError
        Where the folder, its configuration or its weights are not what is read here, or the packages that
        run it are not installed: all that is wrong at once.
    """
    problems: list[Problem] = []
    config = _read_config(folder, problems)
    if not (folder / _WEIGHTS).is_file():
        found = "weights in another format" if any(folder.glob("*.bin")) else f"no {_WEIGHTS}"
        problems.append(
            _problem(found, f"{_WEIGHTS}", "save the model with safetensors: pickled weights are not opened")
        )
    problems.extend(_missing_packages())
    if problems:
        raise InputError(problems)
    digest = hashlib.sha256()
    for name in (_CONFIG, _WEIGHTS):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return PretrainedModel(folder, digest.hexdigest(), int(config["chronos_config"]["context_length"]))


def _read_config(folder: Path, problems: list[Problem]) -> dict[str, Any]:
    try:
        config = json.loads((folder / _CONFIG).read_text(encoding="utf-8"))
        known = isinstance(config, dict) and config.get("architectures") == [_ARCHITECTURE]
        if known and int(config["chronos_config"]["context_length"]) > 0 and "auto_map" not in config:
            return dict(config)
        found = f"a model of another kind ({_said(config)})"
    except OSError:
        found = f"no {_CONFIG} in the folder {str(folder)!r}"
    except (ValueError, KeyError, TypeError):
        found = f"a {_CONFIG} that cannot be read"
    problems.append(
        _problem(
            found,
            f"the folder of a {_ARCHITECTURE}, with {_CONFIG} and {_WEIGHTS}",
            "name that folder, relative to the workspace, or leave the line out",
        )
    )
    return {}


def _said(config: object) -> str:
    named = config.get("architectures") if isinstance(config, dict) else None
    return ", ".join(map(str, named))[:80] if isinstance(named, list) else "no architecture named"


def _missing_packages() -> list[Problem]:
    from importlib.util import find_spec

    missing = [name for name in ("chronos", "torch") if find_spec(name) is None]
    if not missing:
        return []
    return [
        _problem(
            "a pretrained model, but not the packages that run it (" + ", ".join(missing) + ")",
            "these packages",
            "run `make pretrained` once, or leave the line out",
        )
    ]


def _problem(found: str, expected: str, mend: str) -> Problem:
    return Problem("planning.toml", found, expected, mend, column="forecast.pretrained")


def forecast_pretrained(
    model: PretrainedModel, relative: np.ndarray, start: np.ndarray, horizon: int
) -> np.ndarray:
    """Median forecasts in units of each series, shape (series, horizon); NaN under four values.

    Series of one length are forecast together, each from its own values alone; every number is kept to five
    significant digits, so that company does not show in it.

    Parameters
    ----------
    model : PretrainedModel
    relative : ndarray, shape (series, periods)
        Histories in multiples of each series' unit.
    start : ndarray of int, shape (series,)
        Column of each series' first value.
    horizon : int
        Periods ahead.

    Raises
    ------
    InputError
        Where the weights cannot be loaded.
    """
    made = np.full((len(relative), horizon), np.nan)
    length = relative.shape[1] - start
    usable = np.flatnonzero(length >= _LEAST_VALUES)
    if not len(usable):
        return made
    with _quiet_and_single():
        pipeline = _load(model)
        for size in np.unique(length[usable]):
            alike = usable[length[usable] == size]
            for first in range(0, len(alike), _BATCH):
                rows = alike[first : first + _BATCH]
                known = relative[rows, -min(int(size), model.longest) :].astype(np.float32)
                said = pipeline.predict_quantiles(
                    known[:, None, :], prediction_length=horizon, quantile_levels=[0.5]
                )[1]
                made[rows] = np.stack([path.numpy()[0] for path in said])
    return _rounded(made)


def _load(model: PretrainedModel) -> Any:
    from chronos.chronos2 import Chronos2Pipeline

    try:
        return Chronos2Pipeline.from_pretrained(
            str(model.folder), local_files_only=True, use_safetensors=True, dtype="float32"
        )
    except Exception as fault:  # Whatever torch, transformers and safetensors raise on a broken file.
        text = " ".join(str(fault).split())[:200]
        raise InputError(
            [
                _problem(
                    f"weights that cannot be loaded ({text})",
                    f"a whole {_WEIGHTS} that fits its {_CONFIG}",
                    "copy the folder again from where it was saved, or leave the line out",
                )
            ]
        ) from None


@contextlib.contextmanager
def _quiet_and_single() -> Iterator[None]:
    """Offline, without the libraries' bars and warnings, and on one thread: the same bytes on any machine."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    import torch
    from transformers.utils import logging as transformers_logging

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    transformers_logging.disable_progress_bar()
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
        torch.set_num_threads(threads)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _rounded(path: np.ndarray) -> np.ndarray:
    size = np.where(np.isfinite(path) & (path != 0), np.abs(path), 1.0)
    unit = 10.0 ** (np.floor(np.log10(size)) - (_DIGITS - 1))
    return np.round(path / unit) * unit
