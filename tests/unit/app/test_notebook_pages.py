"""Notebook pages show something on any workspace: small, starting, real; and notebooks keep their form."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from alignment_lib.answers.markup import Html
from alignment_lib.app import stills
from alignment_lib.app.batches.batch import BatchRequest, exit_code, run_batch
from alignment_lib.app.notebook_pages import (
    assumptions,
    baseline,
    bridges,
    changes,
    customers,
    frame,
    funnel,
    history,
    meeting,
    review,
    scenarios,
    targets,
    workings,
)
from alignment_lib.app.notebook_pages.series_chooser import SeriesChooser
from alignment_lib.app.notebooks import find_beside, notebook_path
from alignment_lib.app.report_notebook import open_round_report
from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.preparing.measured_funnel import measure_funnel
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
        return frame.open_round(str(folder))
    return frame.open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02")


PAGES = [
    frame.describe_round,
    history.show_sales,
    history.show_parts,
    history.show_series,
    history.show_notices,
    history.show_cleaning,
    customers.show_types,
    customers.show_customers,
    baseline.show_baseline,
    baseline.show_parts,
    baseline.show_choice,
    baseline.show_why,
    baseline.show_drivers,
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_page_shows_something_on_every_workspace(ready, page):
    shown = page(ready)
    assert isinstance(shown, Html)
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", str(shown), flags=re.DOTALL)
    assert len(text.split()) > 3
    assert "nan" not in text.lower().split()


def test_funnel_review_and_meeting_say_what_is_missing(ready):
    found = funnel.open_funnel(ready)
    pages = [funnel.show_quality, funnel.show_handling, funnel.show_requirements, funnel.show_weak_points]
    pages += [funnel.show_funnel, funnel.show_cohorts, funnel.show_reasons, funnel.show_estimates]
    for page in [funnel.show_stages, *pages]:
        assert "This needs a leads table" in str(page(found))
    looked = review.open_review(ready)
    assert "nothing to compare with yet" in str(review.show_result(looked)) or looked.variances
    assert "nothing can be scored yet" in str(review.show_value_added(looked))
    assert "nothing can be scored yet" in str(review.show_record(looked))
    assert "no leads with outcomes" in str(review.show_handled(looked))
    assert "New sales are not seen by funnel here" in str(review.show_causes(looked))
    assert "No scheme is set" in str(review.show_payout(looked))
    assert "group" in str(review.show_groups(looked)).lower()
    pack = meeting.open_meeting(ready, looked)
    assert "Agenda for" in str(meeting.show_agenda(pack))
    assert "To be filled in" in str(meeting.show_decisions(pack))
    assert "factors are covered" in str(meeting.show_factors(pack))
    assert "The moderator comes from neither" in str(meeting.show_rules(pack))
    assert "group" in str(meeting.show_workgroups(pack))
    assert "Name a folder" in str(meeting.save_pack(pack))
    assert measure_funnel(ready) is None


def test_a_funnel_of_counts_alone_is_drawn_without_references(tmp_path):
    write_new_workspace(tmp_path / "unit")
    whole = frame.open_round(str(tmp_path / "unit"))
    last = whole.history.periods[-1]
    rows = f"period,source,visitors,leads,customers\n{last:%Y-%m-%d},web,900,90,9\n"
    (tmp_path / "unit" / "funnel.csv").write_text(rows, encoding="utf-8")
    shown = str(funnel.show_funnel(funnel.open_funnel(frame.open_round(str(tmp_path / "unit")))))
    assert "leads 90, 10\u202f% of the stage before (marketing)" in shown
    assert "customers 9, 10\u202f% of the stage before (sales)" in shown


def test_the_history_adds_up(ready):
    table = history.sum_history(ready, "quarter")
    total = np.nansum(ready.history.values)
    assert 0 < table["actual"].sum() <= total + 1e-6


def test_the_workings_explain_any_series_and_score_every_level(ready):
    behind = workings.open_workings(ready)
    names = workings.name_series(ready.history.keys)
    for page in [
        workings.show_ranking(behind),
        workings.show_one(behind),
        workings.show_one(behind, names[-1]),
        workings.show_scores(behind),
    ]:
        text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", str(page), flags=re.DOTALL)
        assert len(text.split()) > 8
        assert "nan" not in text.lower().split()
    assert names[-1].split(" / ")[0] in str(workings.show_one(behind, names[-1]))
    assert "There is no series" in str(workings.show_one(behind, "no such thing"))


def test_the_chooser_shows_the_workings_of_the_series_chosen(ready):
    behind = workings.open_workings(ready)
    chooser = SeriesChooser(behind)
    assert sorted(chooser.choice.options) == sorted(workings.name_series(ready.history.keys))
    chooser.choice.value = chooser.choice.options[-1]
    assert chooser.page.value == str(workings.show_one(behind, chooser.choice.options[-1]))
    assert "application/vnd.jupyter.widget-view+json" in chooser._repr_mimebundle_()


def test_a_still_picture_follows_the_explorer_and_shows_its_last_plan(ready, monkeypatch):
    shown = []

    class Handle:
        def update(self, content):
            shown.append(content)

    monkeypatch.setattr(stills, "display", lambda *parts, **options: shown.append(parts[0]) or Handle())
    explorer = scenarios.explore(ready)
    explorer._ipython_display_()
    bundle, picture = shown
    assert "application/vnd.jupyter.widget-view+json" in bundle
    first = str(picture)
    plan = explorer.session.describe()["figures"]["facts"][0]["value"]
    assert plan in first
    assert first.count("<svg") >= 3
    explorer._still.follow()
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


def test_the_bridge_is_shown_by_any_level_and_in_money(ready):
    explorer = scenarios.explore(ready)
    for by in ("span", *ready.dimensions):
        assert "Plan" in str(bridges.show_bridge(explorer, by))
    assert len(str(bridges.show_money(explorer, "as_proposed"))) > 40
    with pytest.raises(AlignmentError, match="the bridge cannot be shown by 'shop'; there are: span, "):
        bridges.show_bridge(explorer, "shop")
    explorer.session.close()


def test_what_changed_since_the_last_round_is_told_where_there_was_one(tmp_path):
    folder = write_small_workspace(tmp_path / "unit")
    before = changes.show_changes(assumptions.open_claims(frame.open_round(str(folder), "2026Q1")))
    assert "No earlier round of this business has been published" in str(before)
    request = BatchRequest((folder,), folder / "rounds", "2025Q4", cache=tmp_path / "cache", render=False)
    assert exit_code(run_batch(request)) == 0
    register = (folder / "assumptions.csv").read_text(encoding="utf-8")
    (folder / "assumptions.csv").write_text(register.replace("5,10,20,accepted", "5,14,20,accepted"))
    claims = assumptions.open_claims(frame.open_round(str(folder), "2026Q1"))
    text = re.sub(r"<[^>]+>", " ", str(changes.show_changes(claims)))
    assert "the plan went from" in text
    assert "A1 Spring coupon" in text
    assert "expected 10 → 14" in text
    assert "Plan of 2025Q4" in text


def test_every_target_that_stands_is_shown_with_what_would_make_it(tmp_path):
    folder = write_small_workspace(tmp_path / "unit")
    rows = "round,measure,product,sale_type,target\n2026Q1,units,,,2000\n2026Q1,units,Tea,,1600\n"
    (folder / "targets.csv").write_text(rows + "2026Q2,units,,repeat,900\n2026Q2,units,Cake,repeat,9\n")
    explorer = scenarios.explore(frame.open_round(str(folder), "2026Q1"))
    text = re.sub(r"<[^>]+>", " ", str(targets.show_targets(explorer, "as_proposed")))
    assert "Tea" in text
    assert "Repeat" in text
    assert "nothing is planned for it" in text
    assert text.count("2026Q2") >= 2
    solved = scenarios.solve_target(explorer, "as_proposed", 1600.0, part={"product": "Tea"})
    assert "target of 1,600" in str(solved)
    missing = scenarios.solve_target(explorer, "as_proposed", part={"product": "Cake"}, span="2026Q2")
    assert "No target stands for these sales" in str(missing)
    with pytest.raises(
        AlignmentError, match="'shop' is no dimension of these sales; there are: product, sale"
    ):
        scenarios.solve_target(explorer, part={"shop": "x"})
    with pytest.raises(
        AlignmentError, match="'2029' is no span of this round; there are: 2026Q1, 2026Q2, 2026"
    ):
        scenarios.solve_target(explorer, span="2029")
    explorer.session.close()


def test_the_comparison_shows_what_was_saved_since_the_notebook_was_opened(tmp_path):
    explorer = scenarios.explore(prepare_small_round(tmp_path / "unit"))
    assert "Consensus" in str(scenarios.show_comparison(explorer))
    explorer.session.receive({"type": "save", "name": "saved just now", "reason": "to see it compared"})
    assert "saved just now" in str(scenarios.show_comparison(explorer))
    assert "assumption" in str(scenarios.solve_target(explorer, "saved just now", target=1e3))
    assert "Who expects what" in str(scenarios.show_voices(explorer))
    explorer.session.close()


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
