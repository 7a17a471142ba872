"""A person's session: messages in, messages out, and faults as a sentence."""

from __future__ import annotations

import base64
import threading
import time

import pytest

from alignment_lib.app.explorer.background import Background
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from tests.unit.app.explorer_fixture import Page, prepare_small_round, write_small_workspace


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "small"


@pytest.fixture
def live(folder):
    return LiveRound(prepare_small_round(folder))


@pytest.fixture
def page(live):
    page = Page(live)
    page.send("hello")
    yield page
    page.session.close()


def total(page):
    return page.session.figures.total


def test_a_page_begins_with_rows_plans_and_figures(page):
    state = page.last("state")
    assert [row["id"] for row in state["rows"]] == ["A1", "A2", "A3", "A4"]
    assert [plan["label"] for plan in state["plans"]] == ["As proposed", "Evidence weighted", "Consensus"]
    effect = dict(page.session.figures.effects)["A1"]
    assert state["figures"]["rows"]["A1"] == {
        "stand": "counts",
        "value": 10.0,
        "effect": f"+{effect:,.0f} units",
        "moved": "",
        "scope": "",
        "start": "2026-01-01",
        "scale": 1.0,
    }
    assert state["figures"]["rows"]["A2"]["stand"] == "doubted"
    assert set(state["charts"]) == {"time", "odds", "bridge", "types"}


def test_a_movement_is_answered_with_its_number_and_stale_odds(page):
    before = total(page)
    page.send("set", id="A1", value=20.0, moving=True, seq=5)
    answer = page.last("figures")
    assert (answer["seq"], answer["stale"]) == (5, True)
    assert total(page) > before
    page.wait(lambda message: message["type"] == "figures" and not message["stale"])


def test_figures_come_first_and_charts_one_by_one_until_the_plan_is_at_rest(page):
    page.wait(lambda message: message.get("settled"))
    page.messages.clear()
    page.send("set", id="A1", value=20.0, seq=5)
    page.wait(lambda message: message.get("settled"))
    kinds = [message["type"] for message in page.messages]
    assert kinds[0] == "figures"
    drawn = [list(message["charts"]) for message in page.messages if message["type"] == "charts"]
    assert {name for names in drawn for name in names} == {"time", "odds", "bridge", "types"}
    assert all(len(names) == 1 for names in drawn)
    assert any(message.get("seq") == 5 for message in page.messages if message["type"] == "charts")


def test_what_nobody_looks_at_is_drawn_last(page):
    page.wait(lambda message: message.get("settled"))
    page.send("look", hidden=["bridge", "types"])
    page.messages.clear()
    page.send("set", id="A1", value=20.0, seq=6)
    page.wait(lambda message: message.get("settled"))
    drawn = [name for message in page.messages if message["type"] == "charts" for name in message["charts"]]
    assert drawn[0] == "time"
    assert set(drawn[-2:]) == {"bridge", "types"}


def test_a_scenario_bears_its_name_until_something_is_changed(page):
    assert not page.last("state")["figures"]["changed"]
    page.send("set", id="A1", value=20.0)
    assert page.last("figures")["changed"]
    page.send("undo")
    assert not page.last("figures")["changed"]
    page.send("switch", id="A2", on=True)
    page.send("save", name="bold", reason="to see")
    assert (page.last("scenarios")["shown"], page.last("scenarios")["changed"]) == ("bold", False)
    page.send("switch", id="A2", on=False)
    page.send("delete", name="bold")
    assert (page.last("scenarios")["shown"], page.last("scenarios")["changed"]) == ("consensus", False)


def test_a_drag_is_undone_at_once_and_redone(page):
    start = total(page)
    for value in (11.0, 12.0, 13.0):
        page.send("set", id="A1", value=value, moving=True)
    page.send("settle")
    end = total(page)
    page.send("undo")
    assert total(page) == pytest.approx(start)
    page.send("redo")
    assert total(page) == pytest.approx(end)


def test_reset_returns_to_the_scenario_as_loaded(page):
    start = total(page)
    page.send("switch", id="A2", on=True)
    assert total(page) > start
    page.send("reset")
    assert total(page) == pytest.approx(start)


def test_a_scenario_is_saved_loaded_and_deleted(page, folder):
    page.send("switch", id="A2", on=True)
    page.send("set", id="A2", value=6.0)
    wanted = total(page)
    page.send("save", name="second push", reason="the rival really closes")
    saved = read_scenarios(folder / "scenarios.yaml", ["A1", "A2", "A3", "A4"])["second push"]
    assert (saved.on, saved.values, saved.reason) == (("A2",), {"A2": 6.0}, "the rival really closes")
    page.send("load", name="consensus")
    assert total(page) != pytest.approx(wanted)
    page.send("load", name="second push")
    assert total(page) == pytest.approx(wanted)
    page.send("delete", name="second push")
    assert page.last("scenarios")["scenarios"] == []
    assert page.last("notice")["text"] == "Deleted second push."


def test_two_pages_do_not_overwrite_each_other(live, page):
    other = Page(live)
    other.send("hello")
    page.send("save", name="ours", reason="first")
    other.send("save", name="ours", reason="second")
    assert other.last("notice")["kind"] == "error"
    assert "exists already; load it first" in other.last("notice")["text"]
    other.send("load", name="ours")
    other.send("save", name="ours", reason="second")
    page.send("load", name="consensus")
    page.send("save", name="ours", reason="third")
    assert "was saved by another person since you loaded it" in page.last("notice")["text"]
    other.session.close()


def test_a_reader_cannot_save_or_delete(live, folder):
    page = Page(live, can_edit=False)
    page.send("save", name="x", reason="y")
    assert (
        page.last("notice")["text"]
        == "this page is read-only; start it with --edit to save or delete scenarios"
    )
    page.send("delete", name="x")
    assert page.last("notice")["kind"] == "error"
    assert not (folder / "scenarios.yaml").exists()
    page.session.close()


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "set", "id": "A9", "value": 1}, "there is no assumption called A9"),
        ({"type": "set", "id": "A1", "value": "nan"}, "the value of A1 is not a number"),
        ({"type": "set", "id": "A1", "value": -101}, "A1 cannot fall by more than 100 %"),
        ({"type": "load", "name": "gone"}, "there is no scenario called 'gone' any more"),
        ({"type": "save", "name": "", "reason": "x"}, "a scenario needs a name"),
        ({"type": "compare", "names": ["consensus"] * 5}, "up to 4 scenarios can be compared"),
        ({"type": "eval", "code": "1"}, "the page asked for something this version does not know"),
        ({"type": "solve", "id": "A9"}, "there is no assumption called A9"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_on_the_page(page, message, text):
    page.session.receive(message)
    notice = page.last("notice")
    assert notice["kind"] == "error"
    assert text in notice["text"]
    assert "Traceback" not in notice["text"]


def test_a_message_of_the_wrong_form_is_a_sentence_too(page):
    page.session.receive({"type": "set", "id": "A1"})
    assert page.last("notice")["text"].startswith("an unforeseen fault: KeyError")


def test_filters_name_the_rows_to_show(page):
    page.send("filter", chosen={"@function": "sales", "@when": "open"})
    assert page.last("visible")["ids"] == ["A3"]


def test_up_to_four_scenarios_are_compared_on_one_scale(page):
    page.send("compare", names=["", "consensus", "as_proposed"])
    page.wait(lambda message: message["type"] == "compared")
    assert "What makes the difference" in page.last("compared")["tables"]
    chart = page.last("compared")["chart"]
    assert "As chosen now" in chart["svg"]
    assert "As proposed" in chart["svg"]


def test_solving_gives_values_and_says_how_many_have_none(page):
    page.send("solve", target=None)
    page.wait(lambda message: message["type"] == "solved")
    answer = page.last("solved")
    assert answer["target"] == 2000.0
    assert all(not line["values"] or line["values"].keys() <= {line["id"]} for line in answer["answers"])
    page.send("solve", target=2020.0)
    page.wait(lambda message: message["type"] == "solved" and message["target"] == 2020.0)
    answer = page.last("solved")
    assert {line["id"] for line in answer["answers"]} <= {"A1", "A2", "A3"}
    page.send("apply", values=answer["answers"][0]["values"])
    assert total(page) >= 2020.0 * (1 - 1e-6)
    page.send("undo")
    assert total(page) < 2020.0


def test_all_together_are_solved_for_at_a_probability(page):
    page.send("load", name="as_proposed")
    page.send("solve", id="*", target=1980.0, probability=0.5)
    page.wait(lambda message: message["type"] == "solved")
    answer = page.last("solved")
    assert len(answer["answers"]) == 1 or answer["remark"]


def test_a_filter_by_product_shows_that_products_plan(page):
    whole = total(page)
    page.send("filter", chosen={"product": "Tea"})
    assert 0 < total(page) < whole
    assert page.last("figures")["facts"][0]["label"] == "Plan 2026Q1, Tea"
    page.send("filter", chosen={"product": "Cake", "sale_type": "repeat"})
    assert "nothing is planned for Cake, repeat" in page.last("notice")["text"]
    page.send("filter", chosen={})
    assert total(page) == pytest.approx(whole)


def test_figures_of_a_part_and_another_quarter_follow_the_filters_and_are_solved_for(page, live):
    whole = page.last("state")["figures"]
    assert whole["goal"] == {"label": "Target of all sales, 2026Q1, units", "target": 2000.0}
    page.send("filter", chosen={"product": "Tea", "@span": "2026Q2"})
    shown = page.last("figures")
    assert shown["facts"][0]["label"] == "Plan 2026Q2, Tea"
    assert shown["goal"] == {"label": "Target of Tea, 2026Q2, units", "target": None}
    page.wait(lambda message: "2026Q2" in message.get("charts", {}).get("bridge", {}).get("subtitle", ""))
    now = page.session.figures.total
    tea = (live.ready.horizon.grid.keys["product"] == "Tea").to_numpy()
    assert now == pytest.approx(page.session.figures.plan.plan[tea][:, 3:].sum())
    page.send("solve", id="A2", target=now + 10.0, probability=None)
    page.wait(lambda message: message["type"] == "solved")
    (answer,) = page.last("solved")["answers"]
    page.send("apply", values=answer["values"])
    assert page.session.figures.total >= (now + 10.0) * (1 - 1e-3)
    page.send("filter", chosen={"@span": "1999Q1"})
    assert page.session.figures.scope == {}


def test_the_workbook_comes_as_a_download(page):
    page.send("export")
    download = page.last("download")
    assert download["name"] == "2026Q1 consensus.xlsx"
    assert base64.b64decode(download["data"])[:2] == b"PK"


def test_a_workspace_without_assumptions_or_targets_has_a_page_too(tmp_path):
    folder = write_small_workspace(tmp_path / "bare")
    (folder / "assumptions.csv").unlink()
    (folder / "targets.csv").unlink()
    page = Page(LiveRound(prepare_round(ask_round(folder))))
    page.send("hello")
    page.wait(lambda message: message["type"] == "figures" and not message["stale"])
    assert page.last("state")["rows"] == []
    assert page.last("figures")["facts"][-1]["label"] == "Range"
    page.send("solve", target=None)
    assert page.last("notice")["text"] == "no target stands for what is shown; type one to solve for"
    page.session.close()


def test_only_the_newest_of_many_requests_is_carried_out():
    done, work = [], Background("test", pause=0.05)
    futures = [work.submit(lambda is_void, number=number: done.append(number)) for number in range(5)]
    for future in futures:
        future.result(timeout=5)
    assert done == [4]
    work.close()


def test_work_under_way_learns_that_it_is_void():
    begun, work, seen = threading.Event(), Background("test"), []

    def wait(is_void):
        begun.set()
        deadline = time.monotonic() + 5
        while not is_void() and time.monotonic() < deadline:
            time.sleep(0.01)
        seen.append(is_void())

    future = work.submit(wait)
    begun.wait(5)
    work.cancel()
    future.result(timeout=5)
    assert seen == [True]
    work.close()


def test_cancelled_work_leaves_no_answer_and_says_that_it_stopped(page):
    page.send("solve", target=1e6, probability=0.9)
    page.send("cancel")
    assert page.last("progress")["text"] == ""
    assert page.last("notice")["text"] == "Stopped; nothing has changed."
    # The line is free again, and what was stopped has left nothing.
    page.session._long.submit(lambda is_void: None).result(20)
    assert not any(message["type"] == "solved" for message in page.messages)
