"""A register laid out on a grid once, from which any plan follows quickly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from alignment_lib.planning.plan.bridge import Block
from alignment_lib.planning.plan.effects import (
    DriverLogs,
    OwnEffects,
    claim_logs,
    claim_volume,
    combine_effects,
    count_sharing,
    driver_logs,
)
from alignment_lib.planning.plan.grid import PlanGrid, place_launch
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.claims import Claim, lay_out_claims

__all__ = ["Layout", "lay_out_register"]

Key = tuple[float, int]


@dataclass(frozen=True)
class Layout:
    """Every row of a register on the grid, ordered by id.

    Attributes
    ----------
    grid : PlanGrid
        Baseline, drivers and prices.
    claims : dict of str to tuple of Claim
        By assumption id; empty for a row that counts nothing.
    missing : dict of str to str
        What a row that counts nothing would need: ``price`` or ``rates``; ``some prices`` where it
        counts with a mean price for some series.
    """

    grid: PlanGrid
    claims: Mapping[str, tuple[Claim, ...]]
    missing: Mapping[str, str]

    @cached_property
    def drivers(self) -> DriverLogs:
        """The driver calendar as logarithms."""
        return driver_logs(self.grid)

    def with_row(self, row: Assumption, grid: PlanGrid | None = None) -> Layout:
        """The layout with one row as given, such as at other dates; every other row stays where it lies.

        Parameters
        ----------
        row : Assumption
            In place of the one that bears its id.
        grid : PlanGrid, optional
            The same grid with another path of the row, where it is a launch (`PlanGrid.launch_shares`).
        """
        grid = self.grid if grid is None else grid
        claims, lack = lay_out_claims(grid, place_launch(grid, row))
        missing = {name: why for name, why in self.missing.items() if name != row.id}
        moved = Layout(grid, {**self.claims, row.id: claims}, missing | ({row.id: lack} if lack else {}))
        # The driver calendar is the same; taking its logarithms again would cost more than all the rest.
        moved.__dict__["drivers"] = self.drivers
        return moved

    def on_grid(self, grid: PlanGrid, rows: Sequence[Assumption]) -> Layout:
        """The same register under another driver calendar: only what prices or dates decide is laid out anew.

        Parameters
        ----------
        grid : PlanGrid
            The same series and periods, with other driver effects and prices.
        rows : sequence of Assumption
            The register, moved rows where they lie now.
        """
        priced = _alike(self.grid.price, grid.price)
        fetched = _alike(self.grid.unit_price, grid.unit_price)
        claims, missing = dict(self.claims), dict(self.missing)
        for row in rows:
            laid = self.claims.get(row.id, ())
            placed = bool(laid) and all(claim.row is row for claim in laid)
            own_price = priced or all(claim.form == "factor" or row.unit == grid.measure for claim in laid)
            if placed and own_price and (fetched or not any(claim.exchanges for claim in laid)):
                continue
            claims[row.id], lack = lay_out_claims(grid, place_launch(grid, row))
            missing.pop(row.id, None)
            if lack:
                missing[row.id] = lack
        return Layout(grid, claims, missing)

    def work_out(
        self,
        values: Mapping[str, float],
        known: Mapping[tuple[str, int], tuple[Key, Block]] | None = None,
    ) -> tuple[list[Claim], OwnEffects, dict[tuple[str, int], tuple[Key, Block]]]:
        """Own effects of the rows named in `values`, at those values.

        Parameters
        ----------
        values : mapping of str to float
            Value by id of every row that counts.
        known : mapping, optional
            The third result of an earlier call: blocks of claims whose value and company have not
            changed are used again.
        """
        names = sorted(name for name in values if name in self.claims)
        chosen = [(name, number, claim) for name in names for number, claim in enumerate(self.claims[name])]
        claims = [claim for _, _, claim in chosen]
        covered = {name for claim in claims for name in claim.covers}
        company = {name: _company(claims, name) for name in covered}
        blocks, kept = [], {}
        sharing: dict[str, np.ndarray] | None = None
        for name, number, claim in chosen:
            key = (float(values[name]), hash(tuple(company[driver] for driver in claim.covers)))
            found = known.get((name, number)) if known else None
            if not found or found[0] != key:
                sharing = count_sharing(self.grid, claims) if sharing is None else sharing
                found = (key, self.block_of(claim, values[name], sharing))
            kept[name, number] = found
            blocks.append(found[1])
        return claims, combine_effects(self.grid, claims, blocks, self.drivers), kept

    def block_of(self, claim: Claim, value: float, sharing: Mapping[str, np.ndarray]) -> Block:
        """What a claim does at a value: a factor's logarithms or a volume, where `sharing` cover drivers."""
        if claim.form == "volume":
            return claim_volume(claim, value)
        return claim_logs(claim, value, self.grid.measure, self.drivers, sharing)


def _alike(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two grids say the same of prices."""
    return one is other or (one is not None and other is not None and np.array_equal(one, other, True))


def _company(claims: Sequence[Claim], driver: str) -> int:
    """Stands for the set of claims that share a driver: it changes when one joins or leaves."""
    return hash(tuple(claim.row.id for claim in claims if driver in claim.covers))


def lay_out_register(grid: PlanGrid, register: Sequence[Assumption]) -> Layout:
    """Lay every row of the register out on the grid, whatever its status."""
    laid = {
        row.id: lay_out_claims(grid, place_launch(grid, row))
        for row in sorted(register, key=lambda row: row.id)
    }
    claims = {name: found for name, (found, _) in laid.items()}
    return Layout(grid, claims, {name: lack for name, (_, lack) in laid.items() if lack})
