"""The manifest: plain JSON in a fixed order without a clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.snapshots import MANIFEST_KEYS, hash_bytes
from alignment_lib.rounds.files.manifest import describe_round, encode_json, hash_files
from alignment_lib.rounds.result import RoundResult


def test_values_of_every_kind_become_plain_json() -> None:
    content = {
        "b": np.float64(0.5),
        "a": np.nan,
        "when": pd.Timestamp("2026-01-05"),
        "none": pd.NaT,
        "path": Path("x"),
        "set": {"z", "y"},
        "array": np.array([1, 2]),
        "deep": {"flag": np.bool_(True)},
        "hour": pd.Timestamp("2026-01-05 07:00"),
    }
    text = encode_json(content)
    assert json.loads(text) == {
        "a": None,
        "array": [1, 2],
        "b": 0.5,
        "deep": {"flag": True},
        "hour": "2026-01-05T07:00:00",
        "none": None,
        "path": "x",
        "set": ["y", "z"],
        "when": "2026-01-05",
    }
    assert text.endswith(b"}\n")
    assert list(json.loads(text)) == sorted(content)


def test_the_manifest_holds_what_the_contract_asks_for(make_round: Callable[..., RoundResult]) -> None:
    described = describe_round(make_round())
    assert set(MANIFEST_KEYS) - {"files"} <= set(described)
    assert described["scenario"] == "consensus"
    assert described["status"] == "proposed"
    assert describe_round(replace(make_round(), tables={}))["status"] == "draft"
    assert described["warnings"][0] == {
        "code": "returns",
        "text": "Negative sales were kept as returns in 14 weeks.",
        "count": 14,
    }
    assert {"python", "alignment_lib", "pandas", "pyarrow"} <= set(described["versions"])


def test_every_file_but_the_manifest_and_the_run_notes_is_hashed(tmp_path: Path) -> None:
    for name in ("manifest.json", "run.json", "plan.parquet"):
        (tmp_path / name).write_bytes(name.encode())
    assert hash_files(tmp_path) == {"plan.parquet": hash_bytes(b"plan.parquet")}
