"""Saving scenarios: comments kept, whole or not at all, nobody overwritten unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.problems import InputError
from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario
from alignment_lib.rounds.files.atomic_files import FileProtected
from alignment_lib.rounds.live.scenario_files import (
    ScenarioConflict,
    ScenarioRefused,
    delete_scenario,
    save_scenario,
    scenario_versions,
)

IDS = ["A1", "A2", "NO"]
EXISTING = """# what we talked about in May
cautious:
  reason: as careful as can be   # agreed
  off: [A1]

# the other one
bold:
  reason: all in
  on: [A2]
  values: {A2: 3.5}
"""


def bold(**changes):
    values = {
        "name": "bold",
        "based_on": "consensus",
        "on": ("A2",),
        "off": (),
        "values": {"A2": 4.5},
        "reason": "all in again",
    }
    return Scenario(**(values | changes))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "scenarios.yaml").write_text(EXISTING, encoding="utf-8")
    return tmp_path


def test_a_first_save_makes_the_file(tmp_path):
    version = save_scenario(tmp_path, bold(), IDS)
    assert read_scenarios(tmp_path / "scenarios.yaml", IDS) == {"bold": bold()}
    assert scenario_versions(tmp_path) == {"bold": version}


def test_a_save_changes_only_its_own_lines(folder):
    save_scenario(folder, bold(), IDS, scenario_versions(folder)["bold"])
    text = (folder / "scenarios.yaml").read_text(encoding="utf-8")
    assert text.startswith(EXISTING[: EXISTING.index("bold:")])
    assert read_scenarios(folder / "scenarios.yaml", IDS)["bold"] == bold()


def test_two_people_saving_different_scenarios_both_keep_theirs(folder):
    versions = scenario_versions(folder)
    save_scenario(folder, bold(), IDS, versions["bold"])
    save_scenario(folder, bold(name="cautious", reason="more careful"), IDS, versions["cautious"])
    found = read_scenarios(folder / "scenarios.yaml", IDS)
    assert (found["bold"].reason, found["cautious"].reason) == ("all in again", "more careful")


def test_a_second_save_from_the_same_start_is_refused(folder):
    version = scenario_versions(folder)["bold"]
    save_scenario(folder, bold(), IDS, version)
    with pytest.raises(ScenarioConflict, match="'bold' was saved by another person since you loaded it"):
        save_scenario(folder, bold(reason="mine"), IDS, version)
    assert read_scenarios(folder / "scenarios.yaml", IDS)["bold"].reason == "all in again"


def test_a_name_that_exists_must_be_loaded_first(folder):
    with pytest.raises(ScenarioConflict, match="a scenario called 'bold' exists already; load it first"):
        save_scenario(folder, bold(), IDS)


def test_a_scenario_deleted_meanwhile_is_not_brought_back_unseen(folder):
    version = scenario_versions(folder)["bold"]
    delete_scenario(folder, "bold", version)
    with pytest.raises(ScenarioConflict, match="'bold' was deleted by another person since you loaded it"):
        save_scenario(folder, bold(), IDS, version)


def test_deleting_takes_out_one_scenario_and_no_other(folder):
    delete_scenario(folder, "cautious", scenario_versions(folder)["cautious"])
    assert set(read_scenarios(folder / "scenarios.yaml", IDS)) == {"bold"}


def test_deleting_what_another_changed_is_refused(folder):
    version = scenario_versions(folder)["bold"]
    save_scenario(folder, bold(), IDS, version)
    with pytest.raises(ScenarioConflict, match="was saved by another person"):
        delete_scenario(folder, "bold", version)


def test_deleting_what_another_is_based_on_is_refused(folder):
    save_scenario(folder, bold(name="bolder", based_on="bold"), IDS)
    with pytest.raises(ScenarioRefused, match="'bolder' is based on 'bold'; delete or change that one first"):
        delete_scenario(folder, "bold", scenario_versions(folder)["bold"])


def test_deleting_what_is_not_there_says_so(folder):
    with pytest.raises(
        ScenarioRefused, match="there is no scenario called 'x' any more; nothing was deleted"
    ):
        delete_scenario(folder, "x", "")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "a scenario needs a name of 1 to 60 printable characters"),
        ({"name": " x"}, "a scenario needs a name"),
        ({"name": "a\nb"}, "a scenario needs a name"),
        ({"name": "x" * 61}, "a scenario needs a name"),
        ({"name": "consensus"}, "the name 'consensus' belongs to one of the three plans; choose another"),
        ({"reason": "  "}, "say in a few words why this scenario is made"),
        ({"reason": "x" * 501}, "the reason is longer than 500 characters; shorten it"),
        ({"values": {"A1": float("nan")}}, "a value is not a number; set it again"),
    ],
)
def test_what_cannot_be_saved_is_refused_in_a_sentence(tmp_path, changes, message):
    with pytest.raises(ScenarioRefused, match=message):
        save_scenario(tmp_path, bold(**changes), IDS)
    assert not (tmp_path / "scenarios.yaml").exists()


def test_a_file_on_one_line_is_left_as_it_is(tmp_path):
    path = tmp_path / "scenarios.yaml"
    path.write_text("{one: {reason: x}, two: {reason: y}}\n", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(ScenarioRefused, match="cannot be changed line by line"):
        save_scenario(tmp_path, bold(name="one"), IDS, scenario_versions(tmp_path)["one"])
    assert path.read_bytes() == before


def test_a_file_with_a_fault_is_not_written_to(folder):
    path = folder / "scenarios.yaml"
    path.write_text("bold:\n  onn: [A1]\n", encoding="utf-8")
    with pytest.raises(InputError, match="did you mean `on`"):
        save_scenario(folder, bold(name="new one"), IDS)
    assert path.read_text(encoding="utf-8") == "bold:\n  onn: [A1]\n"


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(PRINTABLE, PRINTABLE, st.dictionaries(st.sampled_from(IDS), st.floats(-1e6, 1e6)))
def test_whatever_is_saved_is_read_back_the_same(tmp_path_factory, name, reason, values):
    folder = tmp_path_factory.mktemp("w")
    scenario = bold(name=name, reason=reason, values=values)
    save_scenario(folder, scenario, IDS)
    assert read_scenarios(folder / "scenarios.yaml", IDS) == {name: scenario}


def test_a_link_stays_a_link_and_rights_are_kept(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "ours.yaml"
    (folder / "scenarios.yaml").rename(elsewhere)
    elsewhere.chmod(0o640)
    (folder / "scenarios.yaml").symlink_to(elsewhere)
    save_scenario(folder, bold(name="new"), IDS)
    assert (folder / "scenarios.yaml").is_symlink()
    assert "new" in read_scenarios(elsewhere, IDS)
    assert elsewhere.stat().st_mode & 0o777 == 0o640


def test_a_read_only_file_and_a_link_to_nowhere_are_refused(folder):
    path = folder / "scenarios.yaml"
    path.chmod(0o444)
    with pytest.raises(FileProtected, match="is read-only; make it writable and try again"):
        save_scenario(folder, bold(name="new"), IDS)
    assert path.read_text(encoding="utf-8") == EXISTING
    path.unlink()
    path.symlink_to(folder / "gone.yaml")
    with pytest.raises(FileProtected, match="which is not there; nothing was changed"):
        save_scenario(folder, bold(name="new"), IDS)
    assert path.is_symlink()


@pytest.mark.parametrize(
    ("words", "said"),
    [(b"bold:\n  reason: \xe4\n", "not UTF-8"), (b"bold: [1, {", "no YAML that can be read")],
)
def test_a_foreign_or_broken_file_is_left_alone_and_said(folder, words, said):
    path = folder / "scenarios.yaml"
    path.write_bytes(words)
    for step in (
        lambda: save_scenario(folder, bold(name="new"), IDS),
        lambda: delete_scenario(folder, "bold", "x"),
        lambda: scenario_versions(folder),
    ):
        with pytest.raises((ScenarioRefused, InputError)) as refused:
            step()
        assert said in str(refused.value) or "scenarios.yaml" in str(refused.value)
    assert path.read_bytes() == words
