"""Evidence of the demo's round: sensible beside the known truth, and the same wherever it is shown."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.planning.round.round_tables import plan_every_scenario
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds, owner_records, score_closed_rounds
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.gathered_past import read_claims, weigh_claims
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.conftest import ROOT

DEMO = ROOT / "data" / "demo"


@pytest.fixture(scope="module")
def ready():
    return prepare_round(ask_round(DEMO, "2026Q1", "2025-12-29"))


@pytest.fixture(scope="module")
def evidence(ready):
    return weigh_claims(ready).evidence.set_index("assumption")


@pytest.fixture(scope="module")
def truth():
    return pd.read_csv(DEMO / "truth" / "claims.csv").set_index("id")


def test_claims_twice_the_truth_are_called_optimistic_and_true_ones_supported(evidence) -> None:
    verdicts = evidence["verdict"]
    for claim in ("R26Q1-02", "R26Q1-06", "R26Q1-13", "R25Q2-1", "R25Q3-2", "R25Q4-1", "R25Q4-2"):
        assert verdicts[claim] == "optimistic", claim
    for claim in ("R26Q1-03", "R26Q1-04", "R26Q1-05", "R25Q2-7"):
        assert verdicts[claim] == "supported", claim
    for claim in ("R26Q1-01", "R26Q1-09", "R26Q1-11"):
        assert verdicts[claim] == "supported by research", claim
    for claim in ("R26Q1-08", "R26Q1-10", "R26Q1-12", "R26Q1-14"):
        assert verdicts[claim] == "no history", claim


def test_what_history_supports_of_promotions_meets_the_truth(evidence, truth) -> None:
    rows = evidence[(evidence["source"] == "sales history") & (evidence["verdict"] != "no history")]
    promotions = rows.index[truth.loc[rows.index, "kind"] == "promotion"]
    true = truth.loc[promotions, "true_value"]
    gap = (rows.loc[promotions, "supported"] - true).abs()
    assert len(promotions) >= 12
    assert (gap <= 2.6 * rows.loc[promotions, "standard_error"]).all()
    claimed = (rows.loc[promotions, "claim"] - true).abs()
    assert gap.mean() < 0.3 * claimed.mean()


def test_weighted_values_are_nearer_the_truth_than_claims(evidence, truth) -> None:
    own = evidence.index[
        evidence.index.str.startswith("R26Q1") & (truth["unit"].reindex(evidence.index) == "percent")
    ]
    kept = [claim for claim in own if truth.loc[claim, "kind"] != "price_change"]
    true = truth.loc[kept, "true_value"]
    weighted = (evidence.loc[kept, "weighted"] - true).abs().sum()
    assert weighted < 0.5 * (evidence.loc[kept, "claim"] - true).abs().sum()


def test_every_sentence_names_its_events_and_its_verdict(evidence) -> None:
    for claim, row in evidence.iterrows():
        assert row["sentence"].startswith(f"{claim} claims ")
        assert f": {row['verdict']}" in row["sentence"]
        if row["events"]:
            assert f"{row['events']} " in row["sentence"]


def test_a_restated_calendar_is_flagged_with_its_units(evidence) -> None:
    row = evidence.loc["R26Q1-03"]
    assert row["already_in_plan"]
    assert row["overlap_units"] > 0
    assert "driver:price_cut" in row["overlap_with"]
    assert "R26Q1-17" in evidence.loc["R26Q1-02", "overlap_with"]


def test_reports_and_live_pages_show_the_same_evidence(ready) -> None:
    scored = score_closed_rounds(ready, earlier_rounds(ready, [None]))
    published = plan_every_scenario(
        ready.horizon,
        ready.register,
        {},
        ready.targets,
        1,
        readings=read_claims(ready),
        owners=owner_records(scored),
        draws=50,
        materiality_share=ready.workspace.settings.plan.materiality_share,
    ).tables["evidence"]
    pd.testing.assert_frame_equal(LiveRound(ready).evidence, published)
