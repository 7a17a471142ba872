"""Charts: what ink stands for what, words from numbers, the same bytes, legible at both widths."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pandas as pd
import pytest

from alignment_lib.answers.charts.fan import draw_fan
from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, BAND, GOOD, PRIOR, TARGET
from alignment_lib.answers.charts.ink.paper import Mark
from alignment_lib.answers.charts.notation import Chart, Sheet
from alignment_lib.answers.charts.odds_strip import draw_odds_strip
from alignment_lib.answers.charts.required_bars import draw_required_bars
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


def _marks(chart: Chart, sheet: int = 0) -> list[Mark]:
    return chart.paper(chart.sheets[sheet]).marks


def _filled(chart: Chart, ink: str, sheet: int = 0) -> list[Mark]:
    return [mark for mark in _marks(chart, sheet) if mark.style.fill == ink]


def _hatched(chart: Chart, sheet: int = 0) -> list[Mark]:
    return [mark for mark in _marks(chart, sheet) if mark.style.is_hatched]


def _texts(chart: Chart) -> list[str]:
    return [label.text for label in chart.paper(chart.sheets[0]).labels]


def _height(mark: Mark) -> float:
    return mark.box.bottom - mark.box.top


_CHARTS: list[Callable[[], Chart]] = [_fan, _waterfall, _ladder, _tornado, _multiples, _strip]


@pytest.mark.parametrize("draw", _CHARTS)
def test_a_chart_is_sound_xml_in_both_widths_and_the_same_every_time(draw: Callable[[], Chart]) -> None:
    chart = draw()
    assert (draw(), draw().wide, draw().narrow) == (chart, chart.wide, chart.narrow)
    for markup, width in ((chart.wide, 960), (chart.narrow, 350)):
        root = ET.fromstring(markup)
        assert float(root.get("width", "0")) == width
        assert root.get("role") == "img"
        assert root.get("aria-label") == chart.alt
        assert len(markup) < 15_000


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
    fan, bridge = _fan(), _waterfall()
    counts = [len(_filled(fan, ink)) for ink in (ACTUAL, PRIOR, BAND, TARGET)]
    assert counts == [12, 24, 12, 1]
    assert len(_hatched(fan)) == 12
    assert [len(_filled(bridge, ink)) for ink in (GOOD, BAD)] == [1, 1]


def test_a_waterfall_is_cut_only_where_changes_are_small_and_then_says_so() -> None:
    assert any("scale begins at" in text for text in _texts(_waterfall()))
    assert "bars are cut" in _waterfall().legend
    steps = [Step("Baseline", 100, "forecast"), Step("Launch", 60, "change"), Step("Plan", 160, "plan")]
    large = draw_waterfall(steps, name="x", title="Bridge", unit="units", period="2026Q1")
    assert not any("scale begins at" in text for text in _texts(large))
    level, change = _hatched(large)[0].box, _filled(large, GOOD)[0].box
    assert (level.right - level.left) / (change.right - change.left) == pytest.approx(100 / 60, rel=0.02)


def _panels(**sizes: float) -> Chart:
    frame = pd.DataFrame({"member": list(sizes), "label": "2025Q4", "actual": list(sizes.values())})
    frame = frame.assign(baseline=_NONE, plan=_NONE)
    return draw_small_multiples(frame, name="x", title="t", unit="units")


def test_small_multiples_share_one_scale_while_all_can_be_read() -> None:
    chart = _panels(big=200.0, small=50.0)
    large, small = (_height(mark) for mark in _filled(chart, ACTUAL))
    assert large / small == pytest.approx(4.0, rel=0.02)
    assert chart.legend.endswith("One scale for all panels.")


def test_a_panel_that_could_not_be_read_is_enlarged_a_round_number_of_times_and_says_so() -> None:
    chart = _panels(big=4000.0, small=35.0, middle=700.0, nothing=0.0)
    heights = [_height(mark) for mark in _filled(chart, ACTUAL)]
    per = heights[0] / 4000
    assert heights == pytest.approx([4000 * per, 35 * 100 * per, 700 * 5 * per, 0.0])
    assert [text for text in _texts(chart) if "×" in text] == ["×100", "×5"]
    assert "×5: columns of the panel are drawn 5 times as tall" in chart.legend


def test_a_phone_sees_fewer_months_but_all_of_the_plan() -> None:
    assert len(_filled(_fan(), ACTUAL, 1)) == 4
    assert len(_hatched(_fan(), 1)) == 12


def test_what_is_below_nothing_is_drawn_below_the_line() -> None:
    table = _SPANS.iloc[:2].assign(actual=[100.0, -50.0], prior=_NONE)
    chart = draw_fan(table, name="x", title="t", unit="u")
    above, below = (mark.box for mark in _filled(chart, ACTUAL))
    assert below.top == pytest.approx(above.bottom)
    assert (above.bottom - above.top) == pytest.approx(2 * (below.bottom - below.top))


def test_text_in_a_chart_is_inert() -> None:
    labels = ('</svg><script>alert(1)</script>"', "$x^2$ & <b>", "two\nlines\x00\ufffe")
    swings = pd.DataFrame({"label": labels, "low": -1.0, "high": 2.0})
    chart = draw_tornado(swings, name="x", title="t", unit="u", period="p")
    for markup in (chart.wide, chart.narrow, chart.svg.decode()):
        root = ET.fromstring(markup)
        texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {labels[0], labels[1], "two lines\ufffd\ufffd"} <= texts
        assert "<script" not in markup


def test_a_figure_of_what_is_needed_stands_on_its_own_column_or_clear_of_the_line() -> None:
    table = pd.DataFrame({"label": ["2026-01", "2026-02", "2026-03"], "required": [40.0, 95.0, 120.0]})
    table = table.assign(available=_NONE, capacity=100.0)
    chart = draw_required_bars(table, name="x", title="t", unit="leads")
    paper = chart.paper(chart.sheets[0])
    line = next(mark.points[0][1] for mark in paper.marks if mark.style.edge == TARGET)
    low, near, more = (label.y for label in paper.labels[:3])
    assert [label.text for label in paper.labels[:3]] == ["40", "95", "+20"]
    assert low > line + 20
    assert more < near < line - 4


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
    assert all(mark.box.left <= mark.box.right for mark in _marks(drawn))


def test_a_chart_of_nothing_says_so() -> None:
    chart = draw_waterfall([], name="x", title="t", unit="u", period="p")
    assert _texts(chart) == ["Nothing to show."]
    assert "Nothing to show." in chart.narrow


def test_a_bridge_without_changes_has_whole_bars() -> None:
    steps = [Step("Baseline", 620.0, "forecast"), Step("Plan", 620.0, "plan")]
    chart = draw_waterfall(steps, name="still", title="Bridge", unit="units", period="2026Q1")
    assert "scale begins" not in chart.legend
    assert not any("scale begins" in text for text in _texts(chart))


def test_the_ink_of_a_swing_says_less_or_more_and_its_words_say_low_or_high() -> None:
    swings = pd.DataFrame({"label": ["Price", "Both more"], "low": [80.0, 10.0], "high": [-71.0, 45.0]})
    paper = draw_tornado(swings, name="x", title="t", unit="u", period="p").paper(Sheet(960.0, 70.0))
    inks = {label.text: label.ink for label in paper.labels}
    assert inks["low +80.0"] == inks["low +10.0"] == inks["high +45.0"] == GOOD
    assert inks["high −71.0"] == BAD
    bars = [mark.style.fill for mark in paper.marks if mark.style.fill]
    assert (bars.count(GOOD), bars.count(BAD)) == (3, 1)
