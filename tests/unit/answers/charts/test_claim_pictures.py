"""Claims against evidence, and single past events: words from numbers, sound drawings, the same bytes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims, picture_claim
from alignment_lib.answers.charts.event_study import draw_event_study
from alignment_lib.answers.charts.notation import ACTUAL, BAND

NONE = float("nan")
CLAIMS = [
    ClaimPicture(
        "A1 Feature <b>", "optimistic", "%", 50, 80, 110, 32, 27, 38,
        (("feature Jan 2025", 30.0, True), ("feature Jan 2024", 36.0, False)),
    ),
    ClaimPicture("A2 Order", "no history", "units", 60, 90, 120),
    ClaimPicture("A3 Delisting", "supported", "%", NONE, -100, NONE, -100, -100, -100),
]  # fmt: skip
WEEKS = pd.DataFrame(
    {
        "period": pd.date_range("2026-01-05", periods=4, freq="7D"),
        "actual": [100.0, 160.0, 150.0, 80.0],
        "without": [101.0, 110.0, 108.0, 99.0],
        "low": [90.0, 100.0, 98.0, 90.0],
        "high": [112.0, 121.0, 119.0, 109.0],
        "is_event": [False, True, True, False],
    }
)


def _claims():
    return draw_claims(CLAIMS, name="claims", title="Claims", period="2026Q1")


def test_claims_are_told_in_words_with_their_range_and_what_history_supports() -> None:
    assert _claims().alt == (
        "Claims, 2026Q1. "
        "A1 Feature <b>: claimed +80\u202f% (+50 to +110); history +32\u202f% (+27 to +38): optimistic. "
        "A2 Order: claimed +90 units (+60 to +120): no history. "
        "A3 Delisting: claimed −100\u202f%; history −100\u202f%: supported."
    )


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_drawings_are_sound_and_keep_within_their_paper(width: str) -> None:
    root = ET.fromstring(getattr(_claims(), width))
    limit, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for shape in root.iter():
        for name, most in (("x", limit), ("x2", limit), ("cx", limit), ("y", height), ("y2", height)):
            if name in shape.attrib:
                assert -1 <= float(shape.attrib[name]) <= most + 1, (shape.tag, shape.attrib)
    assert _claims() == _claims()


def test_a_silent_history_has_no_band_and_every_event_a_dot_hollow_where_in_doubt() -> None:
    drawn = _claims().wide
    assert drawn.count(f'fill="{BAND}"') == 1
    assert drawn.count("<circle") == 2
    assert drawn.count(f'stroke="{ACTUAL}" stroke-width="1"><title>feature Jan 2024') == 1


def test_ranges_and_dots_share_one_scale_a_claim() -> None:
    root = ET.fromstring(_claims().wide)
    dots = [float(shape.attrib["cx"]) for shape in root.iter() if shape.tag.endswith("circle")]
    # 30 and 36 of a scale from 0 to 110 over 610 pixels.
    assert dots[1] - dots[0] == pytest.approx(6 * 610 / 110, abs=0.2)


def test_what_came_true_stands_below_the_claim_and_a_blank_verdict_is_not_written() -> None:
    claim = ClaimPicture("A4 Coupon", "", "%", 20, 30, 40, came_true=12.0)
    chart = draw_claims([claim], name="outcome", title="Claims", period="2025Q4")
    assert chart.alt == "Claims, 2025Q4. A4 Coupon: claimed +30\u202f% (+20 to +40); came true +12\u202f%."
    assert "came true +12\u202f%" in chart.wide
    assert chart.legend.endswith("Solid bar: what came true.")
    assert "came true" not in _claims().legend


def test_a_row_of_the_evidence_is_drawn_on_the_scale_it_was_judged_on() -> None:
    line = {"name": "A1 Price", "verdict": "supported", "unit": "percent", "effect_low": -6.0}
    line |= {"effect_claim": -5.0, "effect_high": -4.0, "effect_supported": -3.5, "effect_error": 1.0}
    picture = picture_claim(line, (("price 2024", -4.0, True),))
    # 1.645 standard errors either side hold nine in ten.
    assert (picture.evidence_low, picture.evidence_high) == pytest.approx((-5.145, -1.855))
    assert picture.dots
    silent = picture_claim(line | {"effect_supported": NONE, "effect_error": NONE}, picture.dots)
    assert silent.dots == ()


def test_an_event_is_told_with_what_was_sold_and_what_would_have_been() -> None:
    chart = draw_event_study(WEEKS, name="event", title="Tea", unit="units", remark="Gross +92.")
    assert chart.alt == "Tea. In the event 310 sold, 218 without it (198 to 240 by period summed), units."
    assert chart.legend == "Gross +92. Counted in units."
    root = ET.fromstring(chart.wide)
    bars = [shape for shape in root.iter() if shape.attrib.get("fill") == ACTUAL]
    assert len(bars) == 4
    assert sum("fill-opacity" not in bar.attrib for bar in bars) == 2
    assert chart == draw_event_study(WEEKS, name="event", title="Tea", unit="units", remark="Gross +92.")
