"""Payout by hand, faults of a scheme, Gonik's grid, and what gaming would have earned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.inputs.configuration.settings_reader import parse_settings
from alignment_lib.inputs.problems import InputError
from alignment_lib.review.incentives import (
    RoundFigures,
    Scheme,
    gonik_bonus,
    payout_function,
    payout_share,
    payout_statement,
    read_scheme,
    round_results,
    simulate_gaming,
)


def test_the_statement_by_hand() -> None:
    # A pool of 10,000, half of it shared. Plan attained to 90 %: halfway from threshold (50 %) to target
    # (100 %): 75 %. Marketing: 2,500 shared x 0.75; quality 1,500 x 1; honesty (own) 1,000 x 0.
    results = {"plan attainment": 0.9, "lead quality": 1.0, "handling promise": 1.3, "forecast honesty": 0.7}
    table = payout_statement(Scheme(10_000.0), results)
    marketing = table[table["function"] == "marketing"]
    assert marketing["measure"].tolist() == ["plan attainment", "lead quality", "forecast honesty", ""]
    assert marketing["at_target"].tolist() == [2500, 1500, 1000, 5000]
    assert marketing["amount"].tolist() == [1875, 1500, 0, 3375]
    sales = table[(table["function"] == "sales") & (table["measure"] == "handling promise")].iloc[0]
    assert sales["amount"] == 2250
    assert (
        sales["sentence"]
        == "handling promise at 130\u202f% of what was agreed pays 150\u202f% of 1,500, at the cap: 2,250."
    )
    honesty = marketing[marketing["measure"] == "forecast honesty"]["sentence"].iloc[0]
    assert (
        honesty == "forecast honesty at 70\u202f% of what was agreed, below the threshold of "
        "80\u202f%: nothing is paid."
    )


def test_a_function_s_own_result_goes_before_the_common_one() -> None:
    results = {"forecast honesty": 1.0, "forecast honesty: sales": 0.5}
    table = payout_statement(Scheme(100.0), results)
    honesty = table[table["measure"] == "forecast honesty"].set_index("function")["result"]
    assert honesty.to_dict() == {"marketing": 1.0, "sales": 0.5}


def test_a_measure_without_a_result_pays_nothing_and_says_so() -> None:
    table = payout_statement(Scheme(100.0), {})
    assert table["amount"].sum() == 0
    assert table["sentence"].iloc[0] == "plan attainment: no result is known, so nothing is paid."


def test_everything_at_target_pays_exactly_the_pool() -> None:
    measures = ("plan attainment", "lead quality", "handling promise", "forecast honesty")
    table = payout_statement(Scheme(12_345.0), dict.fromkeys(measures, 1.0))
    assert table.loc[table["part"] == "total", "amount"].sum() == pytest.approx(12_345.0)


@given(st.floats(0, 3), st.floats(0, 3))
def test_more_never_pays_less_and_the_cap_holds(one: float, two: float) -> None:
    low, high = payout_share(Scheme(1.0), np.array(sorted([one, two])))
    assert 0 <= low <= high <= 1.5


def test_the_payout_before_the_quarter_is_a_function_of_results() -> None:
    table = payout_function(Scheme(10_000.0))
    quality = table[table["measure"] == "lead quality"].set_index("result")["amount"]
    assert quality.to_dict() == pytest.approx(
        {0.75: 0, 0.8: 750, 0.9: 1125, 1.0: 1500, 1.1: 1875, 1.2: 2250, 1.3: 2250}
    )


def test_every_fault_of_a_scheme_is_named_at_its_line() -> None:
    text = """
[business]
name = "Shop"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product"]
[incentives]
pool = -1
bonus = 3
threshold = 1.1
cap_payout = 0.5
shared = { plan_attainment = 0.5, charm = 0.4 }
functions = { marketing = 0.5, sales = 0.4 }
"""
    with pytest.raises(InputError) as caught:
        parse_settings(text)
    said = str(caught.value)
    assert "row 10, column incentives.pool: found -1, expected 0 or more" in said
    assert "row 11, column incentives.bonus: found unknown key `bonus`, expected one of" in said
    assert "row 13, column incentives.cap_payout: found 0.5, expected 1 or more" in said
    assert "row 14, column incentives.shared" in said
    assert "'charm', expected one of 'plan_attainment'" in said
    assert "row 15, column incentives.functions" in said
    assert "expected shares that sum to 1; these sum to 0.9" in said
    assert "column incentives.target: found 1.0, expected more than the threshold of 1.1" not in said


def scheme_text(lines: str) -> str:
    head = '[business]\nname = "Shop"\ncurrency = "EUR"\n[calendar]\ngrain = "month"\n'
    return head + f'[sales]\ndimensions = ["product"]\n[incentives]\npool = 5000\n{lines}\n'


def test_limits_out_of_order_and_functions_without_weights_are_refused() -> None:
    with pytest.raises(InputError, match=r"found 1\.2, expected more than the target of 1\.3"):
        parse_settings(scheme_text("threshold = 0.9\ntarget = 1.3\ncap = 1.2"))
    with pytest.raises(InputError, match="found no weights for `service`, expected the same functions"):
        parse_settings(scheme_text("functions = { marketing = 0.4, sales = 0.4, service = 0.2 }"))
    with pytest.raises(InputError, match=r"for sales shares that sum to 1; these sum to 0\.7"):
        parse_settings(scheme_text("weights.sales = { handling_promise = 0.7 }\n"))


def test_a_good_scheme_is_read() -> None:
    settings = parse_settings(scheme_text("threshold = 0.7")).incentives
    assert settings is not None
    assert read_scheme(settings) == Scheme(5_000, threshold=0.7)


def test_results_of_a_round_by_hand() -> None:
    # 950 of 1,000 sold; 81 % accepted and 72 % called in time where 90 % was agreed; marketing said 1,140
    # units where 950 came: 20 % off, so (1 - 0.2) / (1 - 0.08). Leads required are not known: no result.
    figures = RoundFigures(
        actual=950.0,
        planned=1000.0,
        streams={"marketing": 1140.0, "naive": 900.0, "actual": 950.0},
        accepted_share=0.81,
        in_time_share=0.72,
        leads=120.0,
    )
    assert round_results(Scheme(1.0), figures) == pytest.approx(
        {
            "plan attainment": 0.95,
            "lead quality": 0.9,
            "handling promise": 0.8,
            "forecast honesty: marketing": 0.8 / 0.92,
        }
    )
    assert round_results(Scheme(1.0), RoundFigures()) == {}


@given(st.floats(50, 200), st.floats(50, 200))
def test_under_gonik_the_truth_pays_most(actual: float, forecast: float) -> None:
    objective, made = np.array(100.0), np.array(actual)
    assert gonik_bonus(objective, np.array(forecast), made) <= gonik_bonus(objective, made, made) + 1e-12


def test_gonik_s_grid_as_published() -> None:
    # Objective 100: forecast and actual 100 pay 120 %; forecast 100, actual 150: 150 %; forecast 150, actual
    # 100: 90 %; forecast and actual 150: 180 %.
    forecast, actual = np.array([100.0, 100.0, 150.0, 150.0]), np.array([100.0, 150.0, 100.0, 150.0])
    assert gonik_bonus(np.array(100.0), forecast, actual).tolist() == pytest.approx([1.2, 1.5, 0.9, 1.8])


def test_gaming_is_found_where_a_scheme_pays_for_it() -> None:
    volume = Scheme(1_000.0, weights={"marketing": {"lead volume": 1.0}, "sales": {"forecast honesty": 1.0}})
    table = simulate_gaming(volume, seed=1, draws=2_000).set_index(["function", "play"])
    # Half of marketing's 500 is paid for volume; 15 % more of it pays 37.5 % more: 93.75 for junk.
    assert table.loc[("marketing", "lead stuffing"), "gain"] == pytest.approx(93.75)
    assert table.loc[("marketing", "lead stuffing"), "sentence"].startswith("Lead stuffing pays: +")
    plain = simulate_gaming(Scheme(1_000.0), seed=1, draws=2_000).set_index(["function", "play"])
    assert plain.loc[("marketing", "lead stuffing"), "gain"] < 0
    attainment = Scheme(1_000.0, shared_share=1.0)
    sand = simulate_gaming(attainment, seed=1, draws=2_000).set_index(["function", "play"])
    assert sand.loc[("sales", "sandbagging"), "gain"] > 0
    assert sand.loc[("sales", "overclaiming"), "gain"] < 0
    # What tells the truth beats both plays under Gonik's bonus.
    assert (sand.loc[[("sales", "sandbagging"), ("sales", "overclaiming")], "gonik_gain"] < 0).all()


def test_the_same_seed_gives_the_same_simulation() -> None:
    one, two = (simulate_gaming(Scheme(10.0), seed=4, draws=500) for _ in range(2))
    assert one.equals(two)


def test_profit_and_new_customers_may_be_paid_for_and_buying_customers_is_shown() -> None:
    made = RoundFigures(profit=90.0, profit_planned=100.0, new_customers=55.0, new_customers_planned=50.0)
    scheme = Scheme(1000.0, shared={"profit": 0.5, "new customers": 0.5})
    assert round_results(scheme, made) == {"profit": 0.9, "new customers": 1.1}
    assert set(simulate_gaming(Scheme(1000.0), 1, 200)["play"]) == {
        *("honest", "sandbagging", "overclaiming", "lead stuffing"),
    }
    both = simulate_gaming(scheme, 1, 2000).set_index(["function", "play"])["gain"]
    only = simulate_gaming(replace(scheme, shared={"new customers": 1.0}), 1, 2000)
    only = only.set_index(["function", "play"])["gain"]
    # Paid for customers alone, buying them pays; beside profit most of it is lost again.
    assert only["marketing", "buying customers"] > 0
    assert both["marketing", "buying customers"] < 0.2 * only["marketing", "buying customers"]
