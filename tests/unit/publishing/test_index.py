"""The page over all rounds: what it shows, what it passes over, what it does when runs end together."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from alignment_lib.publishing.index import write_index
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.files.round_lock import lock_marker
from alignment_lib.rounds.result import RoundResult


def _place(output: Path, round_name: str, unit: str, **changes: object) -> Path:
    folder = output / round_name / unit
    folder.mkdir(parents=True)
    answer = {"plan": 950.0, "target": 1000.0, "probability": 0.25}
    manifest = {
        "business": f"Business of {unit}",
        "currency": "EUR",
        "measure": "units",
        "as_of": "2026-01-05",
        "status": "draft",
        "answer": answer,
        **changes,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "report.html").write_text("")
    return folder


def test_each_unit_stands_under_its_round_with_plan_target_odds_and_link(tmp_path: Path) -> None:
    _place(tmp_path, "2025Q4", "north")
    _place(tmp_path, "2026Q1", "north west")
    page = write_index(tmp_path).read_text(encoding="utf-8").replace("\u202f", " ")
    assert page.index("2026Q1</h2>") < page.index("2025Q4</h2>")
    assert (
        '<a href="2026Q1/north%20west/report.html">north west</a><small>Business of north west</small>'
        in page
    )
    for text in ("950 units", ">1,000<", "−5.0 %", ">25 %<", "5 January 2026", "2 rounds, 2 business units"):
        assert text in page


def test_status_says_when_a_round_is_locked(tmp_path: Path) -> None:
    folder = _place(tmp_path, "2026Q1", "north")
    assert ">Draft<" in write_index(tmp_path).read_text()
    lock_marker(folder.parent, "north").write_text("")
    assert ">Locked<" in write_index(tmp_path).read_text()


def test_a_unit_without_target_shows_no_odds(tmp_path: Path) -> None:
    _place(tmp_path, "2026Q1", "north", answer={"plan": 950.0, "target": None, "probability": None})
    page = write_index(tmp_path).read_text()
    assert page.count('<td class="number">–</td>') == 3


@pytest.mark.parametrize("content", ["", "{}", "[1]", "null", '{"answer": 3}', "[" * 100_000, "\x00"])
def test_a_manifest_that_cannot_be_read_is_said_to_be_so(tmp_path: Path, content: str) -> None:
    (_place(tmp_path, "2026Q1", "north") / "manifest.json").write_text(content)
    page = write_index(tmp_path).read_text()
    assert "Unreadable" in page
    assert "run this unit again" in page


def test_folders_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    _place(tmp_path, "2026Q1", "north")
    _place(tmp_path, "notes", "north")
    _place(tmp_path, "2026Q1", ".north~new")
    (tmp_path / "2026Q1" / "north.log.jsonl").write_text("")
    page = write_index(tmp_path).read_text()
    assert page.count("<tbody><tr>") == 1
    assert "notes" not in page
    assert "~new" not in page


def test_an_empty_output_folder_says_so(tmp_path: Path) -> None:
    assert "No round has been published here yet." in write_index(tmp_path).read_text()


def test_runs_that_end_together_leave_a_page_with_all_of_them(tmp_path: Path) -> None:
    def run(number: int) -> None:
        _place(tmp_path, "2026Q1", f"unit {number}")
        write_index(tmp_path)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    page = (tmp_path / "index.html").read_text()
    assert all(f"unit%20{number}/" in page for number in range(12))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["2026Q1", "index.html"]


def test_a_published_round_is_read_with_its_figures(
    tmp_path: Path, make_round: Callable[..., RoundResult]
) -> None:
    publish_round(make_round(lean=True), tmp_path, notebook=Path("none"), timings={}, render=False)
    page = write_index(tmp_path).read_text().replace("\u202f", " ")
    assert ">33,000<" in page
    assert ">24 %<" in page
    assert "plan.xlsx" not in page
    assert "report.html" not in page


def test_meeting_and_review_are_linked_in_the_row_of_their_unit(tmp_path: Path) -> None:
    _place(tmp_path, "2026Q1", "north")
    for folder, file in (("north.meeting", "meeting.html"), ("north.meeting", "briefs.html")):
        (tmp_path / "2026Q1" / folder).mkdir(exist_ok=True)
        (tmp_path / "2026Q1" / folder / file).write_text("")
    (tmp_path / "2025Q4" / "south.review").mkdir(parents=True)
    (tmp_path / "2025Q4" / "south.review" / "review.html").write_text("")
    page = write_index(tmp_path).read_text(encoding="utf-8")
    assert '<a href="2026Q1/north.meeting/meeting.html">Meeting pack</a> ' in page
    assert '<a href="2026Q1/north.meeting/briefs.html">Briefs</a>' in page
    assert '<a href="2025Q4/south.review/review.html">Review</a>' in page
    assert "2 rounds, 2 business units." in page
    assert "planned elsewhere" in page
    assert "Unreadable" not in page
    assert page.count("<tbody><tr>") == 2


def test_rates_that_cannot_be_used_are_said_to_be_so(tmp_path: Path) -> None:
    for unit, currency in (("north", "EUR"), ("south", "CHF"), ("west", "USD")):
        answer = {"plan": 950.0, "target": 1000.0, "probability": 0.25}
        _place(tmp_path, "2026Q1", unit, currency=currency, measure="revenue", answer=answer)
    assert "Currencies are kept apart: no rates are stated." in write_index(tmp_path).read_text()
    (tmp_path / "company.toml").write_text('currency = "EUR"\n[rates]\nUSD = "dear"\n')
    assert "company.toml is not read: it needs a line such as" in write_index(tmp_path).read_text()
    (tmp_path / "company.toml").write_text('currency = "EUR"\n[rates]\nUSD = 0.9\n')
    page = write_index(tmp_path).read_text()
    assert "Currencies are kept apart: company.toml states no rate for CHF." in page
    assert "is not read" not in page


def test_units_without_a_price_have_no_sum_and_are_named_but_for_the_rest(tmp_path: Path) -> None:
    for number in range(8):
        _place(tmp_path, "2026Q1", f"unit{number}")
    page = write_index(tmp_path).read_text()
    assert "No unit has a price, so there is no sum over all of them." in page
    answer = {"plan": 950.0, "target": None, "probability": None, "revenue": 9500.0}
    _place(tmp_path, "2026Q1", "unit9", answer=answer)
    page = write_index(tmp_path).read_text()
    assert "not in the sums: unit0, unit1, unit2, unit3, unit4 and 3 more." in page
