"""Review and meeting of the demo: they tell its earlier rounds, name nobody, and appear whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.app.reviewing.review_round import (
    RoundReview,
    publish_meeting,
    publish_review,
    review_round,
)
from alignment_lib.inputs.problems import InputError
from alignment_lib.inputs.snapshot_tables import canonical_frame
from alignment_lib.inputs.workspace import load_workspace
from alignment_lib.rounds.closed.closed_rounds import earlier_rounds
from alignment_lib.rounds.closed.look_back import LookBack, look_back
from alignment_lib.rounds.closed.review_tables import (
    follow_groups,
    list_variance,
    review_tables,
    state_payout,
)
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.known_round import see_round

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo"
ROLES = {
    *("trade marketing", "brand marketing", "digital marketing", "customer marketing", "sales planning"),
    *("key accounts", "market research", "head of sales", "inside sales", "finance controlling"),
}


@pytest.fixture(scope="module")
def third() -> RoundReview:
    return review_round(DEMO, "2025Q3")


@pytest.fixture(scope="module")
def fourth() -> LookBack:
    seen = see_round(DEMO, "2025Q4")
    return look_back(seen, earlier_rounds(seen, []))


def _bars(look: LookBack, against: str) -> pd.Series:
    table = list_variance(look)
    rows = table[(table["against"] == against) & table["view"].isin(["funnel", "cause"])]
    return rows.groupby("bar")["effect"].sum()


def test_every_view_adds_up_to_the_difference(third: RoundReview, fourth: LookBack) -> None:
    for look in (third.look, fourth):
        assert [one.reference_name for one in look.variances] == ["plan", "the year before"]
        sales = look.sales[look.sales["period"].isin(look.periods)]["revenue"].sum()
        for variance in look.variances:
            sums = variance.table.groupby("view")["effect"].sum()
            kinds = variance.table[variance.table["view"] == "type"]
            assert kinds["actual"].sum() == pytest.approx(sales, rel=1e-9)
            size = 1e-9 * sales
            assert abs(sums["funnel"] + sums["cause"] - sums["type"]) < size
            assert abs(sums["funnel"] - sums["new by cause"]) < size


def test_the_third_quarter_was_lost_in_contact_and_speed(third: RoundReview) -> None:
    bars = _bars(third.look, "plan")
    assert bars["contact"] + bars["speed"] < -30_000
    assert abs(bars["lead quality"]) < 0.3 * abs(bars["contact"] + bars["speed"])
    whole = third.look.handled.splits["2025Q2"].iloc[0]
    assert whole["handling_high"] < -15
    kept = third.look.handled.kept.iloc[0]
    assert kept["gain_low"] > 20


def test_the_fourth_quarter_s_social_leads_were_worse_and_promotions_below_their_claims(
    fourth: LookBack,
) -> None:
    bars = _bars(fourth, "the year before")
    assert bars["lead quality"] < -10_000
    planned = _bars(fourth, "plan")
    assert planned["promotion"] < 0
    split = fourth.handled.splits["the year before"].set_index("source")
    assert split["quality"].drop("").idxmin() == "social ads"


def test_claims_are_scored_by_the_effect_methods_and_meet_the_known_truth(fourth: LookBack) -> None:
    truth = pd.read_csv(DEMO / "truth" / "claims.csv").set_index("id")["true_value"]
    assert fourth.record is not None
    claims = fourth.record.table
    told = claims[claims["method"].isin(["estimated event", "measured elasticity"])]
    assert len(told) == 9
    inside = (told["actual"] - told["assumption"].map(truth)).abs() <= 1.645 * told["standard_error"]
    # Nine 90 % intervals: fewer than six hits would come up one time in a thousand.
    assert inside.sum() >= 6
    roles = fourth.record.owners.query("group == 'owner'").set_index("name")["realised_share"]
    assert roles["trade marketing"] == pytest.approx(0.5, abs=0.12)


def test_a_claim_of_an_earlier_round_is_scored_where_it_was_made(fourth: LookBack) -> None:
    assert fourth.record is not None
    rounds = fourth.record.table.groupby("assumption")["round"].agg(list)
    assert rounds["R25Q2-1"] == ["2025Q2"]
    # A launch that goes on is looked at in both of its rounds.
    assert rounds["R25Q3-5"] == ["2025Q3", "2025Q4"]


def test_the_scheme_is_read_from_the_workspace_and_pays_by_the_closed_quarter(fourth: LookBack) -> None:
    payout = state_payout(fourth)
    assert payout is not None
    lines = payout.statement.set_index(["function", "measure"])
    attained = payout.figures.actual / payout.figures.planned
    assert lines.loc[("sales", "plan attainment"), "result"] == pytest.approx(attained)
    assert lines.loc[("sales", "handling promise"), "amount"] == 0
    assert (
        "below the threshold of 80\u202f%: nothing is paid"
        in lines.loc[("sales", "handling promise"), "sentence"]
    )
    totals = payout.statement.query("part == 'total'").set_index("function")["amount"]
    own = payout.statement.query("part != 'total'").groupby("function")["amount"].sum()
    np.testing.assert_allclose(totals, own)


def test_lights_come_from_each_group_s_own_figure(fourth: LookBack) -> None:
    groups = follow_groups(fourth)
    lights = groups.status.set_index("group")["light"]
    assert lights.to_dict() == {"W1": "red", "W2": "green", "W3": "red", "W4": ""}
    # Groups on promotions and on social ads run already.
    assert not groups.proposed["kpi"].str.contains("social ads|price_cut|feature").any()
    assert len(groups.proposed) > 0
    assert groups.proposed.drop(columns=["members"]).notna().all(axis=None)


def test_the_review_s_tables_have_the_form_of_the_snapshot(fourth: LookBack) -> None:
    tables = review_tables(fourth)
    beside = {
        "profit_variance",
        "spend_review",
        "handled",
        "handled_kept",
        "handled_quality",
        "groups",
        "proposed_groups",
    }
    assert set(tables) - beside == {"variance", "value_added", "weak_points", "payout"}
    assert beside - {"profit_variance", "spend_review"} <= set(tables)
    for name, table in ((name, tables[name]) for name in set(tables) - beside):
        assert len(canonical_frame(name, table, fourth.seen.dimensions)) == len(table)


def _words(page: bytes) -> str:
    text = re.sub(r"<style>.*?</style>|<script>.*?</script>", " ", page.decode(), flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", text)


def test_no_page_names_or_ranks_a_person(third: RoundReview) -> None:
    words = _words(third.page)
    assert "nan" not in re.findall(r"[a-z]+", words)
    assert set(third.look.record.table["owner"]) <= ROLES  # type: ignore[union-attr]
    customers = set(load_workspace(DEMO).tables["leads"]["customer"].dropna())
    assert not customers & set(re.findall(r"K\d{5}", words))
    for blame in ("fault", "guilty", "blame", "worst", "best performer", "rank"):
        assert not re.search(rf"\b{blame}\b", words), blame


def test_the_page_s_first_figures_are_those_of_the_tables(third: RoundReview) -> None:
    kinds = third.look.variances[0].table.query("view == 'type'")
    assert f"{kinds['actual'].sum():,.0f}" in _words(third.page)
    assert third.lines[0].startswith("2025Q3 against plan: ")


def test_a_review_appears_whole_beside_the_snapshots_and_again_with_the_same_bytes(
    third: RoundReview, tmp_path: Path
) -> None:
    paths = publish_review(third, tmp_path)
    first = {path.name: path.read_bytes() for path in paths}
    assert {path.parent for path in paths} == {tmp_path / "2025Q3" / "demo.review"}
    assert {"review.html", "variance.parquet", "payout.parquet", "record.parquet"} <= set(first)
    assert {path.name: path.read_bytes() for path in publish_review(third, tmp_path)} == first
    assert [one.name for one in (tmp_path / "2025Q3").iterdir()] == ["demo.review"]


def test_a_round_that_has_not_closed_says_when_it_will() -> None:
    with pytest.raises(InputError) as caught:
        see_round(DEMO, "2026Q1")
    assert str(caught.value) == (
        "round: found round 2026Q1, with sales known to 2025-12-29, expected a round that has closed; this "
        "one closes on 2026-03-30; leave out --round for the last closed one, or add the sales up to that day"
    )


def test_without_earlier_rounds_it_says_what_will_appear_and_when(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("rounds", "truth"))
    found = review_round(folder, "2025Q2")
    assert [one.reference_name for one in found.look.variances] == ["the year before"]
    words = _words(found.page)
    assert "No earlier round of demo has been published, so nothing can be scored yet." in words
    assert "when it closes on 2025-09-29, each of its claims appears here" in words


def test_the_meeting_s_pack_opens_with_the_earlier_decisions(tmp_path: Path) -> None:
    request = ask_round(DEMO, "2026Q1", "2025-12-29", tmp_path / "cache")
    pack, paths = publish_meeting(request, tmp_path, minutes=60, most=8)
    assert [path.name for path in paths] == ["briefs.html", "decisions.xlsx", "meeting.html"]
    assert pack.agenda["minutes"].sum() <= 50
    assert {"contested claim", "gap", "broken promise", "due action", "change"} <= set(pack.agenda["topic"])
    assert set(pack.charts) == set(pack.agenda["place"])
    became = pack.decisions.set_index("decision")["became"]
    assert became["D1"].startswith("Came to about half the claim. R25Q2-1 claimed +70\u202f%;")
    assert became["D5"] == "Open, 44 days past its date."
    # The sheet is read back as the workspace's table of decisions.
    folder = tmp_path / "next"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("rounds", "truth", "decisions.csv"))
    shutil.copy(paths[1], folder / "decisions.xlsx")
    again = load_workspace(folder).tables["decisions"]
    given = load_workspace(DEMO).tables["decisions"]
    assert sorted(again["decision"]) == sorted(given["decision"])
    assert again.set_index("decision").loc["D3", "assumptions"] == "R25Q3-2; R25Q3-3"
