"""The odds by level: the whole first, then every member that sells, as published."""

import pytest

from alignment_lib.answers.plan.odds import odds
from alignment_lib.inputs.words.nearest import UnknownWord
from alignment_lib.rounds.view import RoundView, view_tables


def test_every_level_has_its_published_quantiles_and_the_whole_stands_first(report_data: RoundView) -> None:
    frame = odds(report_data).frame
    published = report_data.scenario("odds")
    published = published[published["span"] == report_data.cycle]
    published = published[report_data.labels(published["start"], report_data.cycle) == report_data.round]
    whole = published[(published[report_data.dimensions].fillna("") == "").all(axis=1)].iloc[0]
    assert frame["level"].iloc[0] == "All"
    assert frame.loc[0, ["p10", "p50", "p90"]].tolist() == whole[["p10", "p50", "p90"]].tolist()
    assert frame["width"].iloc[0] == pytest.approx((whole["p90"] - whole["p10"]) / whole["p50"])
    named = (published[report_data.dimensions].fillna("") != "").sum(axis=1)
    assert sorted(frame["p50"]) == sorted(published.loc[(named <= 1) & (published["p90"] != 0), "p50"])


def test_without_a_simulation_it_says_what_would_fill_it_and_a_part_is_refused(
    report_data: RoundView,
) -> None:
    bare = view_tables(report_data.manifest, {"plan": report_data.table("plan")})
    assert odds(bare).sentence == "Odds appear once the simulation has been run."
    with pytest.raises(UnknownWord, match="the same for every part"):
        odds(report_data, part={"channel": "web"})
