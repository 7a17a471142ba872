"""What decisions do, beside what they really do: redrawn demos, the truth known with and without each action.

Run: ``python -m benchmarks.decisions_truth [--redraws 200] [--first SEED]``.

Two rounds are planned of every redraw: the demo's as written, and the same with every claim of the round
put up for decision. An action's true effect is what the generator expects to be sold in the round with it
less what it expects without. What the plan as it stands holds of the action already (its cells of the driver
calendar) is what dropping it loses; what accepting the claim truly adds is the rest.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.planning.register.actions import NOBODYS
from alignment_lib.rounds.live.consequences import consequences, dropping
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.asked_round import ask_round
from alignment_lib.rounds.preparing.prepared_round import prepare_round
from alignment_lib.rounds.round_work import RoundWork
from benchmarks.page import Section, write_section
from data.generator.demo import Demo, draw_demo
from data.generator.expected import Expected, expect_sales
from data.generator.files import render_demo, render_table, write_changed
from data.generator.promotions import Promotion, calendar
from data.generator.truth import redraw_truth
from data.generator.weeks import AS_OF, quarters_of, week_index, weeks
from data.generator.written import DEMO_FOLDER

FIRST_SEED = 120_001
"""Seeds no other benchmark or test draws, nor the work on consequences: that saw 110001 and on."""
LEAST = 50.0
"""Units of true effect from which on a sign is asked for."""
_SETTLED = ("accepted", "proposed")


def expect_without(demo: Demo, claim: dict[str, str]) -> Expected:
    """What would be expected had the action of a claim not been taken."""
    truth, market = demo.truth, demo.sales.market
    events, prices = calendar(), demo.sales.expected.prices
    if claim["kind"] == "promotion":
        events = tuple(part for event in events for part in _outside(event, claim))
    if claim["kind"] == "price_change":
        here = (demo.sales.expected.series["product"] == claim["product"]).to_numpy()
        first = week_index(claim["start"])
        prices = prices.copy()
        prices[here, first:] *= (prices[here, first - 1] / prices[here, first])[:, None]
    left = tuple(action for action in truth.actions if action.id != claim["id"])
    return expect_sales(replace(truth, actions=left), market, events, prices)


def _outside(event: Promotion, claim: dict[str, str]) -> Iterator[Promotion]:
    """What is left of a promotion outside the weeks and the product of a claim about its mechanic."""
    if (event.mechanic, event.product) != (claim["mechanic"], claim["product"]):
        yield event
        return
    first, last = week_index(claim["start"]), week_index(claim["end"])
    kept = [week for week in range(event.weeks.start, event.weeks.stop) if not first <= week <= last]
    for part in np.split(kept, np.flatnonzero(np.diff(kept) > 1) + 1):
        if len(part):
            yield replace(event, start=weeks()[int(part[0])], length=len(part))


def true_effect(demo: Demo, claim: dict[str, str]) -> float:
    """Units of the round with the action less units without."""
    inside = quarters_of(weeks()) == quarters_of(weeks()[weeks() == AS_OF])[0]
    with_it, without = demo.sales.expected.units, expect_without(demo, claim).units
    return float((with_it - without)[:, inside].sum())


def score_redraw(seed: int) -> pd.DataFrame:
    """Every decision of both rounds of a redraw: what each option does, and what is true."""
    demo = draw_demo(seed, redraw_truth(seed))
    register = demo.tables["assumptions"]
    parts = []
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "redraw"
        write_changed(workspace, render_demo(demo))
        shutil.copytree(DEMO_FOLDER / "rounds", workspace / "rounds")
        for left in (workspace / "rounds").glob("*/demo"):
            left.rename(left.with_name("redraw"))
        for variant in ("as written", "all put up"):
            if variant == "all put up":
                mine = register["id"].str.startswith("R26Q1") & register["status"].isin(_SETTLED)
                put_up = register.assign(status=register["status"].where(~mine, "proposed"))
                (workspace / "assumptions.csv").write_bytes(render_table(put_up, {}))
            request = replace(ask_round(workspace), cache=Path(folder) / "cache")
            live = RoundWork(prepare_round(request), request).live
            parts.append(consequences(live).assign(variant=variant))
            if variant == "as written":
                parts.append(_drops(live).assign(variant="accepted"))
    found = pd.concat(parts, ignore_index=True)
    claims = {row["id"]: row for row in register.fillna("").astype(str).to_dict("records")}
    truths = {name: true_effect(demo, claims[name]) for name in found["assumption"].unique()}
    return found.assign(
        seed=seed, true=found["assumption"].map(truths), kind=[claims[n]["kind"] for n in found["assumption"]]
    )


def _drops(live: LiveRound) -> pd.DataFrame:
    """What dropping an accepted action of the round does."""
    start, first = live.start_from("consensus"), live.ready.horizon.grid.periods[0]
    own = [row for row in live.weighted if row.id in start.on and row.kind not in NOBODYS]
    return pd.DataFrame([dropping(live, start, row) for row in own if row.start >= first])


def decided(found: pd.DataFrame) -> pd.DataFrame:
    """A row a decision: what each option does, what the plan holds of it, what is true of the rest."""
    index = ["variant", "seed", "assumption", "true"]
    wide = found[found["variant"] != "accepted"].pivot_table(index=index, columns="option", values="units")
    table = wide.reset_index()
    held = -table["drop"].fillna(0.0)
    return table.assign(held=held, rest=table["true"] - held)


def sign_lines(found: pd.DataFrame) -> list[str]:
    """How often the sign of the evidence-weighted consequence is the true one, the claim's own beside it."""
    lines = []
    for variant, rows in decided(found).groupby("variant"):
        for column, words in (("rest", "what accepting truly adds"), ("true", "the whole action")):
            asked = rows[rows[column].abs() > LEAST]
            held = asked["held"] if column == "true" else 0.0
            right = [
                float((np.sign(asked[option] + held) == np.sign(asked[column])).mean())
                for option in ("accept as history says", "accept alone")
            ]
            lines.append(f"| {variant} | {words} | {len(asked)} | {right[0]:.1%} | {right[1]:.1%} |")
    return lines


def loss_lines(found: pd.DataFrame) -> list[str]:
    """How often what dropping an action truly loses lies inside its 80 % band, by claim and in all."""
    rows = found[(found["option"] == "drop") & (found["variant"] != "all put up")]
    rows = rows[rows["units_low"].notna()]
    groups = [("all", rows), *rows.groupby(rows["assumption"] + ", " + rows["variant"])]
    lines = []
    for name, here in groups:
        inside = (-here["true"]).between(here["units_low"], here["units_high"]).mean()
        told, true = -here["units"].mean(), here["true"].mean()
        lines.append(f"| {name} | {len(here)} | {inside:.1%} | {told:,.0f} | {true:,.0f} |")
    return lines


def describe(found: pd.DataFrame) -> str:
    """Both readings in Markdown."""
    signs = "| round | true effect | above 50 units | evidence-weighted sign right | claim's sign right |"
    losses = "| action dropped | redraws | true loss inside 80 % | mean loss told | mean true loss |"
    rule = "|---|---|---|---|---|"
    return "\n".join([signs, rule, *sign_lines(found), "", losses, rule, *loss_lines(found)])


def main() -> None:
    """Redraw, plan, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redraws", type=int, default=200)
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--keep", type=Path, help="a file for the scored decisions, redraw by redraw")
    parser.add_argument("--print-only", action="store_true")
    asked = parser.parse_args()
    parts: list[pd.DataFrame] = []
    for seed in range(asked.first, asked.first + asked.redraws):
        parts.append(score_redraw(seed))
        if asked.keep:
            pd.concat(parts, ignore_index=True).to_parquet(asked.keep)
    found = pd.concat(parts, ignore_index=True)
    text = f"{asked.redraws} redrawn demos (seeds {asked.first} and on).\n\n{describe(found)}"
    print(text)
    if not asked.print_only:
        write_section(Section("decisions_truth", "What decisions do, against the known truth", text))


if __name__ == "__main__":
    main()
