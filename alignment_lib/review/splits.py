"""Exact splits of a difference among its factors: order-free, sign-flipping, additive over cells.

Products are split by the additive logarithmic-mean Divisia index (LMDI-I: Ang 2005, Energy Policy 33,
871, eq. 3-6): factor f of ``V = f1 f2 …`` contributes ``L(V1, V0) ln(f1 / f0)``. Zeros follow the limits of
Ang and Liu (2007, Energy Policy 35, 238): the whole change belongs to the factors that are zero.
"""

from __future__ import annotations

import numpy as np

from alignment_lib.planning.plan.bridge import log_mean

__all__ = ["split_factors", "split_two_blocks"]

_CANCELLED = 1e-2


def split_factors(reference: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Split the change of each cell's product among its factors.

    Parameters
    ----------
    reference, actual : ndarray, shape (cells, factors)
        Not negative. A factor that is not known on one side (NaN, as a win rate without leads) is taken as
        unchanged; known on neither it is 1.

    Returns
    -------
    ndarray, shape (cells, factors)
        Contributions; each row sums to the product of `actual` less that of `reference`.

    Examples
    --------
    Ten leads at 20 % become twenty at 10 %: plus ``2 ln 2`` from leads, minus ``2 ln 2`` from the rate.

    >>> split_factors(np.array([[10.0, 0.2]]), np.array([[20.0, 0.1]])).round(4).tolist()
    [[1.3863, -1.3863]]
    """
    before = np.asarray(reference, dtype=float)
    after = np.asarray(actual, dtype=float)
    first = np.where(np.isnan(before), np.where(np.isnan(after), 1.0, after), before)
    second = np.where(np.isnan(after), first, after)
    start, end = first.prod(axis=1), second.prod(axis=1)
    positive = (first > 0) & (second > 0)
    ratio = np.log(np.where(positive, second, 1.0)) - np.log(np.where(positive, first, 1.0))
    # One product is zero: its zero factors that are not zero on the other side carry the whole change.
    blame = np.where(start[:, None] == 0, first == 0, second == 0) & (first != second)
    parts = np.where(blame.any(axis=1, keepdims=True), blame, ratio)
    whole = parts.sum(axis=1, keepdims=True)
    # L(V1, V0) is (V1 - V0) over the sum of the logarithms; where these cancel, the mean itself is safer.
    apart = np.abs(whole) > _CANCELLED
    shared = (end - start)[:, None] * parts / np.where(apart, whole, 1.0)
    return np.asarray(np.where(apart, shared, log_mean(end, start)[:, None] * ratio))


def split_two_blocks(
    neither: np.ndarray, first_only: np.ndarray, second_only: np.ndarray, both: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shapley value of two blocks: the mean of each block's change in both orders.

    Shorrocks (2013, Journal of Economic Inequality 11, 99). In the linear case this is Oaxaca-Blinder with
    equal weights on both groups' coefficients (Reimers 1983).

    Parameters
    ----------
    neither, first_only, second_only, both : ndarray
        The result with both blocks as before, with the first or the second alone as after, with both.

    Examples
    --------
    >>> split_two_blocks(np.array(10.0), np.array(16.0), np.array(12.0), np.array(20.0))
    (np.float64(7.0), np.float64(3.0))
    """
    first = ((first_only - neither) + (both - second_only)) / 2.0
    second = ((second_only - neither) + (both - first_only)) / 2.0
    return first, second
