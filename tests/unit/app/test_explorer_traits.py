"""The explorer's plan and values as traits: a person's own widgets are bound to them both ways."""

from __future__ import annotations

import ipywidgets as widgets
import pytest
import traitlets

from alignment_lib.app.explorer.widget import Explorer
from alignment_lib.inputs.problems import AlignmentError
from tests.unit.app.explorer_fixture import prepare_small_round


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    return prepare_small_round(tmp_path_factory.mktemp("traits") / "small")


@pytest.fixture
def explorer(ready):
    made = Explorer(ready)
    yield made
    made.session.close()


def test_the_plan_follows_the_page_and_python(explorer) -> None:
    before, seen = explorer.plan, []
    explorer.observe(lambda change: seen.append(change["new"]), "plan")

    explorer.session.receive({"type": "set", "id": "A1", "value": 15.0})
    moved = explorer.plan
    explorer.values = {"A1": 10.0}

    assert moved > before
    assert explorer.plan == pytest.approx(before)
    assert len(seen) == 2
    assert explorer.values == explorer.session.figures.values


def test_values_given_count_others_stay_and_none_switches_off(explorer) -> None:
    assert "A2" not in explorer.values
    explorer.values = {"A2": 6.0}
    assert explorer.values["A2"] == 6.0
    assert "A1" in explorer.values
    explorer.values = {"A1": None}
    assert set(explorer.values) == {"A2", "A4"}
    explorer.values = {"A1": None}
    assert set(explorer.values) == {"A2", "A4"}


def test_a_slider_of_ones_own_is_bound_both_ways(explorer) -> None:
    slider, label = widgets.FloatSlider(min=0, max=50), widgets.FloatText()
    widgets.link((explorer.claim("A1"), "value"), (slider, "value"))
    widgets.dlink((explorer, "plan"), (label, "value"))
    assert slider.value == 10.0
    start = label.value

    slider.value = 20.0
    assert label.value > start
    assert explorer.session.figures.values["A1"] == 20.0

    explorer.session.receive({"type": "set", "id": "A1", "value": 5.0})
    assert slider.value == 5.0
    assert label.value < start

    explorer.session.receive({"type": "undo"})
    assert slider.value == 20.0


def test_a_check_box_of_ones_own_switches_a_claim(explorer) -> None:
    box = widgets.Checkbox()
    widgets.link((explorer.claim("A2"), "on"), (box, "value"))
    assert box.value is False

    box.value = True
    assert "A2" in explorer.values
    explorer.session.receive({"type": "switch", "id": "A2", "on": False})
    assert box.value is False


def test_two_explorers_can_be_linked(ready, explorer) -> None:
    other = Explorer(ready)
    try:
        traitlets.link((explorer, "values"), (other, "values"))
        explorer.values = {"A1": 17.0}
        assert other.plan == pytest.approx(explorer.plan)
        other.values = {"A1": 12.0}
        assert explorer.values["A1"] == 12.0
    finally:
        other.session.close()


def test_what_cannot_be_meant_changes_nothing(explorer) -> None:
    before = explorer.plan, dict(explorer.values)
    for bad in ({"A11": 3.0}, {"A1": float("nan")}, {"A1": -150.0}, {"A1": 12.0, "A9": 1.0}):
        with pytest.raises(AlignmentError):
            explorer.values = bad
    with pytest.raises(AlignmentError, match="did you mean"):
        explorer.claim("A11")
    with pytest.raises(traitlets.TraitError):
        explorer.plan = 3.0
    assert (explorer.plan, explorer.values) == before
