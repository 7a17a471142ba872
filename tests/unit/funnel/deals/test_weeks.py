"""Looks at deals: each with what was known on its day, followed until it closed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.funnel.deals.weeks import FOLLOWED, code_weeks, look_at_deals, make_coding
from tests.unit.funnel.deals.deal_cases import DAY, deals_with_changes


def test_every_look_sees_only_what_had_happened() -> None:
    deals = deals_with_changes()
    looks = look_at_deals(deals)
    at = looks.table["at"]
    assert (at >= looks.table["opened"]).all()
    assert (at + pd.to_timedelta((looks.weeks - 1) * 7, unit="D") < DAY).all()
    assert (looks.weeks >= 1).all()
    assert (looks.weeks <= FOLLOWED).all()
    fresh = looks.table[at == looks.table["opened"]]
    assert set(fresh["stage"]) == {""}
    closed = deals.table["closed_at"].reindex(looks.table["deal"]).to_numpy()
    ended = looks.outcome != ""
    lived = (closed[ended] - at.to_numpy()[ended]) / np.timedelta64(7, "D")
    assert (np.floor(lived) + 1 == looks.weeks[ended]).all()


def test_levels_stay_within_their_sizes_whatever_is_looked_at() -> None:
    deals = deals_with_changes()
    coding = make_coding(deals, look_at_deals(deals), 1)
    strange = deals.looks.assign(stage="never seen", source="nor this", amount=np.nan, pushes=99.0)
    looks = pd.concat([deals.looks, strange], ignore_index=True)
    number, week = np.divmod(np.arange(len(looks) * 60), 60)
    codes = code_weeks(coding, looks, number, week)
    assert (codes >= 0).all()
    assert (codes < np.array(coding.sizes)).all()
