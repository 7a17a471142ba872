"""Times with an offset stand on the business's own clock, and which clock is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.inputs.workspace_files import SETTINGS, load, only_problem

HEAD = "lead_id,created,source\n"


def days(folder: Path, times: list[str], zone: str = "") -> tuple[list[str], str]:
    lines = "".join(f"{at},{time},Web\n" for at, time in enumerate(times))
    settings = SETTINGS + (f'[format]\ntime_zone = "{zone}"\n' if zone else "")
    workspace = load(folder, {"leads.csv": HEAD + lines, "planning.toml": settings})
    shown = workspace.table("leads")["created"].dt.strftime("%m-%d %H:%M").tolist()
    return shown, next((notice.text for notice in workspace.notices if notice.code == "time_zones"), "")


def test_offsets_of_one_zone_keep_the_clock_they_were_written_by(tmp_path: Path) -> None:
    shown, text = days(tmp_path, ["2026-04-01T08:30+11:00", "2026-04-08T08:30:00+10:00", "2026-04-01 09:00"])
    assert shown == ["04-01 08:30", "04-08 08:30", "04-01 09:00"]
    assert text == (
        "2 times with an offset (+10:00, +11:00) keep the day and hour they were written with; "
        "1 time without one taken as they stand."
    )


def test_offsets_of_different_zones_are_turned_to_utc_and_said(tmp_path: Path) -> None:
    shown, text = days(tmp_path, ["2026-04-01T08:30+11:00", "2026-04-01T08:30Z"])
    assert shown == ["03-31 21:30", "04-01 08:30"]
    assert "turned to UTC, whose days may not be yours; name time_zone under [format]" in text


def test_a_zone_that_is_named_shows_every_time_on_its_clock(tmp_path: Path) -> None:
    times = ["2026-03-28T23:30Z", "2026-03-29T23:30Z", "2026-03-29T10:00+11:00"]
    shown, text = days(tmp_path, times, "Europe/Berlin")
    assert shown == ["03-29 00:30", "03-30 01:30", "03-29 00:00"]
    assert text == "3 times with an offset (Z, +11:00) shown on the clock of Europe/Berlin."


def test_times_in_utc_are_said_to_be(tmp_path: Path) -> None:
    shown, text = days(tmp_path, ["2026-04-01T23:30Z"])
    assert shown == ["04-01 23:30"]
    assert "are UTC, whose days may not be yours" in text


def test_times_without_offsets_stand_as_they_are(tmp_path: Path) -> None:
    assert days(tmp_path, ["2026-04-01 23:30", "2026-04-02"]) == (["04-01 23:30", "04-02 00:00"], "")


@pytest.mark.parametrize("zone", ["Berlin", "UTC+2", "../etc/passwd"])
def test_a_zone_that_is_none_is_named(tmp_path: Path, zone: str) -> None:
    text = only_problem(tmp_path, {"planning.toml": SETTINGS + f'[format]\ntime_zone = "{zone}"\n'})
    assert 'expected a zone such as "Europe/Berlin"' in text
