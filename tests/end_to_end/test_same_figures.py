"""One title, one picture: report, review, meeting pack, notebooks, explorer and workbook say the same."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from alignment_lib.answers.frame_columns import FRAMES, describe_columns
from alignment_lib.answers.plan.decisions import decisions
from alignment_lib.app.explorer.answers import decisions_answer
from alignment_lib.app.reviewing.meeting_round import prepare_meeting
from alignment_lib.inputs.snapshot_tables import SNAPSHOT_TABLES, canonical_frame
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.publishing.meeting_pack import render_pack
from alignment_lib.publishing.workbook_export import export_workbook
from alignment_lib.rounds.live.choices import set_value
from alignment_lib.rounds.live.live_round import SPAN
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.round_work import RoundWork
from tests.conftest import ROOT, shared_folder
from tests.end_to_end.faces import Standing, open_work, render_faces, what_stands
from tests.end_to_end.netting_unit import ROUND, make_netting_unit

QUANTILES = ("p2_5", "p10", "p50", "p90", "p97_5")
_NOT_ADDED = re.compile(r"rows do not add|overlap|in both lines|not added to|counted twice")


@dataclass(frozen=True)
class Walked:
    work: RoundWork
    standing: Standing


def _demo(folder: Path) -> RoundWork:
    """The demo with last year's periods as its forecast: all faces, without the minutes a model takes."""
    shutil.copytree(ROOT / "data" / "demo", folder)
    settings = folder / "planning.toml"
    settings.write_text(settings.read_text(encoding="utf-8") + '\n[forecast]\nmethod = "naive"\n')
    return open_work(folder, "2026Q1")


@pytest.fixture(scope="module", params=["demo", "netting", "oj_chain"])
def walked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    folder = tmp_path_factory.mktemp(request.param) / "unit"
    if request.param == "demo":
        work = _demo(folder)
    elif request.param == "netting":
        # January is closed: what was sold stands in every sum.
        work = open_work(make_netting_unit(folder), ROUND, pd.Timestamp("2026-02-01"))
    else:
        whole = shared_folder("workspaces/oj_chain")
        work = open_work(whole, "1992Q3", pd.Timestamp("1992-07-02"))
    return Walked(work, what_stands(render_faces(work)))


def _several(found: dict) -> dict:
    return {key: texts for key, texts in found.items() if len(texts) > 1}


def test_each_chart_title_and_period_has_one_alternative_text(walked: Walked) -> None:
    assert len(walked.standing.charts) > 10
    assert all(title and alt for (title, _), texts in walked.standing.charts.items() for alt in texts)
    assert not _several(walked.standing.charts)


def test_each_table_caption_has_one_set_of_values(walked: Walked) -> None:
    assert len(walked.standing.tables) > 10
    assert not _several({caption: cells for caption, cells in walked.standing.tables.items() if caption})


def test_each_labelled_figure_has_one_value(walked: Walked) -> None:
    assert walked.standing.figures
    assert not _several(walked.standing.figures)


def test_no_total_stands_below_rows_that_a_note_says_must_not_be_added(walked: Walked) -> None:
    assert walked.standing.totals
    assert not [one for one in walked.standing.totals if _NOT_ADDED.search(one[2])]


def test_every_table_that_a_round_publishes_is_described(walked: Walked) -> None:
    work, frames = walked.work, {table: name for name, table in FRAMES.items()}
    assert set(work.tables.names) <= set(SNAPSHOT_TABLES)
    for name, table in view_work(work).tables.items():
        read = canonical_frame(name, table, work.ready.dimensions)
        known = {*work.ready.dimensions, *describe_columns(frames.get(name, name))["column"]}
        # A column of draws bears the id of its claim.
        assert not [one for one in read if one not in known and not one.startswith("claim:")], name


def test_published_odds_and_those_of_the_explorer_are_the_same_to_the_bit(walked: Walked) -> None:
    work, live = walked.work, walked.work.live
    dimensions, odds = list(work.ready.dimensions), work.tables["odds"]
    spans = work.ready.horizon.spans.table.set_index("label")
    parts = [{}] + [{name: sorted(set(odds[name]) - {""})[0]} for name in dimensions]
    labels = live.span_labels
    for scenario in (PLANS[0], PLANS[-1]):
        choices = live.start_from(scenario)
        for label in {labels[0], work.ready.round.name, labels[-1]}:
            for part in parts:
                found = live.simulate(live.evaluate(choices, scope={**part, SPAN: label}), leads=False).round
                chosen = (odds["scenario"] == scenario) & (odds["span"] == spans.loc[label, "span"])
                chosen &= odds["start"] == spans.loc[label, "start"]
                for name in dimensions:
                    chosen &= odds[name] == part.get(name, "")
                row = odds[chosen].iloc[0]
                assert [row[name] for name in QUANTILES] == [found[name] for name in QUANTILES]
                assert np.array_equal(row["probability"], found.get("probability", np.nan), equal_nan=True)


def test_working_scenarios_have_the_published_odds_to_the_bit(walked: Walked) -> None:
    tables, ready = walked.work.tables, walked.work.ready
    if "switches" not in tables:
        pytest.skip("no assumption moves anything here")
    switches, rows = tables["switches"], tables["combinations"]
    start = int((2 ** switches.loc[switches["on"], "position"]).sum())
    found = rows[(rows["combination"] == start) & rows["p50"].notna()].iloc[0]
    odds = tables["odds"]
    whole = (odds["scenario"] == walked.work.request.scenario) & (odds["span"] == ready.round.cycle)
    whole &= (odds[list(ready.dimensions)] == "").all(axis=1) & (odds["start"] == found["start"])
    published = odds[whole].iloc[0]
    for name in ("p10", "p50", "p90", "probability"):
        assert np.array_equal(published[name], found[name], equal_nan=True)
    draws = tables["draws"]["total"].to_numpy()
    if np.isfinite(published["target"]):
        assert published["probability"] == (draws >= published["target"]).mean()


def test_deciding_a_claim_has_one_figure_on_every_face(walked: Walked) -> None:
    work, view = walked.work, view_work(walked.work)
    table, answer = work.tables["consequences"], decisions(view)
    if not len(table):
        pytest.skip("nothing is to be decided here")
    in_explorer = decisions_answer(work.live, view)["rows"]
    in_notebook = answer.frame.set_index(["assumption", "option"])
    assert answer.shown is not None
    listed = {str(row["what"]).split(" ")[0]: row for row in answer.shown.rows.to_dict("records")}
    pack = render_pack(prepare_meeting(work)).decode()
    for row in table.to_dict("records"):
        name, option = str(row["assumption"]), row["option"]
        for column in ("units", "revenue", "probability_before", "probability"):
            found = in_notebook.loc[(name, option), column]
            assert np.array_equal(found, row[column], equal_nan=True)
            if np.isfinite(row[column]) and not (column == "revenue" and view.measure == "revenue"):
                assert f'data-value="{row[column]:.10g}"' in in_explorer[name]["table"]
        if name in listed:
            assert listed[name][option] == row["units"]
        if option == "accept alone":
            words = f"{Said(row['units']):+,.0f}"
            assert words in in_explorer[name]["line"]
            assert words in pack


def test_every_swing_is_a_plan_worked_out_anew_at_both_ends(walked: Walked) -> None:
    work, live, horizon = walked.work, walked.work.live, walked.work.ready.horizon
    labels = horizon.spans.table["label"]
    for scenario in PLANS:
        choices = live.start_from(scenario)
        table = work.tables["sensitivity"]
        table = table[table["scenario"] == scenario]
        for name, rows in table.groupby("assumption"):
            ends = rows.set_index("label").loc[labels]
            for column, value in (("at_low", "low"), ("plan", "expected"), ("at_high", "high")):
                changed = set_value(choices, str(name), float(ends[value].iloc[0]))
                whole = horizon.with_closed(live.evaluate(changed).plan.plan).sum(axis=0)
                np.testing.assert_allclose(ends[column], whole @ horizon.spans.matrix.T, rtol=1e-9, atol=1e-7)


def test_the_workbook_holds_the_plan_of_the_report(walked: Walked) -> None:
    result = walked.work.result()
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(result, result.tables)), read_only=True)
    numbers = {
        round(float(cell), 6)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, int | float)
    }
    odds = result.tables["odds"]
    ready = walked.work.ready
    whole = (odds["scenario"] == result.headline) & (odds["span"] == ready.round.cycle)
    whole &= (odds[list(ready.dimensions)] == "").all(axis=1)
    for name in ("plan", "p10", "p90"):
        assert round(float(odds.loc[whole, name].iloc[0]), 6) in numbers
