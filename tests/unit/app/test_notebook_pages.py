"""Notebook pages show something on any workspace: small, starting, real; and notebooks keep their form."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from alignment_lib.answers.catalogue import question_names
from alignment_lib.app import stills
from alignment_lib.app.analyst.round import Round
from alignment_lib.app.analyst.series_chooser import SeriesChooser
from alignment_lib.app.analyst.words import open_round
from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.app.notebooks import find_beside, notebook_path
from alignment_lib.app.report_notebook import open_round_report
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.rounds.preparing.prepared_round import PlanRequest
from alignment_lib.rounds.round_work import RoundWork
from tests.conftest import shared_folder
from tests.unit.app.explorer_fixture import prepare_small_round, write_small_workspace

STEPS = ["1_history", "2_baseline", "3_assumptions", "4_scenarios", "5_funnel", "6_review", "7_meeting"]


@pytest.fixture(scope="module", params=["small", "starter", "oj_chain"])
def ready(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param) / "unit"
    if request.param == "small":
        return prepare_small_round(folder)
    if request.param == "starter":
        write_new_workspace(folder)
        return open_round(str(folder)).work.ready
    return open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02").work.ready


@pytest.fixture(scope="module")
def opened(ready):
    return Round(RoundWork(ready, PlanRequest(ready.workspace.folder)))


def words_of(shown):
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", str(shown), flags=re.DOTALL)


@pytest.mark.parametrize("question", question_names())
def test_every_answer_shows_itself_on_every_workspace(opened, question):
    answer = getattr(opened.answers, question)()
    text = words_of(answer._repr_html_())
    assert len(text.split()) > 3
    assert "nan" not in text.lower().split()
    assert answer.is_answered or answer.frame.empty


def test_every_claim_of_the_horizon_has_its_strip_and_its_sentence(opened):
    answer = opened.answers.evidence()
    shown = answer._repr_html_()
    for row in opened.work.ready.register:
        if row.end >= opened.work.ready.round.first_open:
            assert f"{row.id} claims" in shown
            assert f"{row.id} " in answer.chart.alt


def test_funnel_review_and_meeting_say_what_is_missing(opened, tmp_path):
    for question in ("lead_funnel", "lead_cohorts", "lead_quality", "lead_handling", "funnel_gap"):
        assert "This needs a leads table" in getattr(opened.answers, question)().missing
    assert "no leads with outcomes" in opened.answers.handled().missing
    assert "New sales are not seen by funnel here" in opened.answers.variance(by="cause").sentence
    assert "No scheme is set" in opened.answers.payout().missing
    assert "No decision has been recorded yet" in opened.answers.decided().missing
    assert "group" in opened.answers.groups().sentence
    pack = opened.meeting(minutes=60)
    assert "in 60 minutes" in pack._repr_html_()
    assert [path.name for path in pack.save(tmp_path / "pack")] == ["meeting.html", "decisions.xlsx"]


def test_a_funnel_of_counts_alone_is_drawn_without_references(tmp_path):
    write_new_workspace(tmp_path / "unit")
    whole = open_round(str(tmp_path / "unit")).work.ready
    last = whole.history.periods[-1]
    rows = f"period,source,visitors,leads,customers\n{last:%Y-%m-%d},web,900,90,9\n"
    (tmp_path / "unit" / "funnel.csv").write_text(rows, encoding="utf-8")
    answer = open_round(str(tmp_path / "unit")).answers.lead_funnel()
    shown = answer._repr_html_()
    assert "From counts alone" in answer.shown.note
    assert "leads 90, 10\u202f% of the stage before (marketing)" in shown
    assert "customers 9, 10\u202f% of the stage before (sales)" in shown


def test_the_history_of_members_adds_up_to_the_whole(opened):
    whole = opened.answers.history().frame
    for by in opened.view.dimensions:
        parts = opened.answers.history(by=by).frame.groupby("label", sort=False)["actual"].sum()
        np.testing.assert_allclose(parts.reindex(whole["label"]), whole["actual"], rtol=1e-9)
    assert whole["actual"].sum() <= opened.sales["value"].sum() + 1e-6


def test_the_backtest_scores_every_level_or_says_that_it_cannot(opened):
    answer = opened.backtest()
    assert len(words_of(answer._repr_html_()).split()) > 8
    assert "nan" not in words_of(answer._repr_html_()).lower().split()


def test_the_members_and_scores_shown_are_those_of_the_model_that_was_chosen(opened):
    answer = opened.answers.series()
    why = opened.view.table("why")
    assert set(answer.shown.rows["member"]) <= set(why["member"])
    assert answer.shown.rows["weight"].sum() == pytest.approx(1.0) or (answer.shown.rows["weight"] == 0).all()
    chosen = opened.answers.model()
    if opened.work.ready.effects is not None:
        assert chosen.frame["chosen"].any()


def test_the_chooser_shows_the_workings_of_the_series_chosen(opened):
    chooser = SeriesChooser(opened)
    keys = opened.sales[opened.view.dimensions].drop_duplicates()
    assert len(chooser.choice.options) == len(keys)
    chooser.choice.value = chooser.choice.options[-1]
    assert "Workings of" in chooser.page.value
    assert "<svg" in chooser.page.value


def test_a_still_picture_follows_the_explorer_and_shows_its_last_plan(ready, monkeypatch):
    shown = []

    class Handle:
        def update(self, content):
            shown.append(content)

    monkeypatch.setattr(stills, "display", lambda *parts, **options: shown.append(parts[0]) or Handle())
    explorer = Explorer(ready)
    explorer._ipython_display_()
    bundle, picture = shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    first = str(picture)
    plan = explorer.session.describe()["figures"]["facts"][0]["value"]
    assert plan in first
    assert first.count("<svg") >= 3
    explorer._stills[0].follow()
    assert str(shown[-1]) == first
    explorer.session.close()


def test_the_report_notebook_opens_a_workspace_from_any_folder(tmp_path, monkeypatch):
    folder = write_small_workspace(tmp_path / "unit")
    monkeypatch.chdir(tmp_path)
    report = open_round_report(workspace="unit", round_name="2026Q1")
    assert "2026Q1" in str(report.masthead)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["assumptions.csv", "planning.toml", "sales.csv", "targets.csv"]
    )
    sample = open_round_report("../reports/sample")
    assert "Larkmoor" in str(sample.masthead)


def test_every_target_that_stands_is_shown_with_its_chance(tmp_path):
    folder = write_small_workspace(tmp_path / "unit")
    rows = "round,measure,product,sale_type,target\n2026Q1,units,,,2000\n2026Q1,units,Tea,,1600\n"
    (folder / "targets.csv").write_text(rows + "2026Q2,units,,repeat,900\n", encoding="utf-8")
    r = open_round(folder, "2026Q1", cache=tmp_path / "cache", reports=tmp_path)
    answer = r.answers.targets()
    assert answer.sentence.startswith("Of 3 targets the plan misses ")
    assert answer.frame["label"].tolist() == ["2026Q1", "2026Q1", "2026Q2"]
    np.testing.assert_allclose(answer.frame["gap"], answer.frame["plan"] - answer.frame["target"])
    assert len(r.answers.targets(part={"product": "Tea"}).frame) == 1
    assert r.answers.targets(span="2026Q2").frame["sale_type"].tolist() == ["repeat"]
    assert "No target in units stands" in r.answers.targets(span="2026-02").sentence


def test_a_workspace_is_found_beside_the_notebooks_too():
    assert find_beside("../data").resolve() == notebook_path("1_history").parent.parent / "data"


def cells_of(name):
    return json.loads(notebook_path(name).read_text(encoding="utf-8"))["cells"]


@pytest.mark.parametrize("name", STEPS)
def test_a_notebook_is_thin_and_carries_no_output(name):
    cells = cells_of(name)
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert len(re.findall(r"^# ", text, re.MULTILINE)) == 1
    assert all(len(cell["source"]) <= 15 and not cell["outputs"] for cell in code)
    assert not any(re.search(r"^\s*(def|class) ", "".join(cell["source"]), re.MULTILINE) for cell in code)
    assert [cell["metadata"].get("tags") for cell in code].count(["parameters"]) == 1


@pytest.mark.parametrize(
    ("name", "following"), list(zip(STEPS, [*STEPS[1:], "quarterly_report"], strict=True))
)
def test_a_notebook_ends_with_what_to_do_next_and_a_link(name, following):
    last = "".join(cells_of(name)[-1]["source"])
    assert last.startswith("**What to do next.**")
    assert f"]({following}.ipynb)" in last


@pytest.mark.parametrize("name", STEPS)
def test_papermill_explains_every_parameter(name):
    from papermill.inspection import _infer_parameters
    from papermill.iorw import load_notebook_node

    found = _infer_parameters(load_notebook_node(str(notebook_path(name))))
    assert [(one.name, one.inferred_type_name) for one in found] == [
        ("workspace", "str"),
        ("round_name", "str"),
        ("as_of", "str"),
    ]
    assert all(len(one.help) > 20 for one in found)
