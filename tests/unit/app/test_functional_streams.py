"""What functions forecast for themselves, combined by what each got right in published rounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds, score_streams
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.unit.app.explorer_fixture import write_small_workspace


def write_forecasts(folder: Path, first: str, sales: float, finance: float) -> None:
    months = pd.date_range(first, periods=6, freq="MS")
    table = pd.DataFrame({"period": months.strftime("%Y-%m-%d"), "recorded": "2025-01-15"})
    table.assign(sales_forecast=sales, finance_forecast=finance).to_csv(folder / "forecasts.csv", index=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Two closed rounds in which sales were out by little and finance by much."""
    folder = write_small_workspace(tmp_path_factory.mktemp("voices") / "small")
    for name, first in [("2025Q2", "2025-04-01"), ("2025Q3", "2025-07-01")]:
        write_forecasts(folder, first, 610.0, 700.0)
        publish_round(
            plan_round(ask_round(folder, name)),
            folder / "rounds",
            notebook=Path("unused"),
            timings={},
            render=False,
        )
    write_forecasts(folder, "2026-01-01", 600.0, 720.0)
    return folder


def test_streams_have_a_record_once_two_rounds_have_closed(folder) -> None:
    ready = prepare_round(ask_round(folder, "2026Q1"))
    errors = score_streams(ready, earlier_rounds(ready, [None]))
    found = errors.at(1)
    assert {"naive", "baseline", "sales", "finance", "combined"} <= set(found)
    sold = ready.workspace.tables["sales"].groupby("period")["units"].sum()
    inside = sold["2025-04-01":"2025-09-01"]
    assert found["finance"] == pytest.approx((700.0 - inside).abs().sum() / inside.sum())
    # One round alone, seen from its own end, is no record.
    early = prepare_round(ask_round(folder, "2025Q3"))
    assert score_streams(early, earlier_rounds(early, [None])).at(1) == {}


def test_the_better_stream_weighs_more_in_the_combined_one(folder) -> None:
    ready = prepare_round(ask_round(folder, "2026Q1"))
    errors = score_streams(ready, earlier_rounds(ready, [None])).at(1)
    streams = plan_round(ask_round(folder, "2026Q1")).tables["streams"]
    first = streams[streams["period"] == "2026-01-01"].groupby("stream")["value"].sum()
    weight = errors["sales"] ** -2 / (errors["sales"] ** -2 + errors["finance"] ** -2)
    assert weight > 0.6
    assert first["combined"] == pytest.approx(weight * 600.0 + (1 - weight) * 720.0)
    # The second quarter lies at a lag with a record too; sums over it hold the same way.
    assert np.isfinite(streams["value"]).all()


def test_a_forecast_recorded_after_the_wall_is_not_seen(folder) -> None:
    ready = prepare_round(ask_round(folder, "2025Q1", "2025-01-01"))
    assert len(ready.workspace.tables["forecasts"]) == 0


def test_a_round_publishes_what_nobody_spoke_to_and_how_sure_its_quantiles_are(folder) -> None:
    tables = plan_round(ask_round(folder, "2026Q1")).tables
    covered = tables["coverage"].set_index("factor")
    assert len(covered) == 6
    assert covered.loc["internet", "ask"].startswith("not considered; to be asked:")
    assert covered.loc["market", "assumptions"] == "A2"
    swing = tables["sensitivity"]
    for _, part in swing[swing["scenario"] == "as_proposed"].groupby("label"):
        assert (part["swing"].diff().dropna() <= 0).all()
    assert (tables["precision"]["p50_error_share"] > 0).all()
