"""Who moved the result: actual against plan or last year, by type of sale, funnel stage and cause.

Each view adds up to the difference it explains; the by-cause view of new sales is a second page with the
same total as the funnel view, never added to it. Owners are functions, not people.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.planning.plan.bridge import log_mean
from alignment_lib.review.causes import MARKET
from alignment_lib.review.closed_story import STORY, reconcile
from alignment_lib.review.funnel_variance import split_by_funnel

__all__ = ["CAUSES", "REST", "UNMEASURED", "Variance", "split_by_cause", "split_variance"]

REST = "not explained"
"""Bar of what no other cause explains; the market is in it as far as no indicator speaks of it."""
UNMEASURED = "not measured"
"""Confidence of a bar that the data cannot tell."""
CAUSES = {
    MARKET: ("outside", "estimated"),
    "price": ("marketing", "estimated"),
    "promotion": ("marketing", "estimated"),
    "launch": ("marketing", "measured"),
    "mix": ("marketing and sales", "measured"),
    REST: ("marketing and sales", "remainder"),
}
"""Owner function and confidence of each cause."""

_MOVED = ("price", "promotion", MARKET)
"""Causes whose part of the volume the effect methods tell."""
_COLUMNS = [
    *("view", "sale_type", "source", "bar", "effect", "reference", "actual", "owner_function", "confidence"),
    *("standard_error", "units_reference", "units_actual"),
]


@dataclass(frozen=True)
class Variance:
    """A difference explained.

    Attributes
    ----------
    table : DataFrame
        ``view`` (``type``, ``funnel``, ``cause``, ``new by cause``, `STORY`), ``sale_type, source`` (blank:
        all), ``bar, effect, reference, actual`` (totals of the sale type), ``owner_function, confidence``
        (``measured``, ``estimated``, ``remainder``, ``not measured``), ``standard_error`` (NaN where none
        is known). View ``type`` sums to the whole; ``funnel`` and ``cause`` together do too; ``new by
        cause`` equals ``funnel``.
    reference_name : str
        What actual is compared with, such as ``plan`` or ``last year``.
    notices : tuple of Notice
        What could not be told apart.
    """

    table: pd.DataFrame
    reference_name: str
    notices: tuple[Notice, ...] = ()

    @property
    def total(self) -> float:
        """Actual less reference."""
        return float(self.table.loc[self.table["view"] == "type", "effect"].sum())


def split_variance(
    actual: pd.DataFrame,
    reference: pd.DataFrame,
    dimensions: Sequence[str],
    reference_name: str = "plan",
    sale_type: str | None = None,
    new_types: Sequence[str] = ("new",),
    actual_factors: pd.DataFrame | None = None,
    reference_factors: pd.DataFrame | None = None,
    effects: pd.DataFrame | None = None,
    launches: pd.DataFrame | None = None,
    product: str | None = None,
    prices: pd.DataFrame | None = None,
    unmeasured: Collection[str] = (),
) -> Variance:
    """Split actual less reference: by type of sale, new sales by funnel, the others by cause.

    Parameters
    ----------
    actual, reference : DataFrame
        ``period``, the dimensions, ``units`` and ``revenue``; only one of the two where no price is known
        (price and mix then stay empty). Rows of the same cell are added up.
    dimensions : sequence of str
        Columns that name a series.
    sale_type : str, optional
        The dimension that says new, repeat, upsell, cross-sell; without it all sales are one type.
    actual_factors, reference_factors : DataFrame, optional
        Of the new sales with a lead, by source (`funnel_factors`, `reference_factors`), in money.
    effects : DataFrame, optional
        ``period``, dimensions, ``cause`` (``price``, ``promotion`` or `MARKET`), ``actual, reference`` in the
        measure explained (revenue where given) and ``standard_error``: what each cause brought on either
        side, by the effect methods.
    launches : DataFrame, optional
        Dimension values of products or channels launched: all of their change is the launch's.
    product : str, optional
        The dimension across which units must not be added (machines and beans): volume is then each
        product's own, and mix the shift among its channels. Without it volume is all units together.
    prices : DataFrame, optional
        `price_changes`; without it the change of a series' average price is its price's.
    unmeasured : collection of str
        Bars that the data cannot tell: marked so, their part being in what is not explained.
    """
    notices: list[Notice] = []
    cells = _cells(actual, reference, dimensions, notices)
    kinds = cells[sale_type].astype(str) if sale_type else pd.Series("all", index=cells.index)
    totals = cells.groupby(kinds)[["value_0", "value_1"]].sum()
    parts = [_by_type(totals)]
    within = [name for name in (sale_type, product) if name]
    shares = _type_shares(totals, new_types)
    causes = split_by_cause(cells, dimensions, effects, launches, within, prices).assign(sale_type=kinds)
    for name in totals.index:
        start, end = totals.loc[name, "value_0"], totals.loc[name, "value_1"]
        by_cause = _cause_rows(causes[causes["sale_type"] == name], str(name), start, end)
        if name not in new_types or actual_factors is None or reference_factors is None:
            parts.append(by_cause.assign(view="cause"))
        else:
            parts.append(by_cause.assign(view="new by cause"))
            sides = _of_type(actual_factors, shares[1][name]), _of_type(reference_factors, shares[0][name])
            rows, found = split_by_funnel(*sides, float(end), float(start))
            notices += found
            parts.append(rows.assign(view="funnel", sale_type=name, reference=start, actual=end))
    if effects is None:
        text = "Effects of prices and promotions are not given: what they moved is not explained."
        notices.append(Notice("no_effects", text))
    if sale_type is None:
        notices.append(Notice("no_sale_type", "No dimension says the type of sale: all sales are one type."))
    story = reconcile(cells, dimensions, prices).assign(view=STORY, sale_type="all", confidence="measured")
    parts += [story.assign(owner_function="marketing and sales")] if len(story) else []
    table = pd.concat(parts, ignore_index=True).reindex(columns=_COLUMNS)
    table["source"] = table["source"].fillna("")
    table, said = _with_unmeasured(table, unmeasured)
    notices += said
    return Variance(table, reference_name, tuple(notices))


def _with_unmeasured(table: pd.DataFrame, bars: Collection[str]) -> tuple[pd.DataFrame, list[Notice]]:
    """Bars that the data cannot tell are marked; one that has a part all the same was told another way."""
    named = [
        bar for bar in dict.fromkeys(table["bar"]) if bar in set(bars) and table["view"].ne("type").any()
    ]
    silent = [bar for bar in named if not (table.loc[table["bar"] == bar, "effect"] != 0).any()]
    if not silent:
        return table, []
    at = table["bar"].isin(silent) & (table["view"] != "type")
    text = f"Not measured, and so without a part of their own: {', '.join(silent)}."
    return table.assign(confidence=table["confidence"].mask(at, UNMEASURED)), [
        Notice("not_measured", text, len(silent))
    ]


def _cells(
    actual: pd.DataFrame, reference: pd.DataFrame, dimensions: Sequence[str], notices: list[Notice]
) -> pd.DataFrame:
    """One row per period and series with units and value on either side."""
    keys = ["period", *dimensions]
    sides = []
    for number, frame in enumerate((reference, actual)):
        units = frame["units"] if "units" in frame else pd.Series(np.nan, index=frame.index)
        value = frame.get("revenue", units)
        side = frame[keys].assign(units=units, value=value)
        summed = side.groupby(keys, sort=True, observed=True)[["units", "value"]].sum(min_count=1)
        sides.append(summed.add_suffix(f"_{number}"))
    cells = pd.concat(sides, axis=1).sort_index().reset_index()
    alone = cells["value_0"].isna() | cells["value_1"].isna()
    if alone.any():
        text = "Cells with sales on one side only; their whole change is launch or mix."
        notices.append(Notice("one_sided_cells", text, int(alone.sum())))
    cells[["value_0", "value_1"]] = cells[["value_0", "value_1"]].fillna(0.0)
    return cells


def _type_shares(totals: pd.DataFrame, types: Sequence[str]) -> list[pd.Series]:
    """Each type's share of the sales that leads bring, on either side: leads do not say which they become."""
    inside = totals[totals.index.isin(list(types))]
    return [inside[side] / (inside[side].sum() or 1.0) for side in ("value_0", "value_1")]


def _of_type(factors: pd.DataFrame, share: float) -> pd.DataFrame:
    return factors.assign(leads=factors["leads"] * share, value=factors["value"] * share)


def _by_type(totals: pd.DataFrame) -> pd.DataFrame:
    rows = pd.DataFrame({"sale_type": totals.index.astype(str), "bar": totals.index.astype(str)})
    rows["effect"] = (totals["value_1"] - totals["value_0"]).to_numpy()
    rows["reference"], rows["actual"] = totals["value_0"].to_numpy(), totals["value_1"].to_numpy()
    return rows.assign(view="type", owner_function="marketing and sales", confidence="measured")


def split_by_cause(
    cells: pd.DataFrame,
    dimensions: Sequence[str],
    effects: pd.DataFrame | None = None,
    launches: pd.DataFrame | None = None,
    within: Sequence[str] = (),
    prices: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Contribution of each cause in every cell.

    Within a period and `within` the value is total units x share of units x price: LMDI gives volume, mix and
    price. Launched products and cells with sales on one side only stand apart (launch, or mix). The change of
    the volume that the effect methods lay to promotions, prices and market indicators moves to those; the
    rest of the volume is not explained. What promotions took off the price is the promotion's; what moves the
    average price of a series without any price having changed (sales in other weeks) is mix.

    Parameters
    ----------
    cells : DataFrame
        ``period``, dimensions, ``units_0, units_1, value_0, value_1``.
    within : sequence of str
        Dimensions (type of sale, product) inside which units are added up.
    prices : DataFrame, optional
        `price_changes`.

    Returns
    -------
    DataFrame, index of `cells`
        One column a cause of `CAUSES`, and ``<cause>_error`` of those estimated; the causes sum to
        ``value_1 - value_0``.
    """
    change = cells["value_1"] - cells["value_0"]
    launched = _launched(cells, launches)
    units = cells[["units_0", "units_1"]].to_numpy(dtype=float)
    value = cells[["value_0", "value_1"]].to_numpy(dtype=float)
    usable = (np.nan_to_num(units) > 0).all(axis=1) & (value > 0).all(axis=1) & ~launched
    priced = np.isfinite(units).all(axis=1)
    result = pd.DataFrame(0.0, index=cells.index, columns=[*CAUSES, *(f"{name}_error" for name in _MOVED)])
    result.loc[launched, "launch"] = change[launched]
    other = ~launched & ~usable
    one_sided = other & priced
    result.loc[one_sided, "mix"] = change[one_sided]
    result.loc[other & ~priced, REST] = change[other & ~priced]
    weight = log_mean(value[:, 1], value[:, 0])[usable]
    totals = cells[usable].groupby(["period", *within])[["units_0", "units_1"]].transform("sum")
    volume = np.log((totals["units_1"] / totals["units_0"]).to_numpy())
    own = np.log(units[usable, 1] / units[usable, 0])
    result.loc[usable, REST] = weight * volume
    implied = np.log(value[usable, 1] / value[usable, 0]) - own
    price, discount = _price_logs(cells[usable], dimensions, prices, implied)
    result.loc[usable, "promotion"] = weight * discount
    result.loc[usable, "price"] = weight * (price - discount)
    result.loc[usable, "mix"] = change[usable].to_numpy() - weight * (volume + price)
    return _with_effects(result, cells, dimensions, effects, launched)


def _launched(cells: pd.DataFrame, launches: pd.DataFrame | None) -> np.ndarray:
    found = np.zeros(len(cells), dtype=bool)
    for row in [] if launches is None else launches.to_dict("records"):
        match = np.ones(len(cells), dtype=bool)
        for name, value in row.items():
            if name in cells and value:
                match &= (cells[str(name)] == value).to_numpy()
        found |= match
    return found


def _price_logs(
    cells: pd.DataFrame, dimensions: Sequence[str], prices: pd.DataFrame | None, implied: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log change of each cell's price, and the promotions' part; `implied` by its average where unknown."""
    if prices is None or not len(prices):
        return implied, np.zeros(len(cells))
    keys = cells[list(dimensions)].astype(str)
    found = keys.merge(prices, on=list(dimensions), how="left", validate="many_to_one")
    price = found["price_log"].to_numpy(dtype=float)
    return np.where(np.isfinite(price), price, implied), found["discount_log"].fillna(0.0).to_numpy(
        dtype=float
    )


def _with_effects(
    result: pd.DataFrame,
    cells: pd.DataFrame,
    dimensions: Sequence[str],
    effects: pd.DataFrame | None,
    launched: np.ndarray,
) -> pd.DataFrame:
    """Move what promotions, prices and market indicators did to volume out of what is not explained."""
    if effects is None or not len(effects):
        return result
    keys = ["period", *dimensions]
    for cause in _MOVED:
        rows = effects[effects["cause"] == cause]
        moved = rows.assign(
            moved=rows["actual"] - rows["reference"], square=rows["standard_error"].fillna(0.0) ** 2
        )
        sums = moved.groupby(keys, observed=True)[["moved", "square"]].sum().reset_index()
        merged = cells[keys].merge(sums, on=keys, how="left")
        shift = np.where(launched, 0.0, merged["moved"].fillna(0.0).to_numpy())
        result[cause] += shift
        result[REST] -= shift
        result[f"{cause}_error"] = np.sqrt(merged["square"].fillna(0.0).to_numpy())
    return result


def _cause_rows(causes: pd.DataFrame, name: str, start: float, end: float) -> pd.DataFrame:
    rows = []
    for cause, (owner, confidence) in CAUSES.items():
        error = float(np.sqrt((causes[f"{cause}_error"] ** 2).sum())) if f"{cause}_error" in causes else 0.0
        row = {"bar": cause, "effect": float(causes[cause].sum()), "owner_function": owner}
        rows.append({**row, "confidence": confidence, "standard_error": error or float("nan")})
    return pd.DataFrame(rows).assign(sale_type=name, source="", reference=start, actual=end)
