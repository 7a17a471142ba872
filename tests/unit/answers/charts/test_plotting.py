"""Charts as drawings of matplotlib: in values, restyled, in files, and shown by a real notebook."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from nbclient import NotebookClient

import alignment_lib
from alignment_lib.answers.charts.ink.lettering import embedded_font, font_of_page, text_width
from alignment_lib.answers.charts.ink.palette import GOOD, INKS
from alignment_lib.answers.charts.waterfall import Step, draw_waterfall
from alignment_lib.publishing.report.report import read_asset
from tests.unit.answers.charts.random_charts import MAKERS

STEPS = [Step("Baseline", 100, "forecast"), Step("Coupon $x$", 60, "change"), Step("Plan", 160, "plan")]


def _bridge():
    return draw_waterfall(STEPS, name="bridge", title="Bridge", unit="units", period="2026Q1", target=150.0)


def _named(ax, label: str):
    return next(one for one in ax.collections if one.get_label() == label)


def test_an_axes_counts_in_the_values_of_the_chart() -> None:
    ax = _bridge().plot()
    rise = _named(ax, "more").get_paths()[0].get_extents()
    assert (rise.x0, rise.x1) == pytest.approx((100, 160))
    assert round((rise.y0 + rise.y1) / 2, 1) == 1.0
    assert {"Baseline", "Coupon $x$", "+60", "target 150"} <= {text.get_text() for text in ax.texts}


def test_inks_can_be_others_and_one_that_is_none_is_named_with_the_nearest() -> None:
    ax = _bridge().plot(good="#2a7f3f")
    assert _named(ax, "more").get_facecolor()[0][:3] == pytest.approx((0x2A / 255, 0x7F / 255, 0x3F / 255))
    with pytest.raises(TypeError, match="No ink is named 'god'; the nearest is 'good'"):
        _bridge().plot(god="red")


def test_it_draws_into_an_axes_that_is_given_and_fits_a_small_one() -> None:
    figure = Figure(figsize=(3, 2), dpi=200)
    ax = figure.add_subplot()
    assert _bridge().plot(ax=ax) is ax
    assert ax.get_title(loc="left") == "Bridge\nin units, 2026Q1"
    figure.canvas.draw()
    box = ax.get_window_extent()
    for text in ax.texts:
        drawn = text.get_window_extent()
        assert box.x0 - 3 <= drawn.x0 <= drawn.x1 <= box.x1 + 3, text
        assert box.y0 - 3 <= drawn.y0 <= drawn.y1 <= box.y1 + 3, text


def test_every_kind_is_drawn_into_files_and_the_same_every_time() -> None:
    for kind, make in MAKERS.items():
        chart = make(np.random.default_rng(7))
        if kind in ("fan", "claims", "cohorts", "multiples"):
            assert chart.png(dpi=10).startswith(b"\x89PNG"), kind
        assert str(chart.to_html()) == str(make(np.random.default_rng(7)).to_html())
    assert chart.png() == make(np.random.default_rng(7)).png()
    assert b"@font-face" in chart.svg
    assert b"var(" not in chart.svg


def test_names_of_patterns_are_unique_in_a_page() -> None:
    page = "".join(str(make(np.random.default_rng(3)).to_html()) for make in MAKERS.values())
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names)) > 5
    assert set(re.findall(r"url\(#([^)]+)\)", page)) == set(names)


def test_a_page_holds_the_face_once_with_the_marks_it_uses_and_none_without_drawings() -> None:
    page = str(_bridge().to_html())
    rules = font_of_page(page)
    assert rules.count("@font-face") == 2
    assert rules == font_of_page(page)
    assert len(rules) < 40_000
    assert len(embedded_font(["Ω東"])) > len(rules)
    assert font_of_page("<p>Nothing drawn</p>") == ""


def test_a_text_is_as_wide_as_matplotlib_sets_it() -> None:
    ax = Figure(dpi=72).add_subplot()
    for bold in (False, True):
        text = ax.text(0, 0, "Minimum order 12,345", fontsize=40, fontweight="bold" if bold else "normal")
        wide = text.get_window_extent().width
        assert text_width("Minimum order 12,345", 40, bold=bold) == pytest.approx(wide, rel=0.03)


def _themes() -> list[dict[str, str]]:
    style = read_asset("report.css")
    found = [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{3,6})", rule)) for rule in re.findall(r":root \{[^}]*\}", style)
    ]
    light = found[0]
    return [light | theme for theme in found]


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _mixed(over: str, under: str, opacity: float) -> str:
    pairs = [(int(over[at : at + 2], 16), int(under[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(opacity * one + (1 - opacity) * other):02x}" for one, other in pairs)


def test_every_text_and_mark_can_be_told_from_what_lies_behind_it_in_light_dark_and_print() -> None:
    themes = _themes()
    assert len(themes) == 3
    assert {name: themes[0][name] for name in INKS} == INKS
    labels, marks, shades = set(), set(), set()
    names = {ink: name for name, ink in INKS.items()}
    for number, make in enumerate(MAKERS.values()):
        chart = make(np.random.default_rng(number))
        paper = chart.paper(chart.sheets[0])
        labels |= {names[label.ink] for label in paper.labels} - {"paper"}
        marks |= {names[mark.style.edge or mark.style.fill] for mark in paper.marks}
        shades |= {mark.style.opacity for mark in paper.marks if mark.style.fill == GOOD}
    for theme in themes:
        paper = theme["paper"] if len(theme["paper"]) == 7 else "#ffffff"
        assert min(_contrast(theme[name], paper) for name in labels) >= 4.5
        # What is pale by its meaning (year before, band, rules) lies beside or behind what is not.
        assert min(_contrast(theme[name], paper) for name in marks - {"paper", "prior", "band", "rule"}) >= 3
        for shade in shades:
            behind = _mixed(theme["good"], paper, shade)
            ink = theme["ink"] if len(theme["ink"]) == 7 else "#000000"
            assert max(_contrast(ink, behind), _contrast(paper, behind)) >= 4.5


def test_a_blank_notebook_shows_a_drawing_once_and_needs_no_pyplot() -> None:
    cells = [
        "from alignment_lib.answers.charts.waterfall import Step, draw_waterfall\n"
        "steps = [Step('Baseline', 100, 'forecast'), Step('Plan', 160, 'plan')]\n"
        "chart = draw_waterfall(steps, name='b', title='Bridge', unit='units', period='2026Q1')",
        "chart.plot()",
        "import sys; 'matplotlib.pyplot' in sys.modules",
        "chart.plot().figure",
        "import matplotlib.pyplot as plt\nfigure, ax = plt.subplots()\nchart.plot(ax=ax)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    folder = Path(alignment_lib.__file__).parents[1]
    NotebookClient(
        book, kernel_name="python3", timeout=120, resources={"metadata": {"path": str(folder)}}
    ).execute()
    pictures = [sum("image/png" in one.get("data", {}) for one in cell.outputs) for cell in book.cells]
    assert pictures == [0, 1, 0, 1, 1]
    assert book.cells[2].outputs[0].data["text/plain"] == "False"


def test_drawing_brings_in_no_pyplot_and_leaves_a_person_s_settings_as_they_were() -> None:
    code = (
        "import sys, matplotlib; matplotlib.rcParams['font.size'] = 33\n"
        "from alignment_lib.answers.charts.odds_strip import draw_odds_strip\n"
        "chart = draw_odds_strip({'plan': 5.0}, name='x', title='t', unit='u', period='p')\n"
        "chart.to_html(), chart.plot(), chart.png()\n"
        "print('matplotlib.pyplot' in sys.modules, matplotlib.rcParams['font.size'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "33.0"]
    assert done.stderr == ""
