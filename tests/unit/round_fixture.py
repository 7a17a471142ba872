"""A plausible round for tests: weekly sales over product, channel and sale type, a year ahead."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Notice
from alignment_lib.rounds.result import RoundResult

__all__ = ["ASSUMPTIONS", "PAYLOAD", "make_round", "with_text_everywhere"]

CALENDAR = Calendar("week")
DIMENSIONS = ("product", "channel", "sale_type")
PRODUCTS = ("Coffee 500 g", "Coffee 250 g", "Tea")
CHANNELS = ("shop", "web", "mobile app")
SALE_TYPES = ("new", "repeat")
FIRST = pd.Timestamp("2022-07-04")
AS_OF = pd.Timestamp("2025-12-29")
HORIZON = 52
TARGETS = {"2026Q1": 33_000.0, "2026Q2": 26_000.0, "2026": 122_000.0}

ASSUMPTIONS = pd.DataFrame(
    [
        (
            "A1",
            "promotion",
            "Spring coupon",
            "brand marketing",
            "marketing",
            "2026-03-02",
            "2026-03-22",
            "percent",
            35.0,
            20.0,
            50.0,
            "accepted",
            "Coffee 500 g",
            "",
            "",
        ),
        (
            "A2",
            "digital",
            "Faster checkout in the app",
            "digital",
            "marketing",
            "2026-02-02",
            "2026-12-31",
            "percent",
            12.0,
            4.0,
            18.0,
            "proposed",
            "",
            "mobile app",
            "",
        ),
        (
            "A3",
            "market_shift",
            "Tea is losing its younger buyers",
            "market research",
            "marketing",
            "2026-01-05",
            "2026-12-31",
            "percent",
            -6.0,
            -10.0,
            -2.0,
            "accepted",
            "Tea",
            "",
            "",
        ),
        (
            "A4",
            "new_channel",
            "Partner kiosks in stations",
            "channel sales",
            "sales",
            "2026-04-06",
            "2026-12-31",
            "units",
            4200.0,
            1500.0,
            6000.0,
            "proposed",
            "Coffee 250 g",
            "shop",
            "new",
        ),
        (
            "A5",
            "one_off",
            "Office contract",
            "key accounts",
            "sales",
            "2026-02-09",
            "2026-02-22",
            "units",
            900.0,
            900.0,
            900.0,
            "draft",
            "Coffee 500 g",
            "shop",
            "repeat",
        ),
        (
            "A6",
            "consumer_shift",
            "Everybody drinks cold brew",
            "brand marketing",
            "marketing",
            "2026-05-04",
            "2026-08-30",
            "percent",
            90.0,
            60.0,
            120.0,
            "rejected",
            "Coffee 500 g",
            "",
            "",
        ),
    ],
    columns=[
        "id",
        "kind",
        "title",
        "owner",
        "function",
        "start",
        "end",
        "unit",
        "expected",
        "low",
        "high",
        "status",
        *DIMENSIONS,
    ],
).astype({"start": "datetime64[ns]", "end": "datetime64[ns]"})
"""The register: rows that count, rows that wait, and rows that do not."""


PAYLOAD = (
    "</script></title></textarea><script>window.hit=1</script><img src=x onerror=window.hit=1>"
    "<svg onload=window.hit=1>\"'><a href=javascript:window.hit=1>{{7*7}}${window.hit=1}\x00\u202e"
)
"""Ways out of text, attribute, title, style and template, in one string."""


_FREE = ("decisions", "changes", "coverage", "weak_points", "variance", "value_added", "payout", "owed")
"""Tables of free text beside the contract's first ones."""


def make_round(
    unit: str = "demo", seed: int = 1, *, round_name: str = "2026Q1", lean: bool = False
) -> RoundResult:
    """One round; `lean` keeps one series of each dimension and drops the optional tables."""
    rng = np.random.default_rng(seed)
    members = (PRODUCTS, CHANNELS, SALE_TYPES) if not lean else (PRODUCTS[:1], CHANNELS[:2], SALE_TYPES[:1])
    keys = pd.DataFrame(list(product(*members)), columns=list(DIMENSIONS))
    history = _make_history(keys, rng)
    plans, bridge = _make_plans(keys, history)
    odds = _make_odds(plans, rng)
    tables = {
        "plan": plans,
        "bridge": bridge,
        "odds": odds,
        "history": history,
        "assumptions": ASSUMPTIONS.copy(),
        "evidence": _make_evidence(),
        "streams": _make_streams(plans),
    }
    if not lean:
        tables |= {"funnel": _make_funnel(), "record": _make_record(), "why": _make_why(keys)}
    return RoundResult(
        unit=unit,
        business="Bean & Leaf, a company that does not exist",
        currency="EUR",
        measure="units",
        round=round_name,
        cycle="quarter",
        as_of=AS_OF,
        dimensions=DIMENSIONS,
        headline="consensus",
        parameters={
            "seed": seed,
            "calendar": {"grain": "week", "fiscal_year_start": 1, "weeks": "gregorian", "week_start": 0},
        },
        tables=tables,
        warnings=(
            Notice("returns", "Negative sales were kept as returns in 14 weeks.", 14),
            Notice("gaps", "Weeks without a row were taken as no sale.", 3),
        ),
        input_hashes={"planning.toml": "0" * 64, "sales.csv": "1" * 64},
    )


def with_text_everywhere(result: RoundResult, payload: str) -> RoundResult:
    """The same round with `payload` in every field that a user can type text into."""
    tables = {name: table.copy() for name, table in result.tables.items()}
    for name, column in (
        ("plan", "product"),
        ("bridge", "product"),
        ("odds", "product"),
        ("history", "product"),
    ):
        texts = tables[name][column]
        tables[name][column] = texts.where(texts != PRODUCTS[0], payload)
    register = tables["assumptions"]
    for column in ("title", "owner", "product"):
        register[column] = payload
    tables["evidence"]["sentence"] = payload
    tables["bridge"]["assumption"] = tables["bridge"]["assumption"].replace(
        {"driver:feature": f"driver:{payload}"}
    )
    kept = {"view", "part", "status", "stage", "scenario", "assumption", "span", "level", "round", "kind"}
    for name in (*_FREE, "funnel", "record", "why"):
        for column in sorted(set(tables.get(name, pd.DataFrame()).select_dtypes(object)) - kept):
            tables[name][column] = payload
    return replace(
        result,
        business=payload,
        currency=payload[:40],
        tables=tables,
        parameters={**result.parameters, "note": payload},
        warnings=(Notice("note", payload, 1),),
        input_hashes={payload: "0" * 64},
    )


def _make_history(keys: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    periods = pd.date_range(FIRST, AS_OF - pd.Timedelta(days=7), freq="7D")
    wave = 1 + 0.18 * np.cos(2 * np.pi * (periods.dayofyear.to_numpy() - 340) / 365)
    parts = []
    for number, row in enumerate(keys.itertuples(index=False)):
        level = 60 + 340 / (number + 2)
        clean = level * wave * (1 + 0.0008 * np.arange(len(periods)))
        noise = rng.normal(1, 0.07, len(periods))
        promoted = np.where(np.arange(len(periods)) % 26 == 10, 1.4, 1.0)
        part = pd.DataFrame({"period": periods, **dict(zip(keys.columns, row, strict=True))})
        part["value"] = np.round(clean * noise * promoted)
        part["cleaned"] = part["value"] / promoted
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _make_plans(keys: pd.DataFrame, history: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    periods = pd.date_range(AS_OF, periods=HORIZON, freq="7D")
    base = keys.merge(pd.DataFrame({"period": periods}), how="cross")
    last = history.assign(period=history["period"] + pd.Timedelta(days=364))
    base = base.merge(last[["period", *DIMENSIONS, "cleaned"]], how="left").rename(
        columns={"cleaned": "baseline"}
    )
    base["baseline"] *= 1.03
    price = base["product"].map(dict(zip(PRODUCTS, (8.5, 4.9, 3.2), strict=True)))
    counted = {
        "as_proposed": ("proposed", "accepted"),
        "evidence_weighted": ("proposed", "accepted"),
        "consensus": ("accepted",),
    }
    plans, bridges = [], []
    for scenario, statuses in counted.items():
        effects = _effects(base, statuses, 0.6 if scenario == "evidence_weighted" else 1.0)
        plan = base.assign(round="2026Q1", scenario=scenario, plan=base["baseline"] + sum(effects.values()))
        for name, factor in (("p2_5", 0.75), ("p10", 0.84), ("p50", 0.99), ("p90", 1.16), ("p97_5", 1.28)):
            plan[name] = plan["plan"] * factor
        plan["revenue"] = plan["plan"] * price
        plans.append(
            plan[
                [
                    "round",
                    "scenario",
                    "period",
                    *DIMENSIONS,
                    "baseline",
                    "plan",
                    "p2_5",
                    "p10",
                    "p50",
                    "p90",
                    "p97_5",
                    "revenue",
                ]
            ]
        )
        for name, effect in effects.items():
            part = base[["period", *DIMENSIONS]].assign(scenario=scenario, assumption=name, effect=effect)
            touched = part[part["effect"] != 0]
            bridges.append(touched if len(touched) else part.head(1))
    columns = ["scenario", "assumption", "period", *DIMENSIONS, "effect"]
    return pd.concat(plans, ignore_index=True), pd.concat(bridges, ignore_index=True)[columns]


def _effects(base: pd.DataFrame, statuses: tuple[str, ...], weight: float) -> dict[str, np.ndarray]:
    feature = base["period"].dt.isocalendar().week.isin([6, 18, 30, 44]) & (base["product"] != "Tea")
    effects = {"driver:feature": np.where(feature, base["baseline"] * 0.4, 0.0)}
    for row in ASSUMPTIONS.itertuples(index=False):
        scope = base["period"].between(row.start - pd.Timedelta(days=6), row.end)
        for dimension in DIMENSIONS:
            scope &= (base[dimension] == getattr(row, dimension)) | (getattr(row, dimension) == "")
        counts = weight if row.status in statuses else 0.0
        if row.unit == "percent":
            effects[row.id] = np.where(scope, base["baseline"] * row.expected / 100 * counts, 0.0)
        else:
            effects[row.id] = np.where(scope, row.expected / max(scope.sum(), 1) * counts, 0.0)
    return effects


def _make_odds(plans: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    levels: list[dict[str, str]] = [{}]
    levels += [{name: value} for name in DIMENSIONS for value in sorted(plans[name].unique())]
    for scenario, frame in plans.groupby("scenario"):
        for level in levels:
            part = frame
            for name, value in level.items():
                part = part[part[name] == value]
            weekly = part.groupby("period")["plan"].sum()
            index = pd.DatetimeIndex(weekly.index)
            for span in ("month", "quarter", "year"):
                for label, total in weekly.groupby(CALENDAR.label(index, span)):  # type: ignore[arg-type]
                    amount = float(total.sum())
                    target = TARGETS.get(str(label), np.nan)
                    rows.append(
                        {
                            "scenario": scenario,
                            "span": span,
                            "label": label,
                            "start": total.index.min(),
                            **{name: level.get(name, "") for name in DIMENSIONS},
                            "plan": amount,
                            "p2_5": amount * 0.9,
                            "p10": amount * 0.935,
                            "p50": amount * 0.995,
                            "p90": amount * 1.065,
                            "p97_5": amount * 1.1,
                            "target": target if not level else np.nan,
                            "probability": {"consensus": 0.24, "as_proposed": 0.62}.get(str(scenario), 0.41)
                            if not level and np.isfinite(target)
                            else np.nan,
                        }
                    )
    return pd.DataFrame(rows).drop(columns="label")


def _make_evidence() -> pd.DataFrame:
    return pd.DataFrame(
        [
            ("A1", 35.0, 28.0, 4.0, 12, "supported", True, 310.0, "12 past coupons brought 28 % on average."),
            ("A2", 12.0, np.nan, np.nan, 0, "no history", False, 0.0, "Nothing like it has been tried."),
            ("A3", -6.0, -5.2, 1.1, 6, "supported", False, 0.0, "Tea has fallen by 5.2 % a year."),
            (
                "A4",
                4200.0,
                1900.0,
                600.0,
                2,
                "optimistic",
                False,
                0.0,
                "Two openings brought 1,900 units each.",
            ),
            ("A5", 900.0, np.nan, np.nan, 0, "no history", False, 0.0, "A single contract."),
            ("A6", 90.0, 4.0, 5.0, 8, "optimistic", False, 0.0, "8 summers show 4 %, give or take 5."),
        ],
        columns=[
            "assumption",
            "claim",
            "supported",
            "standard_error",
            "events",
            "verdict",
            "already_in_plan",
            "overlap_units",
            "sentence",
        ],
    )


def _make_streams(plans: pd.DataFrame) -> pd.DataFrame:
    consensus = plans[plans["scenario"] == "consensus"]
    proposed = plans[plans["scenario"] == "as_proposed"]
    values = {
        "naive": consensus["baseline"] / 1.03,
        "baseline": consensus["baseline"],
        "marketing": proposed["plan"],
        "consensus": consensus["plan"],
    }
    parts = [
        consensus[["period", *DIMENSIONS]].assign(stream=name, value=value.to_numpy())
        for name, value in values.items()
    ]
    return pd.concat(parts, ignore_index=True)[["stream", "period", *DIMENSIONS, "value"]]


def _make_funnel() -> pd.DataFrame:
    rows = [
        (period, source, "leads", need, capacity, 0.4)
        for period in pd.date_range("2025-12-29", periods=3, freq="28D")
        for source, need, capacity in (
            ("web form", 410.0, 380.0),
            ("fair", 90.0, 120.0),
            ("partner", 60.0, np.nan),
        )
    ]
    return pd.DataFrame(rows, columns=["period", "source", "stage", "required", "capacity", "rate"])


def _make_record() -> pd.DataFrame:
    columns = ["round", "assumption", "owner", "function", "kind", "unit", "claim", "actual"]
    rows = [
        (
            "2025Q3",
            "B1",
            "brand marketing",
            "marketing",
            "promotion",
            "percent",
            20.0,
            14.0,
            3.0,
            "supported",
        ),
        ("2025Q4", "B2", "channel sales", "sales", "new_channel", "units", 500.0, 610.0, 40.0, "no history"),
    ]
    frame = pd.DataFrame(rows, columns=[*columns, "standard_error", "verdict"])
    return frame.assign(
        title=["Autumn coupon", "Second shop"],
        mechanic=["deal", ""],
        direction="up",
        size=["medium", "large"],
        overclaim_share=1.0 - frame["actual"] / frame["claim"],
        is_clear=True,
        hit=[False, True],
        value_added_sales=[-10.0, 100.0],
        method=["estimated event", "plan without the claim"],
    )


def _make_why(keys: pd.DataFrame) -> pd.DataFrame:
    return keys.assign(
        member="AutoETS", weight=1.0, backtest_error=0.11, naive_error=0.16, reason="smallest backtest error"
    )
