"""The report's switches come to what the engine plans for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alignment_lib.planning.round.round_tables import RoundPlans, plan_every_scenario
from alignment_lib.rounds.live.choices import Choices
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.watched_draws import watched_draws
from alignment_lib.rounds.working_scenarios import combine_assumptions
from tests.unit.app.explorer_fixture import prepare_small_round


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> PreparedRound:
    return prepare_small_round(tmp_path_factory.mktemp("small") / "unit")


@pytest.fixture(scope="module")
def plans(ready: PreparedRound) -> RoundPlans:
    return plan_every_scenario(ready.horizon, ready.register, ready.scenarios, ready.targets, 7)


def test_every_combination_equals_the_engines_plan_and_odds(ready: PreparedRound, plans: RoundPlans) -> None:
    found = combine_assumptions(ready, plans, "consensus")
    names = found["switches"]["assumption"].tolist()
    assert names == ["A2", "A1", "A3"] or set(names) == {"A1", "A2", "A3"}
    live = LiveRound(ready)
    table = found["combinations"]
    first = table[table["p50"].notna()].set_index("combination")
    for number in range(2 ** len(names)):
        on = frozenset(name for at, name in enumerate(names) if number >> at & 1) | {"A4"}
        figures = live.evaluate(Choices("consensus", on, {}))
        odds = live.simulate(figures).round
        assert first.loc[number, "plan"] == pytest.approx(figures.total, rel=1e-9)
        assert first.loc[number, "p10"] == pytest.approx(odds["p10"], rel=1e-4)
        assert first.loc[number, "probability"] == pytest.approx(odds["probability"], abs=0.003)


def test_it_starts_from_the_headline_and_its_published_odds(ready: PreparedRound, plans: RoundPlans) -> None:
    for headline in ("consensus", "as_proposed"):
        found = combine_assumptions(ready, plans, headline)
        start = int((2 ** found["switches"]["position"] * found["switches"]["on"]).sum())
        table = found["combinations"]
        row = table[(table["combination"] == start) & table["p50"].notna()].iloc[0]
        odds = plans.tables["odds"]
        whole = (odds[list(ready.dimensions)] == "").all(axis=1) & (odds["span"] == "quarter")
        published = odds[whole & (odds["scenario"] == headline)].sort_values("start").iloc[0]
        assert row["plan"] == pytest.approx(published["plan"], rel=1e-9)
        for name in ("p10", "p50", "p90", "probability"):
            assert row[name] == pytest.approx(published[name], rel=1e-4)
        assert np.quantile(found["draws"]["total"], 0.5) == pytest.approx(published["p50"], rel=1e-4)


def test_draws_by_period_add_up_to_the_draws_of_the_round(ready: PreparedRound, plans: RoundPlans) -> None:
    drawn = watched_draws(ready, plans, "consensus")["watch_draws"]
    totals = combine_assumptions(ready, plans, "consensus")["draws"]["total"].to_numpy()
    sums = drawn.groupby("draw")["whole"].sum().to_numpy()
    # Written to 1/64 of a period's spread: their sum is off by far less than the round's own spread.
    assert np.abs(sums - totals).max() < totals.std() / 20
    lines = [name for name in drawn if str(name).startswith("claim:")]
    assert lines
    assert (drawn[lines].to_numpy() <= drawn[["whole"]].to_numpy() * 1.01).all()


def test_without_assumptions_only_the_draws_are_kept(tmp_path: Path) -> None:
    ready = prepare_small_round(tmp_path / "unit")
    bare = PreparedRound(**{**vars(ready), "register": ()})
    plans = plan_every_scenario(bare.horizon, (), {}, bare.targets, 7)
    assert list(combine_assumptions(bare, plans, "consensus")) == ["draws"]
