"""Past events behind a claim, one by one beside what would have been without them."""

from __future__ import annotations

import pytest

from alignment_lib.app.analyst.words import open_round
from alignment_lib.inputs.words.nearest import UnknownWord
from tests.conftest import shared_folder


def test_chain_promotions_are_told_event_by_event_with_gross_net_and_placebo() -> None:
    ask = open_round(str(shared_folder("workspaces/oj_chain")), "1992Q3", "1992-07-02").answers.past_events
    every = ask()
    counts = every.frame["assumption"].value_counts()
    assert every.table()["past events"].sum() == len(every.frame)
    one = ask(claim=counts.index[0])
    assert len(one.frame) == counts.iloc[0]
    assert one.chart.alt.count("in the event") == min(len(one.frame), 6)
    net = one.frame["gross"] - one.frame["pull_forward"] - one.frame["cannibalised"]
    assert one.frame["net"].tolist() == pytest.approx(net.tolist(), rel=1e-9)
    assert {"gross", "borrowed", "taken from others", "net", "placebo"} <= set(one.table().columns)
    with pytest.raises(UnknownWord, match="claim with past events"):
        ask(claim="nothing like it")
