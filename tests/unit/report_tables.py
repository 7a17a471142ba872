"""Tables that later steps of a round add to its snapshot, for tests of the report."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd

from alignment_lib.rounds.result import RoundResult

__all__ = ["more_tables", "with_more_tables"]

SWITCHES = pd.DataFrame(
    {
        "position": [0, 1, 2],
        "assumption": ["A1", "A2", "A3"],
        "value": [35.0, 12.0, -6.0],
        "on": [True, False, True],
    }
)
_EFFECTS = (1000.0, 600.0, -400.0)


def with_more_tables(result: RoundResult) -> RoundResult:
    """The round with every table the report knows."""
    return replace(result, tables={**result.tables, **more_tables()})


def more_tables() -> dict[str, pd.DataFrame]:
    """Small tables whose sums are easy to follow."""
    return {
        "switches": SWITCHES.copy(),
        "combinations": _combinations(),
        "decisions": _decisions(),
        "changes": _changes(),
        "coverage": _coverage(),
        "weak_points": _weak_points(),
        "variance": _variance(),
        "value_added": _value_added(),
        "payout": _payout(),
        "owed": _owed(),
        "sensitivity": _sensitivity(),
        "targets": _targets(),
        "promotions": _promotions(),
    }


def _combinations() -> pd.DataFrame:
    """Four quarters of 30,000; what is on is added to the first, a tenth of it to each of the others.

    The first two meet: together they bring a hundred more than apart.
    """
    rows = []
    starts = pd.to_datetime(["2025-12-29", "2026-03-30", "2026-06-29", "2026-09-28"])
    for number, (at, start) in product(range(8), enumerate(starts)):
        change = sum(effect for bit, effect in enumerate(_EFFECTS) if number >> bit & 1)
        change += 100.0 if number & 3 == 3 else 0.0
        plan = 30_000 + (change if at == 0 else change / 10)
        odds = (plan * 0.9, plan * 0.99, plan * 1.1, number / 16 + 0.1) if at == 0 else (np.nan,) * 4
        rows.append((number, "quarter", start, plan, *odds))
    columns = ["combination", "span", "start", "plan", "p10", "p50", "p90", "probability"]
    return pd.DataFrame(rows, columns=columns)


def _decisions() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "decision": ["D1", "D2", "D3"],
            "round": ["2025Q4", "2025Q4", "2025Q4"],
            "date": pd.to_datetime(["2025-10-02"] * 3),
            "text": ["Ask for the net effect", "Call web leads within a day", "Drop the fair"],
            "expected_effect": [9_000.0, 12_000.0, np.nan],
            "owner": ["trade marketing", "inside sales", "events"],
            "due": pd.to_datetime(["2026-02-01", "2025-12-01", "2025-11-01"]),
            "status": ["open", "open", "done"],
            "outcome": ["", "", "Not booked again"],
        }
    )


def _changes() -> pd.DataFrame:
    rows = [
        ("baseline", "", "same", 29_000.0, 29_500.0, 500.0, 3_000.0, ""),
        ("A1", "Spring coupon", "revised", 700.0, 1_000.0, 300.0, 1_800.0, "expected 25 to 35"),
        ("A7", "Tasting weeks", "dropped", 200.0, 0.0, -200.0, -1_200.0, "no longer proposed"),
        ("driver:price_cut", "", "same", 0.0, 40.0, 40.0, 240.0, ""),
    ]
    columns = ["assumption", "title", "change", "before", "after", "difference", "money", "details"]
    return pd.DataFrame(rows, columns=columns)


def _coverage() -> pd.DataFrame:
    rows = [
        ("market", "Market changes", True, "A3", "market_index", -400.0, -2_000.0, 0.0, 1.0, "", ""),
        ("products", "New products and services", False, "", "", 0.0, 0.0, 0.0, 0.0, "", "brand marketing"),
    ]
    columns = ["factor", "title", "considered", "assumptions", "drivers", "effect", "revenue"]
    return pd.DataFrame(rows, columns=[*columns, "supported", "no_history", "evidence", "ask"])


def _weak_points() -> pd.DataFrame:
    said = "Web leads called within a day would bring 8.0 customers more."
    rows = [
        ("sales", "first contact", "web form", 120.0, 0.4, 0.6, "promise", 8.0, 12_000.0, said),
        ("marketing", "accepted", "fair", 60.0, 0.5, 0.8, "best quarter", 3.0, 4_000.0, "Fair leads."),
        ("marketing", "brief", "", np.nan, np.nan, np.nan, "", np.nan, np.nan, "No brief for spring."),
    ]
    columns = ["side", "stage", "source", "entering", "rate", "reference_rate", "reference", "customers"]
    return pd.DataFrame(rows, columns=[*columns, "value", "sentence"])


def _variance() -> pd.DataFrame:
    rows = [
        ("type", "new", "", "new", -300.0, 5_000.0, 4_700.0, "", ""),
        ("type", "repeat", "", "repeat", 100.0, 20_000.0, 20_100.0, "", ""),
        ("funnel", "new", "", "contact", -200.0, np.nan, np.nan, "sales", "measured"),
        ("funnel", "new", "", "leads", -100.0, np.nan, np.nan, "marketing", "measured"),
        ("cause", "repeat", "", "price", 100.0, np.nan, np.nan, "marketing", "estimated"),
    ]
    columns = ["view", "sale_type", "source", "bar", "effect", "reference", "actual", "owner_function"]
    frame = pd.DataFrame(rows, columns=[*columns, "confidence"])
    frame = frame.assign(round="2025Q4", against="plan", unit="units", standard_error=np.nan)
    before = frame.assign(against="the year before", effect=frame["effect"] * 3)
    return pd.concat([frame, before], ignore_index=True)


def _value_added() -> pd.DataFrame:
    rows = [
        ("", "total", "quarter", 1, "naive", "", 0.12, 0.02, np.nan, ""),
        (
            "",
            "total",
            "quarter",
            1,
            "baseline",
            "naive",
            0.08,
            0.01,
            0.04,
            "The baseline took 4 points away.",
        ),
        ("", "total", "quarter", 2, "baseline", "naive", 0.10, 0.01, 0.02, "Two quarters ahead."),
        ("2025Q3", "total", "quarter", 1, "naive", "", 0.10, -0.10, np.nan, ""),
        ("2025Q3", "total", "quarter", 1, "consensus", "sales", 0.02, -0.02, 0.01, ""),
        ("2025Q4", "total", "quarter", 1, "naive", "", 0.01, 0.01, np.nan, ""),
        ("2025Q4", "total", "quarter", 1, "consensus", "sales", 0.06, 0.06, 0.01, ""),
        ("2025Q4", "total", "quarter", 2, "consensus", "sales", 0.50, 0.50, 0.01, ""),
        ("", "series", "period", 1, "baseline", "naive", 0.30, 0.01, 0.02, "Single series."),
    ]
    columns = ["round", "level", "span", "lag", "stream", "against", "wape", "bias_share"]
    frame = pd.DataFrame(rows, columns=[*columns, "value_added_share", "sentence"])
    return frame.assign(actual=10_000.0, bias=10_000.0 * frame["bias_share"])


def _payout() -> pd.DataFrame:
    rows = [
        ("marketing", "shared", "plan attainment", 0.5, 5_000.0, 0.9, 0.75, 3_750.0, "At 90 %."),
        ("marketing", "total", "", 1.0, 5_000.0, np.nan, 0.75, 3_750.0, ""),
        ("sales", "own", "handling promise", 0.5, 5_000.0, 1.0, 1.0, 5_000.0, "At 100 %."),
        ("sales", "total", "", 1.0, 5_000.0, np.nan, 1.0, 5_000.0, ""),
    ]
    columns = ["function", "part", "measure", "weight", "at_target", "result", "payout_share", "amount"]
    frame = pd.DataFrame(rows, columns=[*columns, "sentence"]).assign(round="2025Q4", view="statement")
    frame = frame.assign(amount_error=np.nan, gonik_amount=np.nan)
    played = frame.head(1).assign(view="gaming", sentence="Overclaiming would gain 120 EUR.", amount=120.0)
    played = played.assign(measure="overclaiming", amount_error=20.0, gonik_amount=-40.0)
    return pd.concat([frame, played], ignore_index=True)


def _owed() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "scenario": "consensus",
            "assumption": ["A1", "A1"],
            "borrowed": pd.to_datetime(["2026-12-21"] * 2),
            "period": pd.to_datetime(["2026-12-21", "2027-01-04"]),
            "product": "Tea",
            "channel": "shop",
            "sale_type": "new",
            "owed": [10.0, 25.0],
            "beyond": [False, True],
        }
    )


def _sensitivity() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "scenario": "consensus",
            "span": "quarter",
            "label": "2026Q1",
            "start": pd.Timestamp("2025-12-29"),
            "assumption": ["A1", "A3"],
            "low": [20.0, -10.0],
            "expected": [35.0, -6.0],
            "high": [50.0, -2.0],
            "at_low": [29_000.0, 29_500.0],
            "plan": 30_000.0,
            "at_high": [31_000.0, 30_500.0],
            "swing": [2_000.0, 1_000.0],
            "variance_share": [0.1, 0.05],
        }
    )


def _targets() -> pd.DataFrame:
    rows = [
        ("2025Q4", "units", "", 30_000.0),
        ("2026Q1", "units", "", 33_000.0),
        ("2026Q1", "units", "Tea", 9_000.0),
        ("2026Q1", "revenue", "", 190_000.0),
    ]
    frame = pd.DataFrame(rows, columns=["round", "measure", "product", "target"])
    return frame.assign(channel="", sale_type="")[
        ["round", "measure", "product", "channel", "sale_type", "target"]
    ]


def _promotions() -> pd.DataFrame:
    """One promotion in two channels, and a later one outside the round."""
    days = pd.to_datetime(["2026-03-02", "2026-03-02", "2026-05-04"])
    return pd.DataFrame(
        {
            "driver": ["price_cut", "price_cut", "feature"],
            "product": ["Tea", "Tea", "Coffee 250 g"],
            "channel": ["web", "shop", ""],
            "sale_type": "",
            "start": days,
            "end": days + pd.Timedelta(days=13),
            "depth": [0.2, 0.2, 1.0],
        }
    )
