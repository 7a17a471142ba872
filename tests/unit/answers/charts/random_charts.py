"""Every kind of chart from random numbers: large and small, many and few, with gaps and long names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims
from alignment_lib.answers.charts.cohort_map import draw_cohort_map
from alignment_lib.answers.charts.event_study import EventPicture, draw_event_study
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.funnel_sides import draw_funnel
from alignment_lib.answers.charts.line_band import draw_calibration, draw_waiting
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.part_bars import draw_part_bars
from alignment_lib.answers.charts.required_bars import draw_required_bars
from alignment_lib.answers.charts.scenario_lines import draw_scenario_lines
from alignment_lib.answers.charts.scenario_ranges import draw_scenario_ranges
from alignment_lib.answers.charts.series_lines import draw_series
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.charts.stakes import draw_stakes
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.charts.value_ladder import draw_value_ladder
from alignment_lib.answers.charts.variance_tree import Branch, draw_variance_tree
from alignment_lib.answers.charts.waterfall import Step, draw_ladder, draw_waterfall
from alignment_lib.answers.charts.year import draw_calendar, draw_year

Maker = Callable[[np.random.Generator], Chart]
NAMES = (
    "Tea",
    "A1 Spring coupon & more",
    "Minimum order of the large family pack in the west",
    "Ωmega <b>",
    "東京",
)


def _name(rng: np.random.Generator, number: int) -> str:
    return f"{NAMES[int(rng.integers(len(NAMES)))]} {number}"


def _size(rng: np.random.Generator) -> float:
    return float(10.0 ** rng.integers(0, 9))


def _spans(rng: np.random.Generator) -> list[str]:
    if rng.random() < 0.3:
        return [f"{2020 + n // 4}Q{n % 4 + 1}" for n in range(int(rng.integers(1, 14)))]
    return [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(int(rng.integers(1, 40)))]


def fan(rng: np.random.Generator) -> Chart:
    labels, size = _spans(rng), _size(rng)
    known = int(rng.integers(0, len(labels) + 1))
    past = np.arange(len(labels)) < known
    plan = size * rng.uniform(0.2, 1.3, len(labels))
    if rng.random() < 0.2:
        plan -= 0.5 * size
    table = pd.DataFrame({"label": labels, "actual": np.where(past, plan, np.nan)})
    table["prior"] = np.where(rng.random(len(labels)) < 0.8, plan * rng.uniform(0.5, 1.5), np.nan)
    table["baseline"] = np.where(past, np.nan, plan * rng.uniform(0.7, 1.1, len(labels)))
    table["plan"] = np.where(past, np.nan, plan)
    reach = abs(plan) * rng.uniform(0.01, 0.6, len(labels))
    table["p10"], table["p90"] = np.where(past, np.nan, plan - reach), np.where(past, np.nan, plan + reach)
    table["target"] = np.where(past | (rng.random(len(labels)) < 0.5), np.nan, plan * rng.uniform(0.8, 1.4))
    return draw_fan(table, name="fan", title="Plan over time", unit="units")


def waterfall(rng: np.random.Generator) -> Chart:
    size = _size(rng)
    share = 10.0 ** rng.uniform(-4, 0)
    changes = size * share * rng.normal(size=int(rng.integers(0, 14)))
    steps = [Step("Baseline", size, "forecast")]
    steps += [Step(_name(rng, n), float(change), "change") for n, change in enumerate(changes)]
    steps.append(Step("Plan", size + float(changes.sum()), "plan"))
    target = size * float(rng.uniform(0.8, 1.4)) if rng.random() < 0.7 else None
    return draw_waterfall(steps, name="bridge", title="Bridge", unit="EUR", period="2026Q1", target=target)


def ladder(rng: np.random.Generator) -> Chart:
    names = ("Naive", "Baseline", "Marketing", "Sales", "Consensus")
    levels = [(name, _size(rng) * float(rng.uniform(0.9, 1.1))) for name in names]
    return draw_ladder(levels, name="ladder", title="Ladder", unit="units", period="2026Q1")


def tornado(rng: np.random.Generator) -> Chart:
    count, size = int(rng.integers(0, 12)), _size(rng)
    frame = pd.DataFrame({"label": [_name(rng, n) for n in range(count)]})
    frame["low"], frame["high"] = (size * rng.normal(shift, 1, count) for shift in (-0.5, 0.5))
    return draw_tornado(frame, name="tornado", title="Swings", unit="units", period="2026Q1")


def multiples(rng: np.random.Generator) -> Chart:
    labels, rows = _spans(rng), []
    for number in range(int(rng.integers(1, 9))):
        values = _size(rng) * rng.uniform(0.5, 1.0, len(labels))
        past = np.arange(len(labels)) < int(rng.integers(0, len(labels) + 1))
        part = pd.DataFrame({"label": labels, "actual": np.where(past, values, np.nan)})
        part["baseline"] = part["plan"] = np.where(past, np.nan, values)
        rows.append(part.assign(member=_name(rng, number)))
    return draw_small_multiples(pd.concat(rows), name="panels", title="Parts", unit="units")


def claims(rng: np.random.Generator) -> Chart:
    drawn = []
    for number in range(int(rng.integers(1, 7))):
        low, claim, high = np.sort(rng.normal(20, 60, 3))
        history = float(rng.normal(10, 40)) if rng.random() < 0.7 else np.nan
        dots = tuple((f"event {n}", float(rng.normal(20, 30)), bool(rng.random() < 0.5)) for n in range(5))
        came = float(rng.normal(20, 60)) if rng.random() < 0.5 else np.nan
        unit = str(rng.choice(["%", "units", "thousand EUR"]))
        drawn.append(
            ClaimPicture(
                _name(rng, number), "optimistic", unit, low, claim, high, history, history - 9, history + 9,
                dots, came,
            )
        )  # fmt: skip
    return draw_claims(drawn, name="claims", title="Claims", period="2026Q1")


def event(rng: np.random.Generator) -> Chart:
    count, size = int(rng.integers(1, 30)), _size(rng)
    without = size * rng.uniform(0.8, 1.2, count)
    first = int(rng.integers(count))
    inside = (np.arange(count) >= first) & (np.arange(count) < first + 3)
    table = pd.DataFrame({"period": pd.date_range("2026-01-05", periods=count, freq="7D")})
    table = table.assign(actual=without * rng.uniform(0.5, 2, count), without=without, is_event=inside)
    table = table.assign(low=0.9 * without, high=1.1 * without)
    return draw_event_study(
        [EventPicture("Coupon", "gross +92", table)], name="event", title="Tea", unit="units"
    )


def parts(rng: np.random.Generator) -> Chart:
    count, size = int(rng.integers(0, 9)), _size(rng)
    frame = pd.DataFrame({"label": [_name(rng, n) for n in range(count)]})
    frame["baseline"] = size * rng.uniform(-0.1, 1, count)
    frame["plan"] = frame["baseline"] * rng.uniform(0, 3, count)
    return draw_part_bars(frame, name="parts", title="Types", unit="EUR", period="2026Q1")


def required(rng: np.random.Generator) -> Chart:
    labels, size = _spans(rng), _size(rng)
    frame = pd.DataFrame({"label": labels})
    frame["required"] = size * rng.uniform(0.3, 1.2, len(labels))
    frame["available"] = np.where(
        rng.random(len(labels)) < 0.8, frame["required"] * rng.uniform(0.4, 1.3), np.nan
    )
    frame["capacity"] = size * rng.uniform(0.8, 1.0) if rng.random() < 0.8 else np.nan
    return draw_required_bars(frame, name="leads", title="Leads", unit="leads")


def scenarios(rng: np.random.Generator) -> Chart:
    count, size = int(rng.integers(1, 8)), _size(rng)
    frame = pd.DataFrame({"label": [_name(rng, n) for n in range(count)]})
    frame["plan"] = size * rng.uniform(0.5, 1.5, count)
    has_band = rng.random(count) < 0.8
    frame["p10"] = np.where(has_band, 0.8 * frame["plan"], np.nan)
    frame["p90"] = np.where(has_band, 1.2 * frame["plan"], np.nan)
    frame["probability"] = np.where(has_band, rng.random(count), np.nan)
    target = size * float(rng.uniform(0.3, 1.8)) if rng.random() < 0.7 else None
    return draw_scenario_ranges(
        frame, name="compare", title="Scenarios", unit="units", period="2026Q1", target=target
    )


def series(rng: np.random.Generator) -> Chart:
    known, ahead, size = int(rng.integers(3, 160)), int(rng.integers(1, 26)), _size(rng)
    periods = pd.date_range("2019-01-07", periods=known + ahead, freq="7D")
    values = size * rng.uniform(0.3, 1.0, known + ahead)
    past = np.arange(known + ahead) < known
    frame = pd.DataFrame({"period": periods, "original": np.where(past, values, np.nan)})
    frame["cleaned"] = np.where(past & (rng.random(known + ahead) < 0.05), 0.5 * values, frame["original"])
    for column, share in (
        ("baseline", 1),
        ("naive", 0.9),
        ("p2_5", 0.5),
        ("p10", 0.7),
        ("p90", 1.3),
        ("p97_5", 1.5),
    ):
        frame[column] = np.where(past, np.nan, share * values)
    return draw_series(frame, name="series", title="Store 1", unit="units")


def lines(rng: np.random.Generator) -> Chart:
    over_time = bool(rng.random() < 0.5)
    labels = _spans(rng) if over_time else [_name(rng, n) for n in range(int(rng.integers(1, 40)))]
    count, size = int(rng.integers(1, 7)), _size(rng)
    values = size * rng.uniform(-0.1, 1.5, (len(labels), count))
    frame = pd.DataFrame(values, index=labels, columns=[_name(rng, n) for n in range(count)])
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    return draw_scenario_lines(
        frame, name="lines", title="Scenarios", unit="units", period="2026Q1", over_time=over_time
    )


def odds(rng: np.random.Generator) -> Chart:
    size = _size(rng)
    quantiles = size * np.sort(rng.uniform(0.5, 1.5, 5))
    known = dict(zip(("p2_5", "p10", "p50", "p90", "p97_5"), quantiles, strict=True))
    known = {key: value for key, value in known.items() if rng.random() < 0.9}
    known |= {"plan": size * float(rng.uniform(0.2, 2.0)), "target": size * float(rng.uniform(0.2, 2.0))}
    return draw_odds_strip(
        known | {"probability": 0.4}, name="odds", title="Odds", unit="units", period="2026"
    )


def funnel(rng: np.random.Generator) -> Chart:
    stages = ["visitors", "leads", "accepted", "contacted", "opportunities", "customers"]
    rates = rng.uniform(0.05, 1.0, len(stages))
    counts = np.maximum(_size(rng) * np.cumprod(rates), 1).round()
    frame = pd.DataFrame({"stage": stages, "count": counts, "rate": [np.nan, *rates[1:]]})
    frame["side"] = ["", "", "marketing", "sales", "sales", "sales"]
    frame["reference_rate"] = np.where(rng.random(len(stages)) < 0.7, rates * rng.uniform(0.8, 1.3), np.nan)
    frame["reference"] = "promise 90%" if rng.random() < 0.5 else ""
    return draw_funnel(frame, name="funnel", title="Funnel", period="2025")


def cohorts(rng: np.random.Generator) -> Chart:
    spans = [f"{2018 + n // 4}Q{n % 4 + 1}" for n in range(int(rng.integers(1, 30)))]
    rows = [
        {"cohort": span, "source": _name(rng, number), "leads": 40, "conversion_rate": rng.random() ** 2,
         "is_young": bool(rng.random() < 0.2)}
        for number in range(int(rng.integers(1, 5)))
        for span in spans
    ]  # fmt: skip
    return draw_cohort_map(pd.DataFrame(rows), name="cohorts", title="Cohorts", period="2025")


def calibration(rng: np.random.Generator) -> Chart:
    predicted = np.sort(rng.uniform(0, 1, int(rng.integers(1, 9))))
    frame = pd.DataFrame({"predicted": predicted, "observed": predicted * rng.uniform(0.8, 1.0)})
    frame = frame.assign(low=0.9 * frame["observed"], high=1.05 * frame["observed"], leads=800)
    return draw_calibration(frame, name="calibration", title="Calibration", period="2025")


def waiting(rng: np.random.Generator) -> Chart:
    hours = np.array([1.0, 2.0, 4.0, 8.0, 24.0, 72.0, 168.0])[: int(rng.integers(1, 8))]
    chance = np.sort(rng.uniform(0.01, 0.9, len(hours)))[::-1]
    frame = pd.DataFrame({"hours": hours, "win_chance": chance, "low": 0.8 * chance, "high": 1.1 * chance})
    promise = float(rng.choice([1, 4, 24, 48, 200]))
    return draw_waiting(frame, promise, name="waiting", title="Waiting", period="2025")


def steps(rng: np.random.Generator) -> Chart:
    frame = pd.DataFrame({"stream": ["naive", "baseline", "marketing", "sales", "consensus"]})
    frame["against"] = ["", "naive", "baseline", "marketing", "sales"]
    frame["wape"] = rng.uniform(0.0, 1.5, 5)
    frame["value_added_share"] = [np.nan, *(-np.diff(frame["wape"]))]
    return draw_value_ladder(frame, name="steps", title="Value added", period="closed rounds")


def tree(rng: np.random.Generator) -> Chart:
    size = _size(rng)
    rows = [
        Branch(_name(rng, n), float(size * rng.normal()), min(n, int(rng.integers(0, 3))), "sales, unsure",
               float(size * rng.random()) if rng.random() < 0.5 else float("nan"))
        for n in range(int(rng.integers(1, 14)))
    ]  # fmt: skip
    return draw_variance_tree(rows, name="tree", title="Difference", unit="EUR", period="2025Q3")


def stakes(rng: np.random.Generator) -> Chart:
    count = int(rng.integers(1, 10))
    money = _size(rng) * np.sort(rng.random(count))[::-1]
    frame = pd.DataFrame({"place": range(1, count + 1), "title": [_name(rng, n) for n in range(count)]})
    chosen = int(rng.integers(1, count + 1))
    return draw_stakes(frame.assign(money=money), chosen, name="stakes", title="At stake", unit="EUR")


def year(rng: np.random.Generator) -> Chart:
    count, size = int(rng.integers(1, 13)), _size(rng)
    plan = np.cumsum(size * rng.uniform(-0.1, 1.0, count))
    sums = pd.DataFrame({"name": pd.date_range("2026-01-01", periods=count, freq="MS").strftime("%b %Y")})
    sums["plan"] = plan
    sums["prior"] = plan * rng.uniform(0.5, 1.5) if rng.random() < 0.8 else np.nan
    sums["target"] = np.where(rng.random(count) < 0.3, plan * rng.uniform(0.8, 1.3, count), np.nan)
    return draw_year(sums, name="year", title="How the year adds up", unit="units", period="2026")


def calendar(rng: np.random.Generator) -> Chart:
    count, first = int(rng.integers(1, 20)), pd.Timestamp("2025-12-29")
    days = int(rng.integers(6, 365))
    starts = first + pd.to_timedelta(rng.integers(-20, days, count), unit="D")
    rows = pd.DataFrame({"what": [_name(rng, n) for n in range(count)], "start": starts})
    rows["where"] = [_name(rng, n) if rng.random() < 0.5 else "" for n in range(count)]
    rows["end"] = rows["start"] + pd.to_timedelta(rng.integers(0, 60, count), unit="D")
    rows["status"] = rng.choice(["accepted", "proposed", "in the calendar"], count)
    span = (first, first + pd.Timedelta(days=days))
    return draw_calendar(rows, span, name="calendar", title="Promotions", period="2026Q1")


MAKERS: dict[str, Maker] = {
    one.__name__: one
    for one in (
        fan, waterfall, ladder, tornado, multiples, claims, event, parts, required, scenarios, lines, series,
        odds, funnel, cohorts, calibration, waiting, steps, tree, stakes, year, calendar,
    )
}  # fmt: skip
