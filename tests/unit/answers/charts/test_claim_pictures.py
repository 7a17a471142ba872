"""Claims against evidence, and single past events: words from numbers, sound drawings, the same bytes."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.answers.charts.claim_evidence import ClaimPicture, draw_claims, picture_claim
from alignment_lib.answers.charts.event_study import EventPicture, draw_event_study
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAND

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


def test_drawings_keep_within_their_paper_and_are_the_same_every_time() -> None:
    for sheet in _claims().sheets:
        paper = _claims().paper(sheet)
        for mark in paper.marks:
            assert -1 <= mark.box.left <= mark.box.right <= paper.width + 1, mark
            assert -1 <= mark.box.top <= mark.box.bottom <= paper.height + 1, mark
    assert (_claims(), _claims().wide) == (_claims(), _claims().wide)


def _marks(chart, kind="area"):
    return [mark for mark in chart.paper(chart.sheets[0]).marks if mark.style.kind == kind]


def test_a_silent_history_has_no_band_and_every_event_a_dot_hollow_where_in_doubt() -> None:
    assert sum(mark.style.fill == BAND for mark in _marks(_claims())) == 1
    dots = {mark.hint: mark.style for mark in _marks(_claims(), "dot")}
    assert len(dots) == 2
    assert dots["feature Jan 2024: +36\u202f%"].edge == ACTUAL
    assert dots["feature Jan 2025: +30\u202f%"].fill == ACTUAL
    assert _claims().wide.count("<title>feature Jan 2024: +36\u202f%</title>") == 1


def test_ranges_and_dots_share_one_scale_a_claim() -> None:
    first, second = (mark.points[0][0] for mark in _marks(_claims(), "dot"))
    # 30 and 36 of a scale from 0 to 110.
    claimed = next(mark.box for mark in _marks(_claims()) if mark.hint.startswith("claimed +50 to +110"))
    per = (claimed.right - claimed.left + 1.5) / 60
    assert second - first == pytest.approx(6 * per, abs=0.2)


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
    event = EventPicture("Coupon", "gross +92", WEEKS)
    chart = draw_event_study([event], name="event", title="Tea", unit="units")
    said = "Coupon: in the event 310 sold, 218 without it (198 to 240 by period summed)"
    assert chart.alt == f"Tea. {said}. In units."
    bars = [mark for mark in _marks(chart) if mark.style.fill == ACTUAL]
    assert len(bars) == 4
    assert sum(bar.style.opacity == 1 for bar in bars) == 2
    several = draw_event_study([event] * 5, name="event", title="Tea", unit="units")
    assert several.alt.count(said) == 5
    assert several.sheets[0].height == 3 * chart.sheets[0].height
