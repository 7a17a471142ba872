"""Spend and what came of it, from a workspace to the verdict and the answer."""

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.leads.budget import budget
from alignment_lib.answers.leads.spend_response import checks_table, spend_response
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.spending.spend_data import gather_spend
from tests.unit.rounds.spending import AHEAD, WEEKS, write_spending


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> RoundWork:
    folder = write_spending(tmp_path_factory.mktemp("spending") / "bicycles")
    request = PlanRequest(folder, "2026Q1", as_of=pd.Timestamp("2025-12-29"))
    return RoundWork(prepare_round(request), request)


def test_money_ahead_is_planned_and_never_counts_as_spent(work):
    tables = work.ready.workspace.tables
    assert tables["spend"]["period"].max() == WEEKS[-1]
    assert sorted(tables["planned_spend"]["period"].unique()) == list(AHEAD)
    said = [notice.text for notice in work.ready.notices if notice.code == "wall_spend"]
    assert said == ["spend: 26 rows after the as-of date 2025-12-29 count as planned, not as spent."]


def test_leads_of_each_source_answer_to_the_money_of_that_source(work):
    found = gather_spend(work.ready)
    assert found.outcome == "leads"
    assert found.data.channels == ("radio", "search", "social")
    assert found.data.moved == (0, 1, 2)
    assert found.idle == {"fair": 25000.0}
    spent = load_workspace(work.ready.workspace.folder).tables["spend"].query("period <= @WEEKS[-1]")
    total = found.data.spend.sum() + sum(found.idle.values())
    assert total == pytest.approx(spent["amount"].sum(), abs=1e-6)


def test_experiments_that_do_not_speak_of_it_are_named(work):
    found = gather_spend(work.ready)
    assert [test.name for test in found.data.experiments] == ["T1"]
    said = {
        notice.text.split()[1]: notice.text for notice in found.notices if notice.code == "experiment_aside"
    }
    assert "it ended more than a year ago, on 2023-09-03, and is stale" in said["T2"]
    assert "it speaks of one product only, bicycle, not of the whole business" in said["T3"]
    assert "no spend is known of a channel tele" in said["T5"]


def test_the_answer_gives_the_verdict_first_and_no_number_where_it_fails(work):
    view = view_work(work)
    answer = spend_response(view)
    rows = answer.frame.set_index("source")
    assert rows["verdict"].to_dict() == {"radio": "fail", "search": "pass", "social": "pass", "fair": "fail"}
    numbers = ["brought", "returns", "returns_p10", "returns_p90", "marginal", "price", "carry", "half"]
    assert rows.loc[["radio", "fair"], numbers].isna().all().all()
    assert np.isfinite(rows.loc[["search", "social"], numbers].astype(float)).all().all()
    assert set(view.table("spend_curves")["source"]) == {"search", "social"}
    assert answer.sentence.endswith("History cannot tell what radio and fair bring.")
    assert "No leads of fair were ever recorded" in " ".join(checks_table(view).rows["sentence"])


def test_where_we_are_is_one_point_of_each_curve(work):
    curves = view_work(work).table("spend_curves")
    assert curves.groupby("source")["is_now"].sum().to_dict() == {"search": 1, "social": 1}
    assert (curves["p10"] <= curves["brought"]).all()
    assert (curves["brought"] <= curves["p90"]).all()
    for _, one in curves.groupby("source"):
        assert (one["brought"].diff().dropna() >= -1e-9).all()


def test_the_best_split_spends_what_is_planned_and_holds_what_is_not_known(work):
    answer = budget(view_work(work))
    rows = answer.frame.set_index("source")
    assert rows.loc[["search", "social"], "planned"].tolist() == [6500.0, 6500.0]
    assert rows.loc["radio", ["usual", "planned", "best"]].tolist() == pytest.approx([3900.0] * 3)
    assert rows["best"].sum() == pytest.approx(rows["planned"].sum(), abs=1e-6)
    assert (rows["best"] >= rows["low"] - 1e-6).all()
    assert (rows["best"] <= rows["high"] + 1e-6).all()
    known = rows[rows["is_known"]]
    assert known["brought_best"].sum() >= known["brought_planned"].sum() - 1e-9
    assert "Held as usual, for history cannot tell what it brings: radio." in answer.sentence
