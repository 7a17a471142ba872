"""Charts: what ink stands for what, words from numbers, the same bytes, legible at both widths."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from alignment_lib.answers.charts.canvas import Canvas, shorten, text_width
from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.notation import ACTUAL, BAD, BAND, GOOD, PRIOR, TARGET, Chart
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.small_multiples import draw_small_multiples
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.charts.waterfall import Step, draw_ladder, draw_waterfall

_NONE = float("nan")
_SPANS = pd.DataFrame(
    {
        "label": [f"2025-{month:02d}" for month in range(1, 13)]
        + [f"2026-{month:02d}" for month in range(1, 13)],
        "actual": [10_000.0 + 300 * month for month in range(12)] + [_NONE] * 12,
        "prior": [9_000.0] * 12 + [10_000.0 + 300 * month for month in range(12)],
        "baseline": [_NONE] * 12 + [12_000.0] * 12,
        "plan": [_NONE] * 12 + [12_500.0 + 100 * month for month in range(12)],
        "p10": [_NONE] * 12 + [11_000.0] * 12,
        "p90": [_NONE] * 12 + [14_500.0] * 12,
        "target": [_NONE] * 14 + [13_000.0] + [_NONE] * 9,
    }
)


def _fan() -> Chart:
    return draw_fan(_SPANS, name="fan", title="Sales <all>", unit="units")


def _waterfall() -> Chart:
    steps = [
        Step("Baseline", 1000, "forecast"),
        Step("A1 Coupon & more", 120, "change"),
        Step("A2 Delisting", -40, "change"),
        Step("Plan", 1080, "plan"),
    ]
    return draw_waterfall(steps, name="bridge", title="Bridge", unit="units", period="2026Q1", target=1100.0)


def _ladder() -> Chart:
    levels = [("Naive", 900.0), ("Baseline", 1000.0), ("Marketing", 1200.0), ("Consensus", 1080.0)]
    return draw_ladder(levels, name="ladder", title="Ladder", unit="units", period="2026Q1")


def _tornado() -> Chart:
    swings = pd.DataFrame({"label": ["Small", "Wide"], "low": [-5.0, -30.0], "high": [5.0, 60.0]})
    return draw_tornado(swings, name="tornado", title="Risks", unit="units", period="2026Q1")


def _multiples() -> Chart:
    parts = [_SPANS.iloc[8:20].assign(member=name) for name in ("Tea", "Coffee", "Cocoa", "Milk", "Juice")]
    return draw_small_multiples(pd.concat(parts), name="panels", title="Brands", unit="units")


def _strip() -> Chart:
    odds = {
        "plan": 1080.0,
        "p2_5": 850.0,
        "p10": 900.0,
        "p50": 1060.0,
        "p90": 1200.0,
        "p97_5": 1300.0,
        "target": 1100.0,
        "probability": 0.4,
    }
    return draw_odds_strip(odds, name="strip", title="Odds", unit="units", period="2026Q1")


_CHARTS: list[Callable[[], Chart]] = [_fan, _waterfall, _ladder, _tornado, _multiples, _strip]


@pytest.mark.parametrize("draw", _CHARTS)
def test_a_chart_is_sound_xml_in_both_widths_and_the_same_every_time(draw: Callable[[], Chart]) -> None:
    chart = draw()
    assert draw() == chart
    for markup, width in ((chart.wide, 960), (chart.narrow, 350)):
        root = ET.fromstring(markup)
        assert float(root.get("width", "0")) == width
        assert root.get("role") == "img"
        assert root.get("aria-label") == chart.alt
        assert len(markup) < 40_000


@pytest.mark.parametrize("draw", _CHARTS)
def test_a_file_of_its_own_bears_fixed_colours(draw: Callable[[], Chart]) -> None:
    standalone = draw().svg
    ET.fromstring(standalone)
    assert b"var(" not in standalone


def test_alt_text_is_written_from_the_numbers() -> None:
    assert "2025-01 10.0; 2025-02 10.3" in _fan().alt
    assert "2026-01 12.5, from 11.0 to 14.5 eight times in ten" in _fan().alt
    assert _waterfall().alt == (
        "Bridge, 2026Q1, in units. Baseline 1,000; A1 Coupon & more +120; A2 Delisting −40; "
        "Plan 1,080. Target 1,100."
    )
    assert "Naive 900; Naive to baseline +100; Baseline 1,000; Baseline to marketing +200" in _ladder().alt
    assert _tornado().alt == "Risks, 2026Q1, in units. Wide from −30.0 to +60.0; Small from −5.0 to +5.0."
    assert "Tea: last actual 13.3, plan at the end 13.2 (−0.8\u202f%)" in _multiples().alt
    assert _strip().alt.endswith("Target 1,100, reached with a probability of 40\u202f%.")


def test_each_ink_means_one_thing() -> None:
    fan = _fan().wide
    assert fan.count(f'fill="{ACTUAL}"') == 12
    assert fan.count(f'fill="{PRIOR}"') == 24
    assert fan.count('fill="url(#hatch-fan-wide)"') == 12
    assert fan.count(f'fill="{BAND}"') == 12
    assert fan.count(f'fill="{TARGET}"') == 1
    bridge = _waterfall().wide
    assert bridge.count('<rect x="') >= 4
    assert len(re.findall(rf"<rect [^>]*{re.escape(GOOD)}", bridge)) == 1
    assert len(re.findall(rf"<rect [^>]*{re.escape(BAD)}", bridge)) == 1


def test_a_waterfall_is_cut_only_where_changes_are_small_and_then_says_so() -> None:
    assert "scale begins at" in _waterfall().wide
    assert "bars are cut" in _waterfall().legend
    steps = [Step("Baseline", 100, "forecast"), Step("Launch", 60, "change"), Step("Plan", 160, "plan")]
    large = draw_waterfall(steps, name="x", title="Bridge", unit="units", period="2026Q1")
    assert "scale begins at" not in large.wide
    widths = [
        float(width) for width in re.findall(r'<rect [^>]*? width="([\d.]+)" height="1[67]', large.wide)
    ]
    assert widths[0] / widths[1] == pytest.approx(100 / 60, rel=0.02)


def test_small_multiples_share_one_scale() -> None:
    frame = pd.DataFrame(
        {
            "member": ["big", "small"],
            "label": ["2025Q4"] * 2,
            "actual": [200.0, 50.0],
            "baseline": [_NONE] * 2,
            "plan": [_NONE] * 2,
        }
    )
    chart = draw_small_multiples(frame, name="x", title="t", unit="units")
    heights = [float(h) for h in re.findall(rf'height="([\d.]+)" fill="{re.escape(ACTUAL)}"', chart.wide)]
    assert heights[0] / heights[1] == pytest.approx(4.0, rel=0.02)


def test_a_phone_sees_fewer_months_but_all_of_the_plan() -> None:
    chart = _fan()
    assert chart.narrow.count(f'fill="{ACTUAL}"') == 4
    assert chart.narrow.count('fill="url(#hatch-fan-narrow)"') == 12


def test_text_in_a_chart_is_inert_and_cut_to_fit() -> None:
    assert "Sales &lt;all&gt;" in _fan().wide
    canvas = Canvas(10, 10, "x")
    canvas.text(0, 0, '</svg><script>alert(1)</script>"')
    assert "<script" not in canvas.render("alt")
    assert shorten("A very long name", 60).endswith("…")
    assert text_width(shorten("A very long name", 60)) <= 60
    assert shorten("short", 60) == "short"


@pytest.mark.parametrize(
    "chart",
    [
        lambda: draw_fan(_SPANS.iloc[:0], name="x", title="t", unit="u"),
        lambda: draw_odds_strip({"plan": _NONE}, name="x", title="t", unit="u", period="p"),
        lambda: draw_waterfall([], name="x", title="t", unit="u", period="p"),
        lambda: draw_tornado(
            pd.DataFrame({"label": [], "low": [], "high": []}), name="x", title="t", unit="u", period="p"
        ),
        lambda: draw_fan(
            _SPANS.assign(actual=0.0, plan=0.0, baseline=0.0, prior=0.0, p10=0.0, p90=0.0),
            name="x",
            title="t",
            unit="u",
        ),
        lambda: draw_waterfall(
            [Step("a", -5, "actual"), Step("b", -5, "change"), Step("c", -10, "plan")],
            name="x",
            title="t",
            unit="u",
            period="p",
        ),
    ],
)
def test_nothing_zeros_and_negatives_can_be_drawn(chart: Callable[[], Chart]) -> None:
    drawn = chart()
    for markup in (drawn.wide, drawn.narrow):
        ET.fromstring(markup)
        assert "nan" not in re.sub(r'aria-label="[^"]*"', "", markup)
        assert not re.search(r'(width|height)="-', markup)


def test_a_gallery_of_every_chart_opens_without_a_fault(browser: Any, tmp_path: Path) -> None:
    from alignment_lib.publishing.report.report import read_asset

    figures = "".join(str(draw().to_html()) for draw in _CHARTS)
    page = tmp_path / "gallery.html"
    page.write_text(
        f"<!DOCTYPE html><title>Gallery</title><style>{read_asset('report.css')}</style>"
        f"<main>{figures}</main>"
    )
    tab = browser.new_page()
    tab.goto(page.as_uri())
    assert tab.locator("figure svg:visible").count() == len(_CHARTS)
    tab.screenshot(path=str(tmp_path / "gallery.png"), full_page=True)
    tab.close()
    assert (tmp_path / "gallery.png").stat().st_size > 20_000


def test_a_bridge_without_changes_has_whole_bars() -> None:
    steps = [Step("Baseline", 620.0, "forecast"), Step("Plan", 620.0, "plan")]
    chart = draw_waterfall(steps, name="still", title="Bridge", unit="units", period="2026Q1")
    assert "scale begins" not in chart.legend
    assert "scale begins" not in chart.wide
