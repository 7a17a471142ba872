"""The bridge from baseline to plan: exact, order-free, additive over any level.

Multiplicative factors are split by the additive logarithmic-mean Divisia index (LMDI-I): a factor f of
``P = B * f1 * f2 * …`` contributes ``L(P, B) * ln f`` where ``L(a, b) = (a - b) / ln(a / b)`` and
``L(a, a) = a``. Contributions add up to P - B whatever the order of the factors (Ang 2005, Energy
Policy 33, eq. 3-6; zeros by the limits of Ang and Liu 2007, Energy Policy 35).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["Block", "log_mean", "split_product"]

Block = tuple[np.ndarray, np.ndarray]
"""Rows of the plan's grid, and values for them: shape (rows,) and (rows, periods)."""

_CLOSE = 1e-4


def log_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Logarithmic mean of two arrays of equal sign; 0 where either is 0 (the limit).

    Near a = b the quotient loses digits, so a series in the relative difference is used there.

    Examples
    --------
    >>> log_mean(np.array([4.0, 2.0, 0.0]), np.array([1.0, 2.0, 5.0])).round(6)
    array([2.164043, 2.      , 0.      ])
    """
    a, b = np.broadcast_arrays(np.asarray(a, dtype=float), np.asarray(b, dtype=float))
    defined = a * np.sign(b) > 0
    size_a = np.where(defined, np.abs(a), 1.0)
    size_b = np.where(defined, np.abs(b), 1.0)
    x = np.log(size_a) - np.log(size_b)
    near = np.abs(x) < _CLOSE
    # (a - b) / ln(a / b) = sqrt(ab) * sinh(x/2) / (x/2) with x = ln(a / b).
    half = np.where(near, 1.0, x / 2)
    ratio = np.where(near, 1.0 + x**2 / 24.0, np.sinh(half) / half)
    return np.where(defined, np.sign(b) * np.sqrt(size_a) * np.sqrt(size_b) * ratio, 0.0)


def split_product(start: np.ndarray, factors: Sequence[Block]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Multiply `start` by every factor and split the change among them.

    Parameters
    ----------
    start : ndarray, shape (series, periods)
        The baseline.
    factors : sequence of (rows, block)
        Each factor as the rows it concerns and its multipliers there, shape (rows, periods), not
        negative; elsewhere it is 1.

    Returns
    -------
    product : ndarray, shape (series, periods)
        ``start`` times all factors.
    effects : list of ndarray, shape (rows, periods) each
        Contributions, whose sum is ``product - start`` up to rounding.

    Notes
    -----
    Where factors are zero the product is zero and the whole loss belongs to them, in equal parts: the
    limit of the index as those factors go to zero together (their logarithms dominate all others).

    Examples
    --------
    >>> both = np.array([0])
    >>> up, down = (both, np.array([[1.1]])), (both, np.array([[0.8]]))
    >>> product, effects = split_product(np.array([[100.0]]), [up, down])
    >>> product.round(6), [effect.round(3).tolist() for effect in effects]
    (array([[88.]]), [[[8.947]], [[-20.947]]])
    """
    product = start.copy()
    zeros = np.zeros(start.shape, dtype=int)
    for rows, block in factors:
        product[rows] *= block
        zeros[rows] += block == 0
    weight = log_mean(product, start)
    effects = []
    for rows, block in factors:
        zero = block == 0
        effect = weight[rows] * np.log(np.where(zero, 1.0, block))
        lost = np.where(zero, -start[rows] / np.maximum(zeros[rows], 1), 0.0)
        effects.append(np.where(zeros[rows] > 0, lost, effect))
    return product, effects
