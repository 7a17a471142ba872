"""Carry-over and saturation: what a week's money does in the weeks after, and where more brings little more.

Money works on after the week in which it is spent: of the stock a share `carry` is left a week later, and a
week's money joins it in the share ``1 - carry``, so that even spend has a stock of its own height (geometric
adstock). The stock brings ``most × stock^shape / (half^shape + stock^shape)`` (the Hill curve): half of the
most at `half`; with ``shape = 1`` every further euro brings less than the one before, above 1 the curve is an
S. Both after Jin, Wang, Sun, Chan and Koehler 2017, Bayesian Methods for Media Mix Modeling with Carryover
and Shape Effects (Google), equations 1 and 5, the adstock without end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Curves", "carry_over", "first_weeks", "saturate", "stock_before"]

_LEAST = 1e-12


def first_weeks(weeks: int) -> int:
    """Weeks at the start whose carry-over is a guess and which therefore teach nothing: eight, or a tenth."""
    return min(8, weeks // 10)


def stock_before(spend: np.ndarray) -> float:
    """Stock before the first week on record: as if money had always run as it did in the first weeks."""
    return float(spend[: max(first_weeks(len(spend)), 1)].mean()) if len(spend) else 0.0


def carry_over(spend: np.ndarray, carry: np.ndarray, before: np.ndarray | float = 0.0) -> np.ndarray:
    """Stock by week of weekly spend.

    Parameters
    ----------
    spend : ndarray, shape (weeks,) or (weeks, n)
    carry : ndarray, shape (n,)
        Share of the stock that is left a week later, by column.
    before : ndarray or float
        Stock left at the end of the week before the first.

    Returns
    -------
    ndarray, shape (weeks, n)

    Examples
    --------
    100 spent once at a carry-over of one half: 50 works at once, 25 a week later, and so on.

    >>> carry_over(np.array([100.0, 0.0, 0.0]), np.array([0.5]))[:, 0].tolist()
    [50.0, 25.0, 12.5]
    """
    carry = np.atleast_1d(np.asarray(carry, dtype=float))
    stock = np.broadcast_to(np.asarray(before, dtype=float), carry.shape)
    money = spend if spend.ndim == 2 else np.broadcast_to(spend[:, None], (len(spend), len(carry)))
    kept = np.empty(money.shape)
    for week, joins in enumerate((1.0 - carry) * money):
        stock = carry * stock + joins
        kept[week] = stock
    return kept


def saturate(stock: np.ndarray, half: np.ndarray | float, shape: np.ndarray | float) -> np.ndarray:
    """Share of the most that a stock brings, from 0 to 1; without a stock nothing.

    >>> saturate(np.array([0.0, 10.0, 30.0]), 10.0, 1.0).tolist()
    [0.0, 0.5, 0.75]
    """
    ratio = np.maximum(np.asarray(half, dtype=float), _LEAST) / np.maximum(stock, _LEAST)
    with np.errstate(over="ignore"):
        return np.where(stock > _LEAST, 1.0 / (1.0 + ratio**shape), 0.0)


@dataclass(frozen=True)
class Curves:
    """Responses of channels as draws: every row of an array is one draw, every column one channel.

    Attributes
    ----------
    carry, half, shape, most : ndarray, shape (draws, channels)
        Share carried over a week, half-saturation in money a week, shape, most a week.
    """

    carry: np.ndarray
    half: np.ndarray
    shape: np.ndarray
    most: np.ndarray

    def bring(self, spend: np.ndarray, channel: int, before: np.ndarray | None = None) -> np.ndarray:
        """What weekly spend of one channel brings, shape (weeks, draws)."""
        stock = carry_over(spend, self.carry[:, channel], 0.0 if before is None else before)
        share = saturate(stock, self.half[:, channel], self.shape[:, channel])
        return np.asarray(self.most[:, channel] * share)

    def stock_after(self, spend: np.ndarray, channel: int) -> np.ndarray:
        """Stock left at the end of the last week of spend, by draw."""
        return np.asarray(carry_over(spend, self.carry[:, channel], stock_before(spend))[-1])

    def caused(self, spend: np.ndarray, channel: int, without: np.ndarray) -> np.ndarray:
        """What the difference of two weekly spends brings in all, until it has faded, by draw.

        Parameters
        ----------
        spend, without : ndarray, shape (weeks,)
            As it was, and as it would have been.
        """
        tail = np.zeros(26)
        before = np.full(len(self.carry), stock_before(spend))
        with_it = self.bring(np.append(spend, tail), channel, before)
        return np.asarray((with_it - self.bring(np.append(without, tail), channel, before)).sum(axis=0))
