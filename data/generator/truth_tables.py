"""The known truth as tables, for estimates to be checked against."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from data.generator.claim_truth import claim_truths
from data.generator.demo import Demo
from data.generator.expected import SHIFT_START, SHIFT_WEEKS
from data.generator.funnel_truth import HANDLERS, LEAD_PRODUCTS, SOURCES, funnel_strength
from data.generator.products import DIMENSIONS, PRODUCTS, on_sale, price_changes, series_table
from data.generator.season import HARMONICS, HOLIDAYS, seasonal_effect
from data.generator.truth import Truth
from data.generator.weeks import quarters_of, weeks

__all__ = ["truth_parameters", "truth_tables"]

Row = dict[str, object]


def truth_tables(demo: Demo) -> dict[str, pd.DataFrame]:
    """Return the truth's tables by file name without ending; see the demo's README for their columns."""
    expected = demo.sales.expected
    return {
        "effects": _effects(demo.truth),
        "promotions": expected.events,
        "price_changes": price_changes(),
        "claims": claim_truths(demo.truth, expected, demo.tables["assumptions"]),
        "moves": expected.moves,
        "weeks": _weeks(demo),
        "weekly": _weekly(demo),
        "handling": _handling(demo.truth),
        "outcome_2026": demo.sales.future_sales,
        "open_opportunities": demo.opportunities.truth,
        "spend": demo.spending.truth,
        "response": demo.spending.curves,
    }


def truth_parameters(truth: Truth) -> dict[str, object]:
    """Return everything that is not a table, as plain values for ``parameters.json``."""
    funnel = asdict(truth.funnel)
    funnel["slow"] = [
        {"quarter": quarter, "handler": handler, "wait_factor": wait, "contacted_factor": contacted}
        for (quarter, handler), (wait, contacted) in truth.funnel.slow.items()
    ]
    products = {
        name: {"leads_share": share, "logit": logit, "order_units": units}
        for name, (share, logit, units) in LEAD_PRODUCTS.items()
    }
    return {
        "noise": asdict(truth.noise),
        "season": {"harmonics": HARMONICS, "holidays": HOLIDAYS},
        "actions": [asdict(action) for action in truth.actions],
        "funnel": funnel
        | {
            "sources": {name: asdict(source) for name, source in SOURCES.items()},
            "handlers": {name: asdict(handler) for name, handler in HANDLERS.items()},
            "products": products,
        },
    }


def _effects(truth: Truth) -> pd.DataFrame:
    """One row per effect: what acts (`of`), on what, and its value."""
    rows = [
        _effect(
            "level",
            made["product"],
            f"{made['channel']} / {made['sale_type']}",
            made["level"],
            "units a week",
        )
        for made in series_table().to_dict("records")
    ]
    rows += _promotion_effects(truth) + _shares(truth)
    rows += [
        _effect("elasticity", "price", name, value, "log per log") for name, value in truth.elasticity.items()
    ]
    for launched, (p, q) in truth.launch_curve.items():
        rows += [
            _effect("launch_p", launched, "", p, "per week"),
            _effect("launch_q", launched, "", q, "per week"),
        ]
    shift = f"from {SHIFT_START} over {SHIFT_WEEKS} weeks"
    rows += [
        _effect("market_shift", shift, name, value, "log points")
        for name, value in truth.market_shift.items()
    ]
    rows += [
        _effect("growth", "year", name, made.growth_rate, "log points a year")
        for name, made in PRODUCTS.items()
    ]
    rows.append(_effect("market_elasticity", "market_index", "all", truth.market_elasticity, "log per log"))
    rows.append(_effect("lead_share", "funnel strength", "new sales", truth.lead_share, "share"))
    return pd.DataFrame(rows)


def _effect(effect: str, of: str, on: str, value: float, unit: str) -> Row:
    return {"effect": effect, "of": of, "on": on, "value": value, "unit": unit}


def _promotion_effects(truth: Truth) -> list[Row]:
    rows = []
    for mechanic, products in truth.uplift.items():
        unit = "log points per unit of depth" if mechanic == "price_cut" else "log points"
        for product, value in products.items():
            rows.append(_effect("uplift", mechanic, product, value, unit))
    for mechanic, (share, spread) in truth.pull_forward.items():
        rows.append(_effect("pull_forward_share", mechanic, "", share, "share of gross units"))
        for ahead, weight in enumerate(spread, start=1):
            week = f"week {ahead} after"
            rows.append(_effect("pull_forward_week", mechanic, week, weight, "share of pulled units"))
        lead_in = truth.lead_in_share[mechanic]
        rows.append(_effect("lead_in_share", mechanic, "week before", lead_in, "share of gross units"))
    return rows


def _shares(truth: Truth) -> list[Row]:
    rows = []
    for name, shares, unit in (
        ("cannibalisation_share", truth.cannibalisation, "share of gross units"),
        ("halo_share", truth.halo, "units per gross unit"),
        ("launch_share", truth.launch_share, "share of the new volume"),
        ("delisting_share", truth.delisting_share, "share of the lost volume"),
    ):
        for (of, on), value in shares.items():
            rows.append(_effect(name, of, on, value, unit))
    return rows


def _weeks(demo: Demo) -> pd.DataFrame:
    table = pd.DataFrame({"period": weeks(), "quarter": quarters_of(weeks())})
    table["market_index"] = demo.sales.market
    table["funnel_strength"] = funnel_strength(demo.truth.funnel)
    table["lookalike_share"] = demo.truth.funnel.lookalike_share()
    for category in HARMONICS:
        table[f"season_{category}"] = seasonal_effect(category)
    return table


def _weekly(demo: Demo) -> pd.DataFrame:
    expected = demo.sales.expected
    row, week = np.nonzero(on_sale(expected.series))
    table = expected.series[DIMENSIONS].iloc[row].reset_index(drop=True)
    table.insert(0, "period", weeks()[week])
    for name in ("baseline", "gross", "temporary", "orders", "units"):
        table[name] = np.asarray(getattr(expected, name), dtype=float)[row, week]
    return table


def _handling(truth: Truth) -> pd.DataFrame:
    rows: list[Row] = []
    for quarter in dict.fromkeys(quarters_of(weeks())):
        for handler in HANDLERS:
            hours, contacted = truth.funnel.handling(quarter, handler)
            rows.append(
                {
                    "quarter": quarter,
                    "handler": handler,
                    "median_wait_hours": hours,
                    "contacted_share": contacted,
                }
            )
    return pd.DataFrame(rows)
