"""A moderator's session: actions doubted, dropped, moved and scaled, saved and opened again, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alignment_lib.answers.plan.decisions import OPTION_WORDS, decisions
from alignment_lib.planning.plan.plan import compute_plan
from alignment_lib.planning.register.actions import ActionRefused, Move
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.live.acting import move_in
from alignment_lib.rounds.live.choices import drop, move, set_value, switch
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from tests.unit.app.explorer_fixture import Page
from tests.unit.rounds.action_workspace import write_busy_workspace

_IDS = ("D1", "D2", "D3", "F1", "L1", "M1", "O1", "P1")
_JUNE = pd.Timestamp("2026-06-01")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> PreparedRound:
    return prepare_round(
        PlanRequest(write_busy_workspace(tmp_path_factory.mktemp("busy") / "shop"), "2026Q1")
    )


@pytest.fixture(scope="module")
def work(ready: PreparedRound) -> RoundWork:
    return RoundWork(ready, PlanRequest(ready.workspace.folder, "2026Q1"))


@pytest.fixture
def page(work: RoundWork) -> Iterator[Page]:
    (work.ready.workspace.folder / "scenarios.yaml").unlink(missing_ok=True)
    page = Page(work.live, view=view_work(work))
    page.send("hello")
    yield page
    page.session.close()


def _rows(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.last("figures")["rows"]
    return found


def test_what_a_moderator_doubts_drops_and_moves_is_saved_and_opened_again(
    page: Page, work: RoundWork
) -> None:
    live, start = work.live, work.live.start_from("consensus")
    before = page.session.figures.total
    page.send("switch", id="P1", on=False)
    page.send("drop", id="D1")
    page.send("move", id="F1", start="2026-06-01", scale=0.5)
    wanted = live.evaluate(move(drop(switch(start, "P1", on=False), "D1"), Move("F1", _JUNE, 0.5)))
    assert page.session.figures.total == pytest.approx(wanted.total, abs=1e-9)
    rows = _rows(page)
    assert [rows[name]["stand"] for name in ("P1", "D1", "F1", "D3")] == [
        *("doubted", "dropped", "counts", "counts")
    ]
    assert (rows["F1"]["start"], rows["F1"]["scale"]) == ("2026-06-01", 0.5)
    assert rows["F1"]["moved"] == "1 June 2026 to 30 June 2026, 0.5 times as strong"
    assert rows["F1"]["value"] == pytest.approx(12.5)
    assert page.last("figures")["changed"]
    page.send("save", name="less", reason="what is left without the deal")
    saved = read_scenarios(work.ready.workspace.folder / "scenarios.yaml", _IDS)["less"]
    assert (saved.off, saved.drop, saved.moves) == (("P1",), ("D1",), (Move("F1", _JUNE, 0.5),))
    assert not page.last("scenarios")["changed"]
    again = Page(live)
    again.send("hello")
    again.send("load", name="less")
    assert again.session.figures.total == pytest.approx(wanted.total, abs=1e-9)
    assert _rows(again) == _rows(page)
    assert not again.last("figures")["changed"]
    for _ in range(4):
        again.send("undo")
    assert again.session.figures.total == pytest.approx(before, abs=1e-9)
    again.session.close()


def test_a_dropped_action_is_told_from_a_doubted_claim(page: Page) -> None:
    page.send("switch", id="D3", on=False)
    doubted = page.session.figures.plan.plan.sum()
    page.send("drop", id="D3")
    assert page.session.figures.plan.plan.sum() < doubted
    assert page.last("figures")["changed"]
    page.send("switch", id="D3", on=True)
    assert not page.last("figures")["changed"]


def test_cells_that_another_claim_keeps_are_named(page: Page) -> None:
    page.send("switch", id="D2", on=True)
    page.send("drop", id="D1")
    assert page.last("notice")["text"] == "Cells of the driver calendar that D1 shares with D2 stay."


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (
            {"type": "move", "id": "D3", "start": "2026-02-01", "scale": 1},
            "D1 runs there already (deal of",
        ),
        (
            {"type": "move", "id": "F1", "start": "2026-05-01", "scale": 0},
            "a number above zero, or drop it",
        ),
        ({"type": "move", "id": "F1", "start": "2026-05-01", "scale": -1}, "type a number above zero"),
        ({"type": "move", "id": "F1", "start": "2026-05-01", "scale": "half"}, "is not a number"),
        ({"type": "move", "id": "F1", "start": "May", "scale": 1}, "year-month-day"),
        ({"type": "move", "id": "F1", "start": "2025-05-01", "scale": 1}, "the first day that is planned is"),
        (
            {"type": "move", "id": "D1", "start": "2026-04-01", "scale": 6},
            "expected a depth below 1, the whole price",
        ),
        ({"type": "move", "id": "L1", "start": "2026-05-01", "scale": 1}, "what has begun cannot be moved"),
        ({"type": "move", "id": "M1", "start": "2026-05-01", "scale": 1}, "nobody's action"),
        ({"type": "drop", "id": "M1"}, "nobody's action, it can only be doubted"),
        ({"type": "drop", "id": "L1"}, "L1 ended on 2025-05-31: what is over cannot be dropped"),
        ({"type": "drop", "id": "D9"}, "there is no assumption called D9"),
        ({"type": "drop"}, "there is no assumption called None"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_nothing_is_lost(
    page: Page, message: dict[str, Any], words: str
) -> None:
    page.send("set", id="D1", value=12.0)
    before, rows = page.session.figures.total, _rows(page)
    page.session.receive({**message, "seq": 7})
    assert page.last("notice")["kind"] == "error"
    assert words in page.last("notice")["text"]
    assert (page.session.figures.total, _rows(page)) == (before, rows)
    assert page.last("figures")["seq"] == 7
    page.send("undo")
    assert page.session.figures.total != before


def test_two_actions_may_change_places_and_are_as_if_the_inputs_said_so(
    page: Page, work: RoundWork, tmp_path: Path
) -> None:
    page.send("move", id="D3", start="2026-04-01", scale=1)
    page.send("move", id="D1", start="2026-05-01", scale=1)
    page.send("move", id="D3", start="2026-02-01", scale=1)
    found = page.session.figures.plan
    edited = write_busy_workspace(tmp_path / "shop")
    table = pd.read_csv(edited / "drivers.csv")
    tea = table["product"] == "Tea"
    february, may = (tea & (table["period"] == day) for day in ("2026-02-01", "2026-05-01"))
    columns = ["deal", "price"]
    old = table.loc[february, columns].to_numpy()
    table.loc[february, columns] = table.loc[may, columns].to_numpy()
    table.loc[may, columns] = old
    table.to_csv(edited / "drivers.csv", index=False)
    again = prepare_round(PlanRequest(edited, "2026Q1"))
    choices = page.session._timeline.present
    wanted = compute_plan(again.horizon.grid, work.live.rows_of(choices), "edited")
    np.testing.assert_allclose(found.plan, wanted.plan, atol=1e-9)


def test_a_value_set_before_goes_along_with_its_action(work: RoundWork) -> None:
    live, start = work.live, work.live.start_from("as_proposed")
    half = move_in(live, set_value(start, "F1", 44.0), Move("F1", None, 0.5))
    assert half.values["F1"] == pytest.approx(22.0)
    whole = move_in(live, half, Move("F1"))
    assert whole.moves == ()
    assert whole.values["F1"] == pytest.approx(44.0)
    hotel = move_in(live, set_value(start, "O1", 80.0), Move("O1", pd.Timestamp("2026-03-01"), 0.5))
    by_itself = move(start, Move("O1", pd.Timestamp("2026-03-01"), 0.5))
    rows = {row.id: row.expected for row in live.rows_of(by_itself)}
    assert hotel.values["O1"] == pytest.approx(2 * rows["O1"])


def test_what_a_base_drops_and_moves_can_be_taken_back(work: RoundWork) -> None:
    live = work.live
    moves = (Move("F1", _JUNE, 0.5), Move("O1", None, 2.0))
    known = {"less": Scenario("less", drop=("D1", "D3"), moves=moves)}
    choices = replace(live.start_from("less", known), based_on="less")
    for change in (
        lambda one: switch(one, "D1", on=True),
        lambda one: switch(one, "D3", on=False),
        lambda one: move(one, Move("F1")),
        lambda one: switch(one, "O1", on=False),
    ):
        choices = change(choices)
    known["more"] = live.as_scenario("more", "", choices, live.start_from("less", known))
    again = live.start_from("more", known)
    assert (again.on, again.dropped, again.moves) == (choices.on, choices.dropped, choices.moves)
    np.testing.assert_array_equal(live.evaluate(again).plan.plan, live.evaluate(choices).plan.plan)


def test_a_scenario_from_an_earlier_day_neither_stops_the_round_nor_is_refused(tmp_path: Path) -> None:
    folder = write_busy_workspace(tmp_path / "shop")
    with (folder / "planning.toml").open("a", encoding="utf-8") as file:
        file.write('\n[forecast]\nmethod = "naive"\n')
    text = "old:\n  move:\n    L1: {scale: 0.5}\n  drop: [D1]\n"
    (folder / "scenarios.yaml").write_text(text, encoding="utf-8")
    request = PlanRequest(folder, "2026Q1")
    work = RoundWork(prepare_round(request), request)
    assert "scenario old: begun before 2026-01-01, so not moved any more: L1" in {
        notice.text for notice in work.ready.notices
    }
    page = Page(work.live)
    page.send("hello")
    page.send("load", name="old")
    assert page.last("notice")["text"] == "Loaded old."
    assert page.session.figures.plan.plan.sum() == pytest.approx(work.plans.plans["old"].plan.sum())
    page.session.close()
    (folder / "scenarios.yaml").write_text("low:\n  move:\n    D3: {start: 2026-02-01}\n", encoding="utf-8")
    again = RoundWork(prepare_round(request), request)
    with pytest.raises(ActionRefused, match=r"^scenarios.yaml, scenario 'low': D3 cannot run from"):
        _ = again.plans


def test_beside_each_open_claim_stands_what_is_published_of_deciding_it(page: Page, work: RoundWork) -> None:
    page.wait(lambda message: message["type"] == "decisions")
    told = page.last("decisions")["rows"]
    table = work.tables["consequences"].set_index(["assumption", "option"])
    assert set(told) == set(table.index.get_level_values("assumption"))
    answer = decisions(view_work(work)).frame.set_index(["assumption", "option"])
    shown = decisions(view_work(work)).shown.rows.set_index("what")
    for name, one in told.items():
        alone = table.loc[(name, "accept alone")]
        assert one["line"].startswith(f"Accepted alone {alone['units']:+,.0f} units".replace("-", "−"))
        for option in table.loc[name].index:
            assert OPTION_WORDS[option] in one["table"]
            assert f'data-value="{table.loc[(name, option), "units"]:.10g}"' in one["table"]
            assert answer.loc[(name, option), "probability"] == table.loc[(name, option), "probability"]
        row = next(row for words, row in shown.iterrows() if str(words).startswith(f"{name} "))
        assert row["accept alone"] == alone["units"]


def test_a_target_is_solved_for_by_those_whom_the_filters_leave(page: Page) -> None:
    page.send("load", name="as_proposed")
    page.send("filter", chosen={"@owner": "key", "@when": "open"})
    assert page.last("visible")["ids"] == ["O1"]
    target = page.session.figures.total + 10.0
    page.send("solve", target=target, id="*")
    page.wait(lambda message: message["type"] == "solved")
    (answer,) = page.last("solved")["answers"]
    assert set(answer["values"]) == {"O1"}
    page.send("filter", chosen={"@function": "marketing", "@when": "open"})
    page.send("solve", target=1e6, id="*")
    page.wait(lambda message: message["type"] == "solved" and not message["answers"])
    assert "out of reach of what is claimed" in page.last("solved")["remark"]
