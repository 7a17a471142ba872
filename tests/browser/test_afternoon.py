"""The afternoon of docs/collecting.md, walked through: sheets sent and returned, the page, the lock."""

from __future__ import annotations

import threading
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from alignment_lib.app.page import PageServer
from alignment_lib.rounds.files.round_log import read_log
from alignment_lib.rounds.preparing.asked_round import ask_round
from tests.commands import run_here
from tests.unit.app.explorer_fixture import write_small_workspace

ROUND = "2026Q1"
DAYS = "\n[round]\nanswer = 10\nsign = 3\nlock = 0\n"
OWN = '[owners]\n"key accounts" = { address = "key-accounts@small.example", delegate = "head of sales" }\n'


def command(*words: object) -> str:
    done = run_here(["alignment", *map(str, words)])
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def plan(place: Path) -> None:
    command("plan", place / "small", "--round", ROUND, "--output", place / "out", "--no-report", "--quiet")


def fill(file: Path, name: str, decision: str, comment: str) -> Path:
    book = openpyxl.load_workbook(file)
    cells = book["Answers"]
    at = {cell.value: cell.column for cell in cells[1]}
    row = next(row for row in range(2, 99) if cells.cell(row, at["id"]).value == name)
    cells.cell(row, at["decision"]).value, cells.cell(row, at["comment"]).value = decision, comment
    book.save(file)
    return file


class OpenPage:
    """The page of the workspace, as `alignment app --edit` serves it."""

    def __init__(self, place: Path, can_edit: bool = True) -> None:
        request = ask_round(place / "small", ROUND, cache=place / "out" / ".cache", output=place / "out")
        self._server = PageServer(request, can_edit=can_edit)
        ready = threading.Event()
        threading.Thread(target=self._server.run, args=(lambda address: ready.set(),), daemon=True).start()
        assert ready.wait(10)

    def __enter__(self) -> str:
        return self._server.address

    def __exit__(self, *fault: object) -> None:
        self._server.stop()


def answered(tab, act):
    """Do something and wait until the page shows how the round stands after it."""
    before = tab.locator("#explorer").get_attribute("data-life")
    act()
    tab.wait_for_function(
        "(before) => document.querySelector('#explorer').dataset.life !== before", arg=before
    )


def open_page(tab, address):
    tab.goto(address)
    tab.wait_for_selector("#explorer[data-life]", timeout=60_000)


def speak_as(tab, role, side):
    tab.get_by_label("Who answers, as a role").fill(role)
    tab.get_by_label("for which side").select_option(side)


def decide(tab, name, word, why=""):
    form = tab.get_by_label(f"Reason or comment on {name}")
    if not form.is_visible():
        tab.get_by_role("button", name=f"Decide on {name}").click()
    form.fill(why)
    answered(tab, lambda: tab.get_by_role("button", name=f"{word} {name}").click())


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("afternoon")
    write_small_workspace(folder / "small")
    toml = folder / "small" / "planning.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + DAYS + OWN, encoding="utf-8")
    plan(folder)
    return folder


def test_the_afternoon_from_asking_to_the_lock(place, tab, shots):
    said = command("ask-for", place / "small", "--output", place / "out", "--to", place / "asked")
    assert "key accounts: 1 row, 1 to answer, or head of sales in their place" in said
    fill(place / "asked" / "market research.xlsx", "A2", "accept", "two of their shops are closed already")
    fill(place / "asked" / "key accounts.xlsx", "A3", "accept", "letter of intent is here")
    for name in ("market research", "key accounts"):
        command("import", place / "asked" / f"{name}.xlsx", place / "small", "--output", place / "out")
    late = command("status", "--output", place / "out", "--no-history")
    assert "sales has not answered A2" in late
    assert "marketing has not answered A3" in late

    with OpenPage(place) as address:
        open_page(tab, address)
        assert "waits for sales" in tab.locator(".ax-row", has_text="A2 Rival closes").inner_text()
        tab.get_by_role("button", name="Decide on A2").click()
        tab.get_by_role("button", name="Accept A2").click()
        tab.get_by_text("Say first which role answers").wait_for()
        speak_as(tab, "head of sales", "sales")
        decide(tab, "A2", "Accept", "fits what partners say")
        speak_as(tab, "controller", "finance")
        decide(tab, "A2", "Accept")
        assert "finance comments; only marketing and sales" in tab.locator(".ax-notice").inner_text()
        decide(tab, "A2", "Keep comment on", "check again <b>in March</b>")
        speak_as(tab, "head of marketing", "marketing")
        decide(tab, "A3", "Reject")
        assert "rejecting A3 needs a reason" in tab.locator(".ax-notice").inner_text()
        decide(tab, "A3", "Reject", "the order belongs to last year")
        beside = tab.locator(".ax-row", has_text="A2 Rival closes").locator(".ax-said").inner_text()
        assert "market research" in beside
        assert "head of sales" in beside
        assert "check again <b>in March</b>" in beside
        tab.screenshot(path=shots / "afternoon.png")

    plan(place)
    register = pd.read_parquet(place / "out" / ROUND / "small" / "assumptions.parquet").set_index("id")
    assert register.loc["A2", "status"] == "accepted"
    assert register.loc["A3", "status"] == "rejected"
    assert "the order belongs to last year" in register.loc["A3", "remarks"]

    with OpenPage(place) as address:
        open_page(tab, address)
        tab.get_by_role("button", name="Answer and sign").click()
        for side in ("marketing", "sales"):
            speak_as(tab, f"head of {side}", side)
            answered(tab, lambda: tab.get_by_role("button", name="Sign the plan").click())
        tab.locator(".ax-life", has_text="is signed").wait_for()
        command("lock", "--by", "moderator", "--output", place / "out")
        answered(tab, lambda: tab.get_by_role("button", name="Keep comment", exact=True).click())
        assert "without a word" in tab.locator(".ax-notice").inner_text() or "locked" in (
            tab.locator(".ax-notice").inner_text()
        )
        tab.locator(".ax-life", has_text="is locked").wait_for()
        assert tab.get_by_role("button", name="Sign the plan").count() == 0
    command("verify", place / "out")
    steps = [entry.action for entry in read_log(place / "out" / ROUND, "small")]
    assert steps[-3:] == ["sign", "sign", "lock"]


def test_a_page_that_may_not_edit_shows_what_was_said_and_takes_nothing(place, tab):
    with OpenPage(place, can_edit=False) as address:
        open_page(tab, address)
        tab.get_by_role("button", name="Answer and sign").click()
        assert "signed by head of sales" in tab.locator(".ax-life").inner_text()
        assert tab.get_by_role("button", name="Sign the plan").count() == 0
        assert tab.get_by_role("button", name="Decide on A2").count() == 0
