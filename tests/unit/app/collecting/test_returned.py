"""Sheets asked for, filled in and brought back: what counts, what is kept aside, what is refused."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import io
import shutil
from pathlib import Path

import openpyxl
import pytest
from icalendar import Calendar

from alignment_lib.app.collecting.ask_for import _file_name, ask_for
from alignment_lib.app.collecting.asked import AskedRow, Recipient
from alignment_lib.app.collecting.letters import build_letter
from alignment_lib.app.collecting.returned import is_answer_sheet, take_sheet
from alignment_lib.app.collecting.sheet import build_sheet
from alignment_lib.inputs.configuration.round_settings import OwnerSettings
from alignment_lib.inputs.problems import InputError
from alignment_lib.planning.round.lifecycle import LifeError
from alignment_lib.rounds.files.clocks import read_clock
from alignment_lib.rounds.files.round_log import read_log
from alignment_lib.rounds.round_answers import RoundAnswer, take_answers
from alignment_lib.rounds.round_life import accept, choose_round, describe_life, lock, reject
from tests.commands import run_here

SETTINGS = """
[round]
answer = 10
sign = 3

[owners]
sales = "sales@company.example"
"""


@pytest.fixture(scope="module")
def planned(tmp_path_factory) -> Path:
    """A new workspace whose round is planned once; its first claim is proposed anew."""
    folder = tmp_path_factory.mktemp("asked")
    assert run_here(["alignment", "new", str(folder / "co")]).returncode == 0
    toml = folder / "co" / "planning.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
    done = run_here(["alignment", "plan", str(folder / "co"), "--no-report", "--output", str(folder / "out")])
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def place(planned, tmp_path) -> Path:
    shutil.copytree(planned, tmp_path / "it")
    return tmp_path / "it"


@pytest.fixture
def asked(place) -> Path:
    return ask_for(place / "co", "", place / "out", place / "asked").folder


def chosen(place):
    return choose_round(place / "out")


def proposed(place):
    life = describe_life(chosen(place))
    return next(row for row in life.register if row.id in life.waiting["sales"])


def fill(file: Path, answers: dict[str, dict[str, object]], sheet: str = "Answers") -> Path:
    """Write into rows by their id; ``{}`` of an id leaves its row."""
    book = openpyxl.load_workbook(file)
    cells = book[sheet]
    at = {cell.value: cell.column for cell in cells[1]}
    for row in range(2, cells.max_row + 1):
        for name, value in answers.get(cells.cell(row, at["id"]).value, {}).items():
            cells.cell(row, at[name]).value = value
    book.save(file)
    return file


def answer(decision="", comment="", by="head of sales"):
    return {"decision": decision, "comment": comment, "by": by}


def take(place, file):
    return take_sheet(file, place / "co", place / "out")


def refused(place, file):
    before = read_log(chosen(place).folder, "co")
    with pytest.raises(InputError) as caught:
        take(place, file)
    assert read_log(chosen(place).folder, "co") == before
    return caught.value.problems


def test_every_owner_and_both_functions_get_their_rows_and_no_others(place, asked):
    life = describe_life(chosen(place))
    owners = {row.owner for row in life.register if row.end >= read_first(life)}
    names = {path.stem for path in asked.glob("*.xlsx")}
    assert names == owners | {"marketing", "sales"}
    for owner in owners:
        cells = openpyxl.load_workbook(asked / f"{owner}.xlsx")["Answers"]
        assert {row[2].value for row in cells.iter_rows(min_row=2)} == {owner}
    sales = openpyxl.load_workbook(asked / "sales.xlsx")["Answers"]
    ids = [row[0].value for row in sales.iter_rows(min_row=2)]
    assert ids == ["plan", *life.waiting["sales"]]


def read_first(life):
    import pandas as pd

    return pd.Timestamp(life.snapshot.manifest["parameters"]["first_open"])


def test_a_sheet_holds_no_formula_and_only_the_answers_are_unlocked(asked):
    for path in asked.glob("*.xlsx"):
        book = openpyxl.load_workbook(path)
        for sheet in book:
            assert sheet.protection.sheet
            for row in sheet.iter_rows():
                assert all(cell.data_type != "f" for cell in row)
        cells = book["Answers"]
        open_ones = {cells.cell(1, cell.column).value for cell in cells[2] if not cell.protection.locked}
        assert open_ones == {"decision", "comment", "by"}
        assert is_answer_sheet(path)


def test_texts_that_would_run_stay_text_and_roles_that_no_system_bears_get_files(tmp_path):
    shown = {"id": "=1+1", "title": "@SUM(A1)", "expected": 3.0, "asked": "accept or reject"}
    one = Recipient("=cmd|' /C calc'!A0", "", (AskedRow(shown, "sales", "t"),), OwnerSettings())
    (tmp_path / "it.xlsx").write_bytes(build_sheet(one, {"Round": "=2+2"}, {}))
    for sheet in openpyxl.load_workbook(tmp_path / "it.xlsx"):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert not str(cell.value or "").startswith(("=", "@")) or cell.quotePrefix
    letter = email.message_from_bytes(build_letter(one, "a\nBcc: b", "body", ("x.xlsx", b"x"), None))
    assert letter["Subject"] == "a Bcc: b"
    assert letter["Bcc"] is None
    taken: set[str] = set()
    names = [_file_name(role, taken) for role in ("con", "a/b", "a:b", "../..", "x" * 300, "Brand", "brand")]
    assert names == ["role con", "a_b", "a_b 2", "_____", "x" * 60, "Brand", "brand 2"]


def test_letters_are_drafts_with_the_sheet_and_the_days_and_an_address_only_where_one_is_set(place, asked):
    letters = {
        path.stem: email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        for path in asked.glob("*.eml")
    }
    assert letters["sales"]["To"] == "sales@company.example"
    assert letters["marketing"]["To"] is None
    assert letters["sales"]["X-Unsent"] == "1"
    parts = {part.get_filename(): part.get_content() for part in letters["sales"].iter_attachments()}
    assert parts["sales.xlsx"] == (asked / "sales.xlsx").read_bytes()
    name = next(part for part in parts if part.endswith(".ics"))
    events = Calendar.from_ical((asked / name).read_bytes()).walk("VEVENT")
    first = describe_life(chosen(place)).snapshot.read("plan")["period"].min().date()
    days = [event.decoded("dtstart") for event in events]
    assert days == [first - dt.timedelta(days=10), first - dt.timedelta(days=3)]
    assert all(len(line) <= 75 for line in (asked / name).read_bytes().split(b"\r\n"))


def test_days_that_have_passed_are_said_and_nothing_is_overwritten(place, asked):
    later = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    found = ask_for(place / "co", "", place / "out", place / "again", lambda: later)
    assert sum(one.code == "deadline_passed" for one in found.notices) == 2
    with pytest.raises(InputError, match="never overwritten"):
        ask_for(place / "co", "", place / "out", place / "again")


def test_the_same_is_asked_in_the_same_bytes(place):
    clock = read_clock()
    for name in ("one", "two"):
        ask_for(place / "co", "", place / "out", place / name, lambda: clock)
    for path in (place / "one").iterdir():
        assert path.read_bytes() == (place / "two" / path.name).read_bytes()


def test_answers_come_back_with_who_and_when_and_a_second_time_change_nothing(place, asked):
    row = proposed(place)
    sheet = fill(
        asked / "sales.xlsx", {row.id: answer("Accept", "fine with me"), "plan": answer("", "ok so far")}
    )
    first = take(place, sheet)
    assert [one.kind for one in first.outcomes] == ["done", "done"]
    log = read_log(chosen(place).folder, "co")
    entry = next(one for one in log if one.action == "accept")
    assert (entry.subject, entry.function, entry.by, entry.reason) == (
        row.id,
        "sales",
        "head of sales",
        "fine with me",
    )
    assert entry.on == entry.written[:10]
    assert row.id not in describe_life(chosen(place)).waiting["sales"]
    assert {one.kind for one in take(place, sheet).outcomes} == {"already"}
    assert read_log(chosen(place).folder, "co") == log


def test_a_claim_decided_otherwise_meanwhile_is_shown_and_the_answer_is_kept(place, asked):
    row = proposed(place)
    reject(chosen(place), [row.id], function="sales", by="sales director", reason="no stock")
    sheet = fill(asked / "sales.xlsx", {row.id: answer("accept", "we have stock")})
    (one,) = take(place, sheet).outcomes
    assert one.kind == "conflict"
    assert "sales director has rejected it for sales" in one.sentence
    assert "we have stock" in one.sentence
    last = read_log(chosen(place).folder, "co")[-1]
    assert (last.action, last.subject, last.reason) == ("comment", row.id, "we have stock")
    assert "answered accept" in last.before
    assert row.id in describe_life(chosen(place)).snapshot.read("assumptions")["id"].tolist()
    assert [one.kind for one in take(place, sheet).outcomes] == ["conflict"]
    assert read_log(chosen(place).folder, "co")[-1] == last


def test_an_answer_to_an_earlier_wording_does_not_count_but_is_kept_with_both_wordings(place):
    row = proposed(place)
    given = RoundAnswer(row.id, "accept", "as agreed", "sales", "head of sales", "0" * 64, 0)
    (one,) = take_answers(chosen(place), [given])
    assert one.kind == "conflict"
    assert "the claim reads otherwise by now" in one.sentence
    assert "accept" not in [entry.action for entry in read_log(chosen(place).folder, "co")]


def test_a_signature_on_another_plan_than_the_published_one_does_not_count(place, asked):
    given = RoundAnswer("plan", "sign", "", "sales", "head of sales", "f" * 64, 0)
    (one,) = take_answers(chosen(place), [given])
    assert one.kind == "conflict"
    sheet = fill(asked / "sales.xlsx", {"plan": answer("sign")})
    assert [one.kind for one in take(place, sheet).outcomes] == ["done"]
    assert "sales" in describe_life(chosen(place)).state.signed


def test_everything_wrong_is_named_at_once_by_its_cell_and_nothing_is_written(place, asked):
    row = proposed(place)
    sheet = fill(
        asked / "sales.xlsx",
        {
            "plan": answer("accept"),
            row.id: {
                "decision": "reject",
                "comment": "",
                "by": "",
                "expected": 99.5,
                "function": "marketing",
            },
        },
    )
    found = {(one.row, one.column) for one in refused(place, sheet)}
    assert found == {(2, "decision"), *((3, name) for name in ("expected", "function", "comment", "by"))}


def test_formulas_altered_ids_twice_the_same_and_strangers_are_refused(place, asked):
    row = proposed(place)
    formula = fill(asked / "sales.xlsx", {row.id: answer('="accept"')})
    assert any("formula" in one.found for one in refused(place, formula))
    shutil.copy(asked / "marketing.xlsx", place / "ids.xlsx")
    altered = fill(place / "ids.xlsx", {"plan": answer("sign", by="x") | {"id": "plann"}})
    assert [one.column for one in refused(place, altered)] == ["id"]
    owner = next(path for path in asked.glob("*.xlsx") if path.stem == row.owner)
    stranger = fill(owner, {row.id: answer("accept", by="a stranger")})
    (problem,) = refused(place, stranger)
    assert problem.column == "by"
    assert row.owner in problem.expected


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [("Asked", "head of cats", "head of cats"), ("Unit", "other", "a sheet of"), ("Round", "", "no round")],
)
def test_sheets_of_unknown_owners_other_units_or_without_a_round_are_refused(place, asked, fact, value, said):
    book = openpyxl.load_workbook(asked / "sales.xlsx")
    for cells in book["About"].iter_rows():
        if cells[0].value == fact:
            cells[1].value = value
    book.save(asked / "sales.xlsx")
    fill(asked / "sales.xlsx", {"plan": answer("", "hello")})
    assert any(said in one.found for one in refused(place, asked / "sales.xlsx"))


def test_a_sheet_of_another_round_finds_no_such_round(place, asked):
    book = openpyxl.load_workbook(asked / "sales.xlsx")
    for cells in book["About"].iter_rows():
        if cells[0].value == "Round":
            cells[1].value = "2019Q1"
    book.save(asked / "sales.xlsx")
    done = run_here(
        ["alignment", "import", str(asked / "sales.xlsx"), str(place / "co"), "--output", str(place / "out")]
    )
    assert done.returncode == 2
    assert "no round is called '2019Q1'" in done.stderr + done.stdout


def test_an_empty_sheet_a_wrong_file_and_a_locked_round_are_refused(place, asked):
    assert any("nothing in decision" in one.found for one in refused(place, asked / "sales.xlsx"))
    (place / "cat.xlsx").write_bytes(b"no workbook")
    assert not is_answer_sheet(place / "cat.xlsx")
    empty = openpyxl.Workbook()
    buffer = io.BytesIO()
    empty.save(buffer)
    (place / "other.xlsx").write_bytes(buffer.getvalue())
    assert not is_answer_sheet(place / "other.xlsx")
    for side in ("marketing", "sales"):
        sheet = fill(asked / f"{side}.xlsx", {"plan": answer("sign", by=f"head of {side}")})
        take(place, sheet)
    lock(chosen(place), by="moderator")
    with pytest.raises(LifeError, match="was locked"):
        take(place, fill(asked / "sales.xlsx", {"plan": answer("", "a late word")}))
    with pytest.raises(LifeError, match="asking for answers is no longer possible"):
        ask_for(place / "co", "", place / "out", place / "too late")
    assert not (place / "too late").exists()


def test_status_names_who_is_late_and_with_what(place):
    row = proposed(place)
    accept(chosen(place), [row.id], function="sales", by="head of sales")
    done = run_here(["alignment", "status", "--output", str(place / "out"), "--no-history"])
    assert "days: answers by" in done.stdout
    assert "late since" in done.stdout
    assert "sales has not signed" in done.stdout
