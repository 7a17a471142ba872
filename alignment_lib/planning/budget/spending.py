"""Money of the horizon by channel and what it brings, beginning with the money already spent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.response.curves import Curves, carry_over, saturate
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.written_numbers import Said

__all__ = ["BudgetError", "Channel", "complete_budget", "lay_out_channels"]

TAIL = 13
"""Weeks after the horizon in which what was spent in it still counts."""


class BudgetError(AlignmentError):
    """A budget that cannot be: which bound stands in the way is said."""

    exit_code = 2


@dataclass(frozen=True)
class Channel:
    """One channel over the horizon.

    Attributes
    ----------
    name : str
    usual : float
        Money of business as usual over the horizon.
    low, high : float
        Bounds on its money; the lower is never below what is committed.
    carried : ndarray, shape (weeks, draws)
        Stock of what was spent before the horizon.
    stock : ndarray, shape (weeks, draws)
        Stock of one unit of money spread over the horizon as business as usual spreads it.
    curves : tuple of ndarray
        Half-saturation, shape and most, by draw.
    weeks : int
        Weeks of the horizon; those of `carried` beyond are its tail.
    is_known : bool
        Whether history tells what it brings; money of one that it does not tell stays as usual.
    fixed : float
        Money committed, whose stock by its own weeks is in `carried`; `stock` spreads what is above it.
    """

    name: str
    usual: float
    low: float
    high: float
    carried: np.ndarray
    stock: np.ndarray
    curves: tuple[np.ndarray, np.ndarray, np.ndarray]
    weeks: int
    is_known: bool = True
    fixed: float = 0.0

    def bring(self, money: float) -> np.ndarray:
        """What money over the horizon brings by week and draw, its tail included, (weeks, draws)."""
        half, shape, most = self.curves
        return np.asarray(most * saturate(self.carried + (money - self.fixed) * self.stock, half, shape))

    def gains(self, levels: np.ndarray) -> np.ndarray:
        """All that money brings, horizon and tail, shape (levels, draws)."""
        return np.stack([self.bring(float(level)).sum(axis=0) for level in levels])


def lay_out_channels(
    curves: Curves,
    names: Sequence[str],
    past: np.ndarray,
    usual: np.ndarray,
    bounds: Mapping[str, tuple[float, float]],
    known: Sequence[bool],
    committed: np.ndarray | None = None,
) -> tuple[Channel, ...]:
    """Channels over a horizon.

    Parameters
    ----------
    curves : Curves
    names : sequence of str
    past : ndarray, shape (weeks, channels)
        Money already spent, the last week just before the horizon.
    usual : ndarray, shape (weeks, channels)
        Business as usual by week of the horizon.
    bounds : mapping of str to (float, float)
        By channel, in money over the horizon; a channel without stays between nothing and double.
    known : sequence of bool
    committed : ndarray, shape (weeks, channels), optional
        Money signed for by week: it is spent in its own weeks whatever the total.
    """
    weeks = len(usual)
    channels = []
    for at, name in enumerate(names):
        total = float(usual[:, at].sum())
        held = np.zeros(weeks) if committed is None else np.asarray(committed[:, at], dtype=float)
        spread = _spread(usual[:, at], held)
        carry = curves.carry[:, at]
        before = curves.stock_after(past[:, at], at)
        carried = before * carry ** np.arange(1, weeks + TAIL + 1)[:, None]
        fixed = float(held.sum())
        if fixed > 0:
            carried = carried + carry_over(np.append(held, np.zeros(TAIL)), carry)
        stock = carry_over(np.append(spread, np.zeros(TAIL)), carry)
        low, high = bounds.get(name, (0.0, 2.0 * total)) if known[at] else (total, total)
        low = max(low, fixed)
        if high < fixed * (1.0 - 1e-9):
            raise BudgetError(
                f"{name}: at most {Said(high):,.0f} is less than the {Said(fixed):,.0f} that is committed."
            )
        if low > high:
            raise BudgetError(
                f"{name}: at least {Said(low):,.0f} and at most {Said(high):,.0f} exclude each other."
            )
        parts = (curves.half[:, at], curves.shape[:, at], curves.most[:, at])
        channels.append(Channel(name, total, low, high, carried, stock, parts, weeks, known[at], fixed))
    return tuple(channels)


def _spread(usual: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Weeks of the money that is free: as usual money beyond what is committed runs, else as all of it."""
    for money in (np.maximum(usual - held, 0.0), usual):
        if money.sum() > 0:
            return np.asarray(money / money.sum())
    return np.full(len(usual), 1.0 / len(usual))


def complete_budget(
    channels: Sequence[Channel], total: float | None, given: Mapping[str, float]
) -> tuple[dict[str, float], float, str]:
    """A half-made budget made whole: money by channel as usual where none is given, and the total.

    Returns
    -------
    money : dict of str to float
        By channel; adds up to the total.
    total : float
    said : str
        How it was completed.
    """
    usual = {channel.name: channel.usual for channel in channels}
    unknown = sorted(set(given) - set(usual))
    if unknown:
        raise BudgetError(f"No channel is called {unknown[0]}; there are: {', '.join(usual)}.")
    open_ones = {name: money for name, money in usual.items() if name not in given}
    fixed = float(sum(given.values()))
    if total is None:
        money = usual | dict(given)
        kept = f"{', '.join(open_ones)} as usual" if open_ones else "every channel was given"
        return (
            money,
            float(sum(money.values())),
            f"No total was given: it is the sum of the channels, {kept}.",
        )
    rest = total - fixed
    if rest < 0 or (not open_ones and abs(rest) > 1e-9 * max(total, 1.0)):
        raise BudgetError(
            f"The channels given take {Said(fixed):,.0f} of a total of {Said(total):,.0f}: change one."
        )
    if not open_ones:
        return dict(given), total, "Every channel was given."
    size = sum(open_ones.values())
    shares = {name: money / size if size > 0 else 1.0 / len(open_ones) for name, money in open_ones.items()}
    money = {name: given[name] if name in given else rest * shares[name] for name in usual}
    return (
        money,
        total,
        (f"{Said(rest):,.0f} left of the total is spread over {', '.join(open_ones)} as usual."),
    )
