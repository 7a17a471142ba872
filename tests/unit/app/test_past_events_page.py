"""Past events behind a claim, drawn one by one beside what would have been without them."""

from __future__ import annotations

from alignment_lib.app.analyst.words import open_round
from alignment_lib.app.notebook_pages import past_events
from tests.conftest import shared_folder


def test_chain_promotions_are_drawn_event_by_event_with_gross_net_and_placebo():
    ready = open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02").work.ready
    shown = str(past_events.show_past_events(ready))
    assert shown.count("<svg") >= 2
    for word in ("Gross +", "borrowed", "net +", "stablished"):
        assert word in shown
