"""The bridge from baseline to plan: exact, order-free, additive over any level.

Multiplicative factors are split by the additive logarithmic-mean Divisia index (LMDI-I): a factor f of
``P = B * f1 * f2 * …`` contributes ``L(P, B) * ln f`` where ``L(a, b) = (a - b) / ln(a / b)`` and
``L(a, a) = a``. Contributions add up to P - B whatever the order of the factors (Ang 2005, Energy
Policy 33, eq. 3-6; zeros by the limits of Ang and Liu 2007, Energy Policy 35).

Factors are carried as logarithms. With x the sum of all logarithms of a cell, ``P = B * exp(x)`` and
``L(P, B) = B * (exp(x) - 1) / x``, so neither a quotient nor a logarithm of sales is ever taken.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["Block", "add_block", "dense", "log_mean", "split_logs"]

Block = tuple[np.ndarray, np.ndarray]
"""Rows of the plan's grid, and values for them: shape (rows,) and (rows, periods)."""

_CLOSE = 1e-4
_TINY = 1e-12


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


def dense(block: Block, shape: tuple[int, ...]) -> np.ndarray:
    """A block spread over the whole grid, zero elsewhere."""
    rows, values = block
    if len(rows) == shape[0]:
        return np.array(np.broadcast_to(values, shape))
    full = np.zeros(shape)
    full[rows] = values
    return full


def add_block(total: np.ndarray, block: Block) -> None:
    """Add a block to an array of the whole grid, in place."""
    rows, values = block
    if len(rows) == len(total):
        total += values
    else:
        total[rows] += values


def split_logs(start: np.ndarray, logs: Sequence[Block]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Multiply `start` by factors given as logarithms and split the change among them.

    Parameters
    ----------
    start : ndarray, shape (series, periods)
        The baseline.
    logs : sequence of (rows, block)
        Natural logarithms of each factor over the rows it concerns, shape (rows, periods) or
        (1, periods) where all rows share them; ``-inf`` where the factor is zero.

    Returns
    -------
    product : ndarray, shape (series, periods)
    effects : list of ndarray, shape (rows, periods) each
        Contributions, whose sum is ``product - start`` up to rounding.

    Notes
    -----
    Where factors are zero the product is zero and the whole loss belongs to them, in equal parts: the
    limit of the index as those factors go to zero together (their logarithms dominate all others).
    """
    total, zeros = np.zeros(start.shape), None
    for rows, block in logs:
        add_block(total, (rows, block))
    if np.isneginf(total).any():
        zeros = _count_zeros(start.shape, logs)
        total = np.zeros(start.shape)
        for rows, block in logs:
            add_block(total, (rows, np.where(np.isneginf(block), 0.0, block)))
    product, growth = start * np.exp(total), start * np.expm1(total)
    weight = np.divide(growth, total, out=start.copy(), where=np.abs(total) > _TINY)
    if zeros is None:
        return product, [_scaled(weight, rows, block) for rows, block in logs]
    lost = np.where(zeros > 0, -start / np.maximum(zeros, 1), 0.0)
    weight[zeros > 0] = 0.0
    effects = []
    for rows, block in logs:
        gone = np.isneginf(block)
        effects.append(np.where(gone, lost[rows], weight[rows] * np.where(gone, 0.0, block)))
    return np.where(zeros > 0, 0.0, product), effects


def _scaled(weight: np.ndarray, rows: np.ndarray, block: np.ndarray) -> np.ndarray:
    return np.asarray((weight if len(rows) == len(weight) else weight[rows]) * block)


def _count_zeros(shape: tuple[int, ...], logs: Sequence[Block]) -> np.ndarray:
    """How many factors are zero, cell by cell."""
    zeros = np.zeros(shape, dtype=int)
    for rows, block in logs:
        zeros[rows] += np.isneginf(block)
    return zeros
