"""Plans near one plan: one row at another value, all others as they are, without doing those again.

What most rows do to a cell is the same whatever one of them is set to. The logarithms of all factors that
move nothing are therefore held as one sum, their volumes as another; only rows that move volume, and the
one that changes, are worked out. The plan is the same as one worked out anew from the whole register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

import numpy as np

from alignment_lib.planning.plan.bridge import Block, add_block
from alignment_lib.planning.plan.effects import DriverLogs, combine_effects, count_sharing
from alignment_lib.planning.plan.plan import build_plan, finish_plan
from alignment_lib.planning.register.claims import Claim
from alignment_lib.planning.register.layout import Layout

__all__ = ["NearbyPlans"]

_Held = tuple[Claim, Block]
_BELOW = 1e-9
_TOGETHER = "all together"


class NearbyPlans:
    """Plans that differ from one by the value of one row.

    Parameters
    ----------
    layout : Layout
        The register on the grid.
    values : mapping of str to float
        The rows that count, with their values.
    """

    def __init__(self, layout: Layout, values: Mapping[str, float]) -> None:
        self._layout, self._values = layout, dict(values)
        claims, _, known = layout.work_out(values)
        self._sharing = count_sharing(layout.grid, claims)
        self._blocks = {place: block for place, (_, block) in known.items()}
        self._moving = [
            (name, held)
            for (name, number), block in self._blocks.items()
            if not _is_still(held := (layout.claims[name][number], block))
        ]
        shape = layout.grid.baseline.shape
        self._logs = sum(layout.drivers.logs.values(), np.zeros(shape))
        self._gains, self._losses = np.zeros(shape), np.zeros(shape)
        for (name, number), block in self._blocks.items():
            held = (layout.claims[name][number], block)
            if _is_still(held):
                _put(held, 1.0, self._logs, self._gains, self._losses)

    @cached_property
    def plan(self) -> np.ndarray:
        """The plan with every row at its own value, shape (series, periods)."""
        return build_plan(self._layout, self._values, "nearby").plan

    def at(self, name: str, value: float) -> np.ndarray:
        """The plan with one row at another value, shape (series, periods)."""
        layout, claims = self._layout, self._layout.claims[name]
        values = self._values | {name: value}
        if all(claim.is_idle for claim in claims):
            return self.plan
        logs, gains, losses = self._logs.copy(), self._gains.copy(), self._losses.copy()
        for number, claim in enumerate(claims):
            held = (claim, self._blocks[name, number])
            if _is_still(held):
                _put(held, -1.0, logs, gains, losses)
        others = [held for other, held in self._moving if other != name]
        own = [(claim, layout.block_of(claim, value, self._sharing)) for claim in claims]
        pooled = _pooled(claims[0], gains, losses)
        found = self._finish(values, [*others, *own, *pooled], logs)
        if found is None:
            # Losses that took more than came are shared row by row: there every row must be told apart.
            return build_plan(layout, values, "nearby").plan
        return found

    def _finish(self, values: Mapping[str, float], held: list[_Held], logs: np.ndarray) -> np.ndarray | None:
        grid = self._layout.grid
        claims, blocks = [claim for claim, _ in held], [block for _, block in held]
        added = self._layout.drivers.added.values()
        drivers = DriverLogs({_TOGETHER: logs}, {_TOGETHER: sum(added, np.zeros(logs.shape))})
        own = combine_effects(grid, claims, blocks, drivers)
        plan = finish_plan(self._layout, values, "nearby", claims, own)
        below = (grid.baseline >= 0) & (plan.plan < -_BELOW * (1.0 + np.abs(grid.baseline)))
        return None if plan.void is not None or below.any() else plan.plan


def _is_still(held: _Held) -> bool:
    """Whether a claim moves nothing and its effect can be held in a sum."""
    claim, (_, block) = held
    moves = (claim.row.moved_share and claim.exchanges) or claim.row.pull_forward_share
    return not moves and bool(np.isfinite(block).all())


def _put(held: _Held, sign: float, logs: np.ndarray, gains: np.ndarray, losses: np.ndarray) -> None:
    claim, (rows, block) = held
    if claim.form == "volume":
        add_block(gains, (rows, sign * np.maximum(block, 0.0)))
        add_block(losses, (rows, sign * np.minimum(block, 0.0)))
    elif not claim.is_idle:
        add_block(logs, (rows, sign * block))


def _pooled(like: Claim, gains: np.ndarray, losses: np.ndarray) -> list[_Held]:
    """All volumes that move nothing, as two claims: losses are cut together, gains never."""
    row = replace(like.row, moved_share=0.0, pull_forward_share=0.0)
    everywhere = np.arange(len(gains))
    claim = replace(like, row=row, form="volume", series=everywhere, covers=(), exchanges=(), fixed=False)
    return [(claim, (everywhere, part)) for part in (gains, losses) if part.any()]
