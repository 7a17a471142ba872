"""A closed cycle set against its plan and against the year before."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from alignment_lib.forecasting.effects.drivers.panel import product_dimension
from alignment_lib.funnel.factors import funnel_factors
from alignment_lib.funnel.lead_sales import NEW
from alignment_lib.funnel.requirements import reference_factors
from alignment_lib.inputs.snapshots import Snapshot
from alignment_lib.review.cause_values import value_causes
from alignment_lib.review.causes import (
    MARKET,
    MeasuredDrivers,
    causes_against_plan,
    causes_against_year_before,
)
from alignment_lib.review.counterfactuals import Span
from alignment_lib.review.discounts import paid_share, planned_promotions, price_changes
from alignment_lib.review.funnel_variance import BARS
from alignment_lib.review.moved import PricesOfSpan, price_per_unit
from alignment_lib.review.variance import Variance, split_variance
from alignment_lib.rounds.preparing.known_round import KnownRound
from alignment_lib.rounds.preparing.measured_funnel import MeasuredFunnel

__all__ = ["Comparing", "driver_kinds", "planned_funnel"]

_LAUNCHES = ("new_product", "new_channel")


def driver_kinds(seen: KnownRound) -> dict[str, str]:
    """Kind of each driver column."""
    drivers = seen.workspace.settings.drivers
    return {name: str(column.kind) for name, column in drivers.columns.items()} if drivers else {}


@dataclass(frozen=True)
class Comparing:
    """What both comparisons share: the closed cycle's sales, leads, measured drivers and plan."""

    seen: KnownRound
    sales: pd.DataFrame
    periods: pd.DatetimeIndex
    span: Span
    published: Snapshot | None
    funnel: MeasuredFunnel | None
    drivers: MeasuredDrivers | None

    @property
    def actual(self) -> pd.DataFrame:
        """Sales of the cycle."""
        return self._sold_in(list(self.periods)).reset_index(drop=True)

    def _sold_in(self, periods: list[pd.Timestamp]) -> pd.DataFrame:
        """Sales of some periods, dimensions as text: of these rows only, for a history may have millions."""
        rows = self.sales[self.sales["period"].isin(periods)]
        return rows.assign(**{name: rows[name].astype(str) for name in self.seen.dimensions})

    @property
    def product(self) -> str | None:
        """The dimension across whose members units may not be added; None where they may."""
        return self._product(self._sale_type())

    def plans(self) -> list[pd.DataFrame]:
        """The plan of the cycle, where one was published."""
        return [] if self.published is None else [self.published.read("plan")]

    def variances(self) -> tuple[Variance, ...]:
        """Against the plan, then against the year before, as far as these are known."""
        if not len(self.periods):
            return ()
        found = [self._against_plan(), self._against_year_before()]
        return tuple(one for one in found if one is not None)

    def _against_plan(self) -> Variance | None:
        if self.published is None:
            return None
        scenario = str(self.published.manifest["scenario"])
        plan = self.published.read("plan")
        rows = plan[(plan["scenario"] == scenario) & plan["period"].isin(self.periods)]
        measure = self.seen.history.measure
        columns = ["period", *self.seen.dimensions, "plan"]
        reference = rows[columns].rename(columns={"plan": measure})
        if measure == "units" and "revenue" in rows:
            reference["revenue"] = rows["revenue"]
        effects, promoted = None, None
        if self.drivers is not None:
            bridge = self.published.read("bridge")
            bridge, register = bridge[bridge["scenario"] == scenario], self.published.read("assumptions")
            kinds = driver_kinds(self.seen)
            calendar = self.published.read("promotions") if self.published.has("promotions") else None
            prices, known = self._prices(reference), self._known_ahead()
            effects = causes_against_plan(
                self.drivers, self.periods, bridge, register, kinds, prices, known, calendar
            )
            promoted = planned_promotions(bridge, register, kinds, self.drivers.dimensions)
        factors = None
        if self.published.has("funnel"):
            factors = reference_factors(planned_funnel(self.published.read("funnel")), *self.span)
        return self._split(reference, "plan", effects, factors, self._price_changes(reference, promoted))

    def _known_ahead(self) -> list[str]:
        """Market drivers whose values the plan knew."""
        drivers = self.seen.workspace.settings.drivers
        return [name for name, column in drivers.columns.items() if column.known] if drivers else []

    def _prices(self, reference: pd.DataFrame) -> PricesOfSpan | None:
        """Planned price and price paid of every cell; None where the plan knew none."""
        if self.drivers is None or not {"units", "revenue"} <= set(reference):
            return None
        names = self.drivers.dimensions
        planned = price_per_unit(reference, names)
        actual = self.actual
        paid = price_per_unit(actual, names) if {"units", "revenue"} <= set(actual) else None
        paid = self.drivers.calendar_prices(self.periods) if paid is None else paid
        return PricesOfSpan(planned, paid) if paid is not None and len(planned) else None

    def _against_year_before(self) -> Variance | None:
        calendar = self.seen.workspace.calendar
        moved = {calendar.shift(day, -calendar.season): day for day in self.periods}
        reference = self._sold_in(list(moved))
        if reference["period"].nunique() < len(self.periods):
            return None
        reference = reference.assign(period=reference["period"].map(moved))
        effects, promoted = None, None
        if self.drivers is not None:
            effects = causes_against_year_before(self.drivers, self.periods, calendar.season)
            promoted = self.drivers.promoted_cells(self.periods, calendar.season)
        prices = self._price_changes(reference, promoted, calendar.season)
        return self._split(reference, "the year before", effects, self.factors(self.year_before), prices)

    def _price_changes(
        self, reference: pd.DataFrame, promoted: pd.DataFrame | None, back: int = 0
    ) -> pd.DataFrame | None:
        """What became of prices, and the promotions' part of it; None where prices are unknown.

        The plan is set against the list price that then stood, the year before against its own.
        """
        actual, names = self.actual, list(self.seen.dimensions)
        if not all({"units", "revenue"} <= set(side) for side in (reference, actual)):
            return None
        if self.drivers is None or promoted is None:
            return price_changes(reference, actual, names)
        now = self.drivers.promoted_cells(self.periods), self.drivers.list_prices(self.periods)
        then = promoted, self.drivers.list_prices(self.periods, back)
        shares = [
            paid_share(side, listed, cells, names, by=["period", *names])
            for side, (cells, listed) in zip((reference, actual), (then, now), strict=True)
        ]
        return price_changes(reference, actual, names, shares)

    def _unmeasured(self) -> list[str]:
        """Bars that the workspace's data cannot tell."""
        kinds = set(driver_kinds(self.seen).values()) if self.drivers is not None else set()
        told = {"promotion": "promotion" in kinds, MARKET: bool(self.drivers and self.drivers.indicators)}
        told["price"] = self.drivers is not None and bool((self.drivers.elasticity != 0).any())
        if self.funnel is not None:
            model, recorded = self.funnel.model, self.funnel.leads.recorded
            told["contact"] = "contacted" in recorded
            told["speed"] = model is not None and "wait" in model.names
            told["quality"] = model is not None or "accepted" in recorded
        return [BARS[name][0] if name in BARS else name for name, is_told in told.items() if not is_told]

    @property
    def year_before(self) -> Span:
        """The same periods a year earlier."""
        calendar = self.seen.workspace.calendar
        start = calendar.shift(self.periods[0], -calendar.season)
        return start, calendar.shift(self.periods[-1], 1 - calendar.season)

    @property
    def cycle_before(self) -> tuple[str, Span]:
        """Name and span of the cycle before it."""
        calendar, cycle = self.seen.workspace.calendar, self.seen.round.cycle
        last = calendar.shift(self.periods[0], -1)
        name = str(calendar.label(pd.DatetimeIndex([last]), cycle)[0])
        days = calendar.range(calendar.shift(last, -60), 61)
        return name, (days[calendar.label(days, cycle) == name][0], self.periods[0])

    def reaches(self, span: Span) -> bool:
        """Whether leads were recorded through the whole of a span."""
        return self.funnel is not None and bool(self.funnel.leads.table["created"].min() <= span[0])

    def factors(self, span: Span) -> pd.DataFrame | None:
        """Funnel factors of a span, where leads were recorded through the whole of it."""
        if self.funnel is None or not self.reaches(span):
            return None
        return funnel_factors(self.funnel.leads, self.funnel.lag, self.funnel.model, *span)

    def _split(
        self,
        reference: pd.DataFrame,
        name: str,
        effects: pd.DataFrame | None,
        factors: pd.DataFrame | None,
        prices: pd.DataFrame | None,
    ) -> Variance:
        actual, dimensions = self.actual, list(self.seen.dimensions)
        shared = [column for column in ("units", "revenue") if column in actual and column in reference]
        actual, reference = (part[["period", *dimensions, *shared]] for part in (actual, reference))
        in_money = "revenue" in shared
        if effects is not None and len(shared) == 2:
            effects = value_causes(effects, actual, reference, dimensions)
        # One cell a series: in a single week of a small series sales are often zero by chance.
        actual, reference = (part.assign(period=self.periods[0]) for part in (actual, reference))
        effects = None if effects is None else effects.assign(period=self.periods[0])
        now = self.factors(self.span) if in_money and factors is not None and len(factors) else None
        sale_type = self._sale_type()
        return split_variance(
            actual,
            reference,
            dimensions,
            name,
            sale_type,
            new_types=self._lead_types() if sale_type else ("all",),
            actual_factors=now,
            reference_factors=factors if now is not None else None,
            effects=effects,
            launches=self._launches(),
            product=self._product(sale_type),
            prices=prices if in_money else None,
            unmeasured=self._unmeasured(),
        )

    def _lead_types(self) -> tuple[str, ...]:
        """Types of sale that leads bring."""
        return (NEW,) if self.funnel is None else self.funnel.types

    def _sale_type(self) -> str | None:
        named = self.seen.workspace.settings.sales.sale_type
        return named or ("sale_type" if "sale_type" in self.seen.dimensions else None)

    def _product(self, sale_type: str | None) -> str | None:
        """The dimension that tells products apart, where there is more than one."""
        name = product_dimension(self.seen.history.keys)
        several = len(set(self.seen.history.keys[name])) > 1
        return name if name != sale_type and several else None

    def _launches(self) -> pd.DataFrame | None:
        """Products and channels whose launch had begun, and that were not sold a year before."""
        register = self.seen.workspace.table("assumptions")
        begun = register["kind"].isin(_LAUNCHES) & (register["start"] < self.span[1])
        counted = register.get("status", pd.Series("", index=register.index)) == "accepted"
        keys = [name for name in self.seen.dimensions if name in register and name != self._sale_type()]
        rows = register.loc[begun & counted, keys].fillna("").astype(str).drop_duplicates()
        old = self.sales[self.sales["period"] < self.year_before[1]]
        fresh = [row for row in rows.to_dict("records") if not _sold(old, row)]
        return pd.DataFrame(fresh, columns=keys) if fresh else None


def _sold(sales: pd.DataFrame, scope: dict[object, object]) -> bool:
    inside = pd.Series(True, index=sales.index)
    for name, value in scope.items():
        if value:
            inside &= sales[str(name)] == value
    return bool(inside.any())


def planned_funnel(funnel: pd.DataFrame) -> pd.DataFrame:
    """The published funnel with every column that planned factors are read from."""
    needed = ["customers_due", "sales_due", "quality", "contact", "speed", "win"]
    return funnel.assign(**{name: float("nan") for name in needed if name not in funnel})
