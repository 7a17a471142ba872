"""The known truth: conserved moves, recoverable effects, redraws from the stated populations."""

import numpy as np
import pandas as pd
import pytest

from data.generator import Demo, base_truth, draw_sales, redraw_truth
from data.generator.expected import launched_share
from data.generator.funnel_truth import FunnelTruth, expected_wins, funnel_strength
from data.generator.moves import spread_over
from data.generator.products import DIMENSIONS
from data.generator.promotions import calendar
from data.generator.season import holiday_weeks
from data.generator.truth import POPULATIONS
from data.generator.truth_tables import truth_tables
from data.generator.weeks import AS_OF, quarters_of, week_index, weeks


@pytest.fixture(scope="module")
def tables(demo: Demo) -> dict[str, pd.DataFrame]:
    return truth_tables(demo)


def test_every_promotion_adds_up_from_gross_to_net(tables: dict[str, pd.DataFrame]) -> None:
    events = tables["promotions"]
    moved = events["lead_in_units"] + events["pull_forward_units"] + events["cannibalised_units"]
    assert np.allclose(events["net_units"], events["gross_units"] - moved + events["halo_units"])
    assert (events["net_units"] < events["gross_units"]).all()


def test_what_promotions_move_is_conserved_in_units(demo: Demo) -> None:
    """All temporary changes are companions brought less what is borrowed within the horizon or taken."""
    events, expected = demo.sales.expected.events, demo.sales.expected
    borrowed = events["lead_in_units"] + events["pull_forward_units"] - events["owed_beyond_horizon_units"]
    taken = events["cannibalised_units"].sum()
    assert expected.temporary.sum() == pytest.approx(
        events["halo_units"].sum() - borrowed.sum() - taken, rel=1e-12
    )
    assert expected.gross.sum() == pytest.approx(events["gross_units"].sum(), rel=1e-12)


def test_pull_forward_is_the_stated_share_of_the_gross(tables: dict[str, pd.DataFrame]) -> None:
    events, truth = tables["promotions"], base_truth()
    share = events["mechanic"].map(lambda name: truth.pull_forward[name][0])
    assert np.allclose(events["pull_forward_units"], share * events["gross_units"])
    assert all(sum(spread) == pytest.approx(1.0) for _, spread in truth.pull_forward.values())


def test_the_ledger_holds_what_promotions_took_from_other_products(tables: dict[str, pd.DataFrame]) -> None:
    moves = tables["moves"]
    by_event = moves[moves["cause"] == "promotion"].groupby("id")["units"].sum()
    events = tables["promotions"].set_index("id")["cannibalised_units"]
    assert np.allclose(by_event.reindex(events.index, fill_value=0.0), events)


def test_a_launch_takes_its_stated_share_from_its_donors() -> None:
    """With Barista Blend's share set to 0 Single Origin keeps exactly what the launch took."""
    truth = base_truth()
    free = {**truth.launch_share, ("Barista Blend", "Single Origin"): 0.0}
    market = np.full(len(weeks()), 100.0)
    with_launch = _reference(truth.launch_share, market)
    without = _reference(free, market)
    series, week = with_launch[1], week_index("2025-12-15")
    donor = (series["product"] == "Single Origin").to_numpy()
    new = (series["product"] == "Barista Blend").to_numpy()
    lost = (without[0] - with_launch[0])[donor, week].sum()
    assert lost == pytest.approx(0.35 * with_launch[0][new, week].sum(), rel=1e-9)


def _reference(
    launch_share: dict[tuple[str, str], float], market: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    from dataclasses import replace

    from data.generator.expected import expect_sales

    flat = dict.fromkeys(base_truth().elasticity, 0.0)
    truth = replace(base_truth(), launch_share=launch_share, elasticity=flat, actions=(), lead_share=0.0)
    expected = expect_sales(truth, market)
    return expected.baseline, expected.series


def test_delisted_volume_turns_to_successors_in_the_same_channel(tables: dict[str, pd.DataFrame]) -> None:
    moves = tables["moves"].query("cause == 'delisting'")
    assert moves["from"].str.startswith("Filter Machine").all()
    assert set(moves["to"].str.split(" / ").str[0]) == {"Compact Machine", "Espresso Machine"}
    assert (moves["from"].str.split(" / ").str[1] == moves["to"].str.split(" / ").str[1]).all()
    assert (moves["units"] > 0).all()


def test_price_moves_volume_by_the_elasticity(demo: Demo) -> None:
    """House Blend in the shop before and after +7 % on 2024-10-07, other causes divided out."""
    expected, truth = demo.sales.expected, demo.truth
    row = int(
        np.flatnonzero((expected.series[DIMENSIONS] == ["House Blend", "shop", "repeat"]).all(axis=1))[0]
    )
    week = week_index("2024-10-07")
    flat = draw_sales(2026, _without_price(truth), noisy=False).expected.baseline
    ratio = expected.baseline[row] / flat[row]
    rise = expected.prices[row, week] / expected.prices[row, week - 1]
    assert rise == pytest.approx(1.07, abs=0.001)
    assert np.log(ratio[week] / ratio[week - 1]) == pytest.approx(-1.3 * np.log(rise), rel=1e-9)


def _without_price(truth):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(truth, elasticity=dict.fromkeys(truth.elasticity, 0.0))


def test_launch_curve_follows_bass_by_hand() -> None:
    """p 0.03, q 0.12, middle of the first week: (1 − e^−0.075) / (1 + 4 e^−0.075) = 0.072257 / 4.710974."""
    assert launched_share(0.03, 0.12, 1)[0] == pytest.approx(0.072257 / 4.710974, rel=1e-4)


def test_amounts_are_spread_in_proportion_and_nowhere_where_nothing_is_sold() -> None:
    size = np.array([[1.0, 0.0], [3.0, 0.0]])
    assert spread_over(size, np.array([8.0, 5.0])).tolist() == [[2.0, 0.0], [6.0, 0.0]]


def test_the_slow_quarter_weakens_the_funnel_by_about_a_quarter() -> None:
    labels = quarters_of(weeks())
    strength = funnel_strength(FunnelTruth())
    assert strength[labels == "2024Q1"].mean() == pytest.approx(1.0, abs=1e-9)
    assert strength[labels == "2025Q3"].mean() == pytest.approx(0.74, abs=0.02)


def test_expected_wins_fall_where_handling_is_slow_and_the_audience_poor() -> None:
    truth = FunnelTruth()
    assert expected_wins(truth, "web form", "2025Q3") < 0.8 * expected_wins(truth, "web form", "2025Q2")
    lookalike = expected_wins(truth, "social ads", "", "lookalike audience")
    assert lookalike < 0.6 * expected_wins(truth, "social ads", "")


def test_redraws_come_from_the_stated_populations() -> None:
    truths = [redraw_truth(seed) for seed in range(300)]
    for mechanic in ("price_cut", "feature", "loyalty"):
        values = np.array([list(truth.uplift[mechanic].values()) for truth in truths])
        mean, spread = POPULATIONS[f"uplift {mechanic}"]
        assert values.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(values.size))
        assert values.std() == pytest.approx(spread, rel=0.08)


def test_redrawn_shares_stay_between_nought_and_one() -> None:
    for seed in range(100):
        truth = redraw_truth(seed)
        shares = [
            *truth.cannibalisation.values(),
            *truth.launch_share.values(),
            *truth.delisting_share.values(),
        ]
        shares += [share for share, _ in truth.pull_forward.values()]
        assert all(0.0 < share < 1.0 for share in shares)


def test_the_base_truth_lies_within_its_populations() -> None:
    truth = base_truth()
    for mechanic, products in truth.uplift.items():
        mean, spread = POPULATIONS[f"uplift {mechanic}"]
        assert all(abs(value - mean) <= 2 * spread for value in products.values())


def test_a_simple_regression_finds_the_uplifts_of_house_blend() -> None:
    """Log sales on mechanics, their echoes, price, market, season: mean over draws near the truth."""
    truth, found = base_truth(), []
    for seed in range(6):
        draw = draw_sales(seed, truth)
        joined = draw.sales.merge(draw.drivers, on=["period", "product", "channel"])
        mine = joined[(joined["product"] == "House Blend") & (joined["sale_type"] == "repeat")]
        found.append(_regress(mine))
    estimate = np.mean(found, axis=0)
    wanted = [truth.uplift[name]["House Blend"] for name in ("price_cut", "feature", "loyalty")]
    assert estimate[0] == pytest.approx(wanted[0], abs=0.25)
    assert estimate[1:] == pytest.approx(wanted[1:], abs=0.05)


def _regress(mine: pd.DataFrame) -> np.ndarray:
    columns, outcome = [], []
    for _, part in mine.groupby("channel"):
        part = part.sort_values("period")
        week = ((part["period"] - weeks()[0]).dt.days // 7).to_numpy()
        turn = 2 * np.pi * np.asarray(part["period"].dt.dayofyear) / 365.25
        own = [part[name].to_numpy(dtype=float) for name in ("price_cut", "feature", "loyalty")]
        echoes = [after for x in own for after in _weeks_after(x)]
        ahead = np.append(own[2][1:], 0.0) * (own[2] == 0)
        season = [wave(k * turn) for k in (1, 2) for wave in (np.cos, np.sin)]
        holidays = [mark[week] for mark in holiday_weeks().values()]
        other = [np.log(part["price"]), np.log(part["market_index"]), week, np.clip((week - 78) / 12, 0, 1)]
        block = np.column_stack([*own, *echoes, ahead, *season, *holidays, *other]).astype(float)
        columns.append(block - block.mean(axis=0))
        logs = np.log(part["units"].to_numpy(dtype=float))
        outcome.append(logs - logs.mean())
    return np.linalg.lstsq(np.vstack(columns), np.concatenate(outcome), rcond=None)[0][:3]


def _weeks_after(promotion: np.ndarray) -> list[np.ndarray]:
    """Depth of the promotion that ended one, two, three and four weeks ago."""
    ended = np.append([0.0], promotion[:-1]) * (promotion == 0)
    return [np.concatenate([np.zeros(lag), ended[: len(ended) - lag]]) for lag in range(4)]


def test_claims_are_set_beside_the_truth(tables: dict[str, pd.DataFrame]) -> None:
    claims = tables["claims"].set_index("id")
    assert claims.loc["R25Q2-1", "true_value"] == pytest.approx(100 * (np.exp(0.30) - 1))
    assert claims.loc["R25Q2-5", "true_value"] == pytest.approx(100 * (1.05**-1.8 - 1))
    assert claims.loc["R25Q2-4", "true_value"] == 104
    assert claims.loc["R25Q3-1", "true_moved_share"] == 0.30
    assert claims["true_value"].notna().all()


def test_trade_marketing_overclaims_sales_underclaims_and_digital_is_about_right(
    tables: dict[str, pd.DataFrame],
) -> None:
    claims = tables["claims"]
    earlier = claims[~claims["id"].str.startswith("R26")]
    ratio = earlier["claimed"] / earlier["true_value"]
    trade = ratio[earlier["owner"] == "trade marketing"]
    assert len(trade) == 6
    assert trade.between(1.85, 2.15).all()
    accounts = ratio[earlier["owner"] == "key accounts"]
    assert (accounts < 0.7).all()
    planning = earlier[(earlier["owner"] == "sales planning") & (earlier["happens"] == "yes")]
    moved = planning[planning["kind"] != "delisting"]
    assert len(moved) == 3
    assert (moved["claimed"] < moved["true_value"]).all(), "too little good, too much bad"
    digital = ratio[earlier["owner"] == "digital marketing"]
    assert len(digital) == 4
    assert digital.between(0.8, 1.2).all()


def test_every_claim_of_a_past_promotion_meets_one_in_the_calendar(demo: Demo) -> None:
    claims = demo.tables["assumptions"].query("kind == 'promotion' and status in ('accepted', 'proposed')")
    for claim in claims.to_dict("records"):
        inside = [
            event
            for event in calendar()
            if (event.product, event.mechanic) == (claim["product"], claim["mechanic"])
            and event.start <= pd.Timestamp(claim["end"])
            and event.start + pd.Timedelta(days=7 * event.length) > pd.Timestamp(claim["start"])
        ]
        assert len(inside) == 1, claim["id"]
        if claim["mechanic"] == "price_cut":
            assert inside[0].depth == claim["depth"]


def test_weekly_truth_covers_history_and_horizon(tables: dict[str, pd.DataFrame]) -> None:
    weekly = tables["weekly"]
    assert weekly["period"].max() == weeks()[-1]
    assert (weekly["period"] < AS_OF).any()
    parts = weekly[["baseline", "gross", "temporary", "orders"]].sum(axis=1)
    assert np.allclose(parts, weekly["units"])
