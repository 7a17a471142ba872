"""The page of assumptions: claims, evidence, past events, overlaps, coverage, on any workspace."""

from __future__ import annotations

import re

import pytest

from alignment_lib.answers.markup import Html
from alignment_lib.app.notebook_pages import assumptions, frame, past_events
from alignment_lib.inputs.new_workspace import write_new_workspace
from tests.conftest import shared_folder
from tests.unit.app.explorer_fixture import prepare_small_round

PAGES = [
    assumptions.show_register,
    assumptions.show_claims,
    assumptions.show_evidence,
    past_events.show_past_events,
    assumptions.show_overlaps,
    assumptions.show_coverage,
    assumptions.show_swings,
]


@pytest.fixture(scope="module", params=["small", "starter", "oj_chain"])
def claims(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param) / "unit"
    if request.param == "small":
        return assumptions.open_claims(prepare_small_round(folder))
    if request.param == "starter":
        write_new_workspace(folder)
        return assumptions.open_claims(frame.open_round(str(folder)))
    ready = frame.open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02")
    return assumptions.open_claims(ready)


def _words(shown: Html) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]+>", " ", str(shown), flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_a_page_shows_something_on_every_workspace(claims, page):
    shown = page(claims)
    assert isinstance(shown, Html)
    assert len(_words(shown).split()) > 3
    assert "nan" not in _words(shown).lower().split()


def test_every_claim_of_the_horizon_has_its_strip_and_its_sentence(claims):
    strips, sentences = str(assumptions.show_claims(claims)), str(assumptions.show_evidence(claims))
    for row in claims.rows:
        assert f"{row.id} " in strips
        assert f"{row.id} claims" in sentences


def test_chain_promotions_are_drawn_event_by_event_with_gross_net_and_placebo():
    ready = frame.open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02")
    shown = str(past_events.show_past_events(assumptions.open_claims(ready)))
    assert shown.count("<svg") >= 2
    for word in ("Gross +", "borrowed", "net +", "stablished"):
        assert word in shown
