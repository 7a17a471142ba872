"""Levels of the dimensions, and forecasts made to agree across them.

The leaves are the base of everything the product shows: every subtotal is a sum of leaves, so tables and
draws cohere by construction. Reconciliation changes the leaves so that they also carry what forecasts
made at the higher levels know.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import sparse

__all__ = [
    "RECONCILERS",
    "Level",
    "Reconciler",
    "aggregation_matrix",
    "build_levels",
    "fit_reconciler",
]

RECONCILERS = ("bottom_up", "ols", "wls_struct", "wls_var", "mint_shrink")
_ALL_CROSSINGS = 3
_DENSE_NODES = 2000
_NO_ERROR = 1e-100
"""Variance of errors that are all zero: far below any that matters, and its inverse is still a number."""
_DENSE_PULL = 10_000_000
"""Numbers up to which the pull of nodes on leaves is one matrix; it grows with the square of the series."""


@dataclass(frozen=True)
class Level:
    """One way of grouping the leaves.

    Attributes
    ----------
    dimensions : tuple of str
        The dimensions kept; none is the total.
    codes : ndarray of int, shape (leaves,)
        Group of each leaf.
    keys : DataFrame
        One row per group.
    """

    dimensions: tuple[str, ...]
    codes: np.ndarray
    keys: pd.DataFrame


def build_levels(keys: pd.DataFrame) -> list[Level]:
    """Every distinct level above the leaves, the total first.

    All subsets of up to three dimensions, so nested and crossing dimensions are both served; of more
    dimensions the single ones and the leading ones. A subset that groups the leaves as another does
    (a region within one state each) is left out.

    >>> keys = pd.DataFrame({"state": ["a", "a", "b"], "town": ["x", "y", "z"]})
    >>> [level.dimensions for level in build_levels(keys)]
    [(), ('state',)]
    """
    names = [str(name) for name in keys.columns]
    wanted: list[tuple[str, ...]] = [()]
    if len(names) <= _ALL_CROSSINGS:
        for size in range(1, len(names)):
            wanted += list(combinations(names, size))
    else:
        wanted += [(name,) for name in names] + [tuple(names[:size]) for size in range(2, len(names))]
    levels: list[Level] = []
    seen: set[bytes] = {np.arange(len(keys)).tobytes()}
    for dimensions in wanted:
        level = _group(keys, dimensions)
        mark = pd.factorize(level.codes)[0].astype(np.int64).tobytes()
        if mark not in seen:
            seen.add(mark)
            levels.append(level)
    return levels


def _group(keys: pd.DataFrame, dimensions: tuple[str, ...]) -> Level:
    if not dimensions:
        return Level((), np.zeros(len(keys), dtype=np.int64), pd.DataFrame(index=pd.RangeIndex(1)))
    grouped = keys.groupby(list(dimensions), sort=True, observed=True)
    codes = grouped.ngroup().to_numpy()
    groups = keys[list(dimensions)].drop_duplicates().sort_values(list(dimensions)).reset_index(drop=True)
    return Level(dimensions, codes, groups)


def aggregation_matrix(levels: list[Level]) -> sparse.csr_matrix:
    """Nodes by leaves, 1 where a leaf belongs to a node; the leaves themselves not included."""
    blocks = []
    for level in levels:
        count = len(level.codes)
        blocks.append(
            sparse.csr_matrix(
                (np.ones(count), (level.codes, np.arange(count))), shape=(len(level.keys), count)
            )
        )
    return sparse.csr_matrix(sparse.vstack(blocks))


@dataclass(frozen=True)
class Reconciler:
    """A linear change of the leaves towards the forecasts of the nodes above.

    Attributes
    ----------
    method : str
        One of `RECONCILERS`.
    aggregation : csr_matrix, shape (nodes, leaves)
    pull : ndarray, shape (leaves, nodes), or (csr_matrix, ndarray)
        Change of the leaves per unit by which a node's forecast exceeds the sum of its leaves. Where it would
        be large, the two matrices whose product it is: leaves by nodes, hardly filled, and nodes by nodes.
    """

    method: str
    aggregation: sparse.csr_matrix
    pull: np.ndarray | tuple[sparse.csr_matrix, np.ndarray]

    def reconcile(self, nodes: np.ndarray, leaves: np.ndarray) -> np.ndarray:
        """Reconciled leaves; both arguments have the periods on their last axis."""
        if self.method == "bottom_up":
            return leaves
        gap = nodes - self.aggregation @ leaves
        if isinstance(self.pull, tuple):
            spread, inverse = self.pull
            return np.asarray(leaves + spread @ (inverse @ gap))
        return np.asarray(leaves + self.pull @ gap)


def fit_reconciler(method: str, aggregation: sparse.csr_matrix, errors: np.ndarray) -> Reconciler:
    """Learn how much each leaf follows each node from past errors.

    Parameters
    ----------
    method : str
        ``bottom_up``; ``ols`` (Hyndman et al. 2011, Computational Statistics and Data Analysis 55,
        2579-2589); ``wls_struct`` and ``wls_var`` (error variance by number of leaves, or as seen);
        ``mint_shrink`` (Wickramasuriya, Athanasopoulos and Hyndman 2019, Journal of the American
        Statistical Association 114, 804-819; correlations shrunk as by Schaefer and Strimmer 2005).
    aggregation : csr_matrix, shape (nodes, leaves)
    errors : ndarray, shape (observations, nodes + leaves)
        Past errors in the measure, nodes first.
    """
    count, leaves = aggregation.shape
    if method == "bottom_up":
        return Reconciler(method, aggregation, np.zeros((0, 0)))
    if method == "mint_shrink":
        covariance = shrunk_covariance(errors)
        constraint = np.hstack([np.eye(count), -aggregation.toarray()])
        cross = covariance @ constraint.T
        middle = constraint @ cross
        pull = -cross[count:] @ _inverse(middle)
        return Reconciler(method, aggregation, np.asarray(pull))
    if method == "ols":
        variance = np.ones(count + leaves)
    elif method == "wls_struct":
        variance = np.concatenate([np.asarray(aggregation.sum(axis=1)).ravel(), np.ones(leaves)])
    else:
        variance = (errors**2).mean(axis=0)
        variance = np.maximum(variance, 1e-9 * max(float(variance.mean()), _NO_ERROR))
    own = sparse.diags(variance[count:])
    cross_leaf = own @ aggregation.T
    middle = np.asarray((aggregation @ own @ aggregation.T).toarray()) + np.diag(variance[:count])
    inverse = _inverse(middle)
    if leaves * count > _DENSE_PULL:
        return Reconciler(method, aggregation, (sparse.csr_matrix(cross_leaf), inverse))
    return Reconciler(method, aggregation, np.asarray(cross_leaf.toarray()) @ inverse)


def _inverse(middle: np.ndarray) -> np.ndarray:
    """Inverse of a covariance, a trace of its mean variance added where it is near singular."""
    size = len(middle)
    ridge = 1e-8 * np.trace(middle) / max(size, 1)
    return np.asarray(np.linalg.inv(middle + ridge * np.eye(size)))


def shrunk_covariance(errors: np.ndarray) -> np.ndarray:
    """Second moments with correlations shrunk towards none (Schaefer and Strimmer 2005)."""
    count = len(errors)
    size = np.sqrt(np.maximum((errors**2).mean(axis=0), _NO_ERROR))
    standard = errors / size
    correlation = standard.T @ standard / count
    squares = (standard**2).T @ (standard**2) / count
    variance = np.maximum(squares - correlation**2, 0.0) / max(count - 1, 1)
    away = ~np.eye(len(size), dtype=bool)
    total = float((correlation[away] ** 2).sum())
    share = 1.0 if total <= 0 else float(np.clip(variance[away].sum() / total, 0.0, 1.0))
    shrunk = correlation * (1 - share)
    np.fill_diagonal(shrunk, 1.0)
    return np.asarray(shrunk * size[:, None] * size[None, :])


def affordable_reconcilers(nodes: int, leaves: int, periods: int) -> tuple[str, ...]:
    """Methods that the past can bear: full covariances need more distinct periods than nodes and leaves.

    Errors of overlapping origins are not further observations: with fewer periods correlations are chance,
    and a backtest on the same stretch of time does not show it.
    """
    dense = nodes + leaves < min(_DENSE_NODES, periods)
    return RECONCILERS if dense else RECONCILERS[:-1]
