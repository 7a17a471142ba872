"""Every example row that is shipped is planned, and does what its title says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alignment_lib.inputs.new_workspace import write_new_workspace
from alignment_lib.inputs.starter import DIMENSIONS, example_rows, starting_rows
from alignment_lib.planning.plan.plan import Plan, compute_plan, plan_revenue
from alignment_lib.planning.register.assumptions import Assumption, read_assumptions
from alignment_lib.planning.register.price_claims import direction_of
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, PreparedRound, prepare_round

DEMO = Path(__file__).resolve().parents[3] / "data" / "demo"
CLOSED = ("2025Q2", "2025Q3", "2025Q4")


def _prepared(folder: Path) -> PreparedRound:
    settings = folder / "planning.toml"
    text = settings.read_text(encoding="utf-8") + '\n[forecast]\nmethod = "naive"\n'
    settings.write_text(text, encoding="utf-8")
    return prepare_round(PlanRequest(folder, round="2026Q1"))


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> PreparedRound:
    """The starting workspace with the rows it begins with and those of the template's examples."""
    folder = tmp_path_factory.mktemp("new") / "starter"
    write_new_workspace(folder)
    (folder / "assumptions.xlsx").unlink()
    rows = pd.DataFrame([*starting_rows(), *example_rows(DIMENSIONS)])
    rows.to_csv(folder / "assumptions.csv", index=False)
    return _prepared(folder)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> PreparedRound:
    folder = tmp_path_factory.mktemp("demo")
    for file in DEMO.glob("*.*"):
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    return _prepared(folder)


@dataclass(frozen=True)
class Alone:
    """What one row does by itself: the plan with it, and without."""

    row: Assumption
    plan: Plan
    without: Plan

    @property
    def units(self) -> float:
        return float((self.plan.plan - self.without.plan).sum())

    @property
    def money(self) -> float:
        both = [plan_revenue(plan) for plan in (self.plan, self.without)]
        return float(np.nansum(both[0]) - np.nansum(both[1]))

    @property
    def here(self) -> float:
        """Units in its scope and dates against no action at all."""
        claim = next(claim for claim in self.plan.claims if claim.row.id == self.row.id)
        inside = np.asarray(claim.strength) > 0
        gain = self.plan.plan[claim.series] - self.plan.grid.baseline[claim.series]
        return float((gain * inside).sum())


def _alone(ready: PreparedRound) -> dict[str, Alone]:
    grid = ready.horizon.grid
    without = compute_plan(grid, (), "without")
    return {row.id: Alone(row, compute_plan(grid, [row], "alone"), without) for row in ready.register}


def test_the_starters_and_the_template_s_rows_do_what_their_titles_say(starter: PreparedRound) -> None:
    rows = _alone(starter)
    for name in ("A1", "A2", "X1", "X2", "X3"):
        assert (rows[name].units > 0, rows[name].money > 0) == (True, True), rows[name].row.title
    # A coupon of +90 % over half of March, a fifth of it borrowed from later.
    assert rows["X1"].row.scope == {"channel": "Shop", "product": "Coffee 250 g"}
    # The larger pack is a product of its own, and takes 30 % from the one it resembles.
    assert set(starter.horizon.grid.keys["product"]) == {*DIMENSIONS["product"], "Larger pack"}
    assert rows["X3"].units == pytest.approx(900 * 0.7)
    # An order of 10,000 is 10,000.
    assert rows["X5"].money == pytest.approx(10_000)


def test_a_list_price_up_four_per_cent_is_a_rise(starter: PreparedRound) -> None:
    rise = _alone(starter)["X4"]
    assert rise.row.title == "List price up 4 %"
    shop = rise.plan.claims[0].series
    factor = rise.plan.price_factor[shop]
    assert factor == pytest.approx(np.full(factor.shape, 1.04))
    # Volume follows by the elasticity of -1.8: 1.04^-1.8 - 1 = -6.82 %.
    share = rise.units / rise.without.plan[shop].sum()
    assert share == pytest.approx(1.04**-1.8 - 1, abs=1e-4)
    assert not [notice for notice in starter.notices if notice.code in ("title_contradicts", "price_unsaid")]


def test_the_demo_s_rows_do_what_they_claim_in_their_scope_and_dates(demo: PreparedRound) -> None:
    rows = _alone(demo)
    planned = {name: found for name, found in rows.items() if name.startswith("R26Q1")}
    assert len(planned) == 17
    for found in planned.values():
        row = found.row
        claimed = row.volume_effect(row.expected) if row.unit == "percent" else row.expected
        assert np.sign(found.here) == np.sign(claimed), (row.id, row.title)
    # What leaves the range is not sold any more: in whole weeks nothing is left.
    gone = planned["R26Q1-07"].plan
    whole = np.asarray(gone.claims[0].strength) == 1.0
    assert np.abs(gone.plan[gone.claims[0].series] * whole).max() == pytest.approx(0.0, abs=1e-9)
    # A new channel sells at the price of the same product elsewhere: it brings money.
    assert planned["R26Q1-08"].money > 0


def test_prices_go_where_their_titles_say(demo: PreparedRound, starter: PreparedRound) -> None:
    for ready in (demo, starter):
        for row in ready.register:
            if row.kind == "price_change" and row.states_price:
                assert direction_of(row.title) == np.sign(row.expected), row.title


@pytest.mark.parametrize("name", CLOSED)
def test_the_demo_s_closed_rounds_did_what_their_rows_said(name: str) -> None:
    folder = DEMO / "rounds" / name / "demo"
    bridge = pd.read_parquet(folder / "bridge.parquet").query("scenario == 'as_proposed'")
    register = pd.read_parquet(folder / "assumptions.parquet")
    rows = read_assumptions(
        register, [name for name in ("product", "channel", "sale_type") if name in bridge]
    )
    own = [
        row for row in rows if row.id.startswith(f"R{name[2:]}") and row.status in ("proposed", "accepted")
    ]
    assert own
    for row in own:
        inside = bridge["period"].between(row.start - pd.Timedelta(days=6), row.end)
        for column, value in row.scope.items():
            inside &= bridge[column] == value
        # A claim about a driver states the whole effect: the calendar's part stands beside it.
        says = bridge["assumption"] == row.id
        if row.kind in ("promotion", "price_change"):
            says |= bridge["assumption"].str.startswith("driver:")
        effect = bridge.loc[inside & says, "effect"].sum()
        assert np.sign(effect) == np.sign(row.expected), (row.id, row.title)
