"""Who exchanges volume with whom: the partners of a claim, matched within the same surroundings.

What a product takes from another in the web shop comes off that other product in the web shop. Who changes
the place takes the product along: where the other place sells it under another heading, such as a type of
sale, it goes there. Only where a surrounding has no partner of that name is the volume exchanged with the
partners elsewhere; a shift of buying habits to a place that does not sell a product leaves it where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from alignment_lib.forecasting.effects.drivers.panel import product_dimension
from alignment_lib.planning.plan.grid import PlanGrid, value_rows
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Exchange", "lay_out_exchanges", "sold_at_the_other_end"]


@dataclass(frozen=True)
class Exchange:
    """Partners of some of a claim's series.

    Attributes
    ----------
    sources : ndarray of int, shape (n,)
        Positions among the claim's series.
    gather : sparse matrix, shape (groups, n)
        1 where the source belongs to the group.
    partners : ndarray of int, shape (m,)
        Rows of the grid, each once.
    group : ndarray of int, shape (m,)
        Each partner's group.
    split : ndarray, shape (m, periods)
        Each partner's part of its group: by baseline, equal where the group sells nothing.
    source_price, partner_price : ndarray, shape (n, 1) and (m, 1)
        What a unit fetches: where the plan is in money buyers move, not money, and spend what their new
        choice costs. Ones where the plan counts units, or a price is not known.
    """

    sources: np.ndarray
    gather: sparse.csr_matrix
    partners: np.ndarray
    group: np.ndarray
    split: np.ndarray
    source_price: np.ndarray
    partner_price: np.ndarray


def lay_out_exchanges(
    grid: PlanGrid, row: Assumption, series: np.ndarray, names: Sequence[str]
) -> tuple[Exchange, ...]:
    """Match every series of a claim with its partners.

    Parameters
    ----------
    grid : PlanGrid
        Series and baseline.
    row : Assumption
        Gives the scope; the dimension in which a partner is named does not limit.
    series : ndarray of int
        Rows of the grid the claim acts on; none of them is its own partner.
    names : sequence of str
        Partners' names in any dimension.

    Returns
    -------
    tuple of Exchange
        One for series with a partner in their own surroundings, one for those whose product the partners
        sell, one for the rest; empty where there are no partners at all.
    """
    partners = np.setdiff1d(value_rows(grid, names, row.scope), series) if names else np.array([], int)
    if not len(partners) or not len(series):
        return ()
    others, product = _other_dimensions(grid, names)
    result, left = [], np.arange(len(series))
    for shared in [others, *([[product]] if product else []), []]:
        if not len(left):
            break
        source_group, partner_group = _surroundings(grid, shared, series[left], partners)
        matched, near = np.isin(source_group, partner_group), np.isin(partner_group, source_group)
        if matched.any():
            at = left[matched]
            known = _prices(grid, series[at], partners[near])
            exchange = _exchange(grid, at, source_group[matched], partners[near], partner_group[near], known)
            result.append(exchange)
        left = left[~matched]
    return tuple(result)


def sold_at_the_other_end(
    grid: PlanGrid, row: Assumption, series: np.ndarray, names: Sequence[str]
) -> np.ndarray:
    """The series of a shift whose product is sold where its buyers go, or come from.

    Buyers who turn to another place keep buying where they were what that place does not sell. All series
    where no partner is named, or where it is a product that buyers turn to.

    Parameters
    ----------
    grid, row, series, names
        As for `lay_out_exchanges`.
    """
    product = _other_dimensions(grid, names)[1]
    partners = np.setdiff1d(value_rows(grid, names, row.scope), series) if names else np.array([], int)
    if not product or not len(partners):
        return series
    selling = partners[(grid.baseline[partners] > 0).any(axis=1)]
    codes = pd.factorize(grid.keys[product])[0]
    return series[np.isin(codes[series], codes[selling])]


def _other_dimensions(grid: PlanGrid, names: Sequence[str]) -> tuple[list[str], str]:
    """Dimensions in which partners are not named, and the one of products among them; blank if it is not."""
    others = [name for name in grid.dimensions if not grid.keys[name].isin(list(names)).any()]
    product = product_dimension(grid.keys) if len(grid.dimensions) else ""
    return others, product if product in others and len(others) < len(grid.dimensions) else ""


def _surroundings(
    grid: PlanGrid, others: Sequence[str], series: np.ndarray, partners: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if not others:
        return np.zeros(len(series), dtype=int), np.zeros(len(partners), dtype=int)
    codes = grid.keys[list(others)].groupby(list(others), sort=True, observed=True).ngroup().to_numpy()
    return codes[series], codes[partners]


def _prices(grid: PlanGrid, sources: np.ndarray, partners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a unit of each source and partner fetches; ones unless all of them are known."""
    if grid.unit_price is not None:
        both = grid.unit_price[sources][:, None], grid.unit_price[partners][:, None]
        if all((prices > 0).all() for prices in both):
            return both
    return np.ones((len(sources), 1)), np.ones((len(partners), 1))


def _exchange(
    grid: PlanGrid,
    sources: np.ndarray,
    group: np.ndarray,
    partners: np.ndarray,
    partner_group: np.ndarray,
    prices: tuple[np.ndarray, np.ndarray],
) -> Exchange:
    names, code = np.unique(group, return_inverse=True)
    partner_code = np.searchsorted(names, partner_group)
    count = len(names)
    gather = sparse.csr_matrix(
        (np.ones(len(sources)), (code, np.arange(len(sources)))), shape=(count, len(sources))
    )
    collect = sparse.csr_matrix(
        (np.ones(len(partners)), (partner_code, np.arange(len(partners)))), shape=(count, len(partners))
    )
    size = np.maximum(grid.baseline[partners], 0.0) / prices[1]
    total = (collect @ size)[partner_code]
    members = np.asarray(collect.sum(axis=1)).ravel()[partner_code][:, None]
    split = np.where(total > 0, size / np.where(total > 0, total, 1.0), 1.0 / members)
    return Exchange(sources, gather, partners, partner_code, np.asarray(split), *prices)
