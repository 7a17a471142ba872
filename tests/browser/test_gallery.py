"""One page with every kind of chart: the example of its own documentation, and one of random numbers."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alignment_lib.answers import charts
from alignment_lib.answers.charts.ink.lettering import font_of_page
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.markup import tag
from alignment_lib.publishing.report.report import read_asset
from tests.unit.answers.charts.random_charts import MAKERS

_FAULTS = """[...document.querySelectorAll('svg[role=img]')].filter(s => s.getBoundingClientRect().width)
  .flatMap(s => {
    const box = s.getBoundingClientRect(), found = [];
    const texts = [...s.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
    texts.forEach(([text, r], number) => {
      if (r.left < box.left - 1 || r.right > box.right + 1) found.push('cut: ' + text);
      for (const [other, o] of texts.slice(0, number)) {
        const across = Math.min(r.right, o.right) - Math.max(r.left, o.left);
        const down = Math.min(r.bottom, o.bottom) - Math.max(r.top, o.top);
        // A line's box is taller than its letters: what overlaps by less is air.
        if (across > 1 && down > 0.35 * Math.min(r.height, r.width, o.height, o.width))
          found.push(other + ' | ' + text);
      }
    });
    return found; })"""


def _drawings() -> dict[str, Any]:
    found = {}
    for module in pkgutil.iter_modules(charts.__path__):
        part = importlib.import_module(f"alignment_lib.answers.charts.{module.name}")
        for name in getattr(part, "__all__", ()):
            function = getattr(part, name)
            if name.startswith("draw_") and inspect.isfunction(function):
                found[name] = function
    return dict(sorted(found.items()))


def _example(name: str, function: Any) -> list[Chart]:
    """The charts that the examples of a drawing function make."""
    made: list[Chart] = []

    def record(*args: Any, **kwargs: Any) -> Any:
        chart = function(*args, **kwargs)
        if isinstance(chart, Chart):
            made.append(chart)
        return chart

    space = {**vars(importlib.import_module(function.__module__)), name: record}
    for example in doctest.DocTestParser().get_examples(inspect.getdoc(function) or ""):
        exec(compile(example.source, name, "exec"), space)
    return made


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    parts = []
    for number, (name, function) in enumerate(_drawings().items()):
        for chart in _example(name, function)[:1]:
            shown = str(chart.to_html()).replace("hatch-doc", f"hatch-doc-{number}")
            parts.append(f"<section><h2>{name}</h2>{shown}{tag('p', chart.alt, class_='note')}</section>")
    for number, (name, make) in enumerate(MAKERS.items()):
        shown = str(make(np.random.default_rng(number)).to_html())
        parts.append(f"<section><h2>{name}</h2>{shown}</section>")
    body = "".join(parts)
    page = tmp_path_factory.mktemp("gallery") / "gallery.html"
    head = f'<!DOCTYPE html><html lang="en"><title>Charts</title><style>{read_asset("report.css")}'
    head += f"{font_of_page(body)}</style>"
    page.write_text(f"{head}<main><h1>Every chart</h1>{body}</main>", encoding="utf-8")
    return page


def test_every_drawing_has_an_example_that_draws_something() -> None:
    drawings = _drawings()
    assert len(drawings) >= 12
    silent = [name for name, function in drawings.items() if not _example(name, function)]
    assert silent == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_gallery_shows_each_chart_whole_with_labels_apart_and_its_words(
    tab: Any, gallery: Path, shots: Path, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(gallery.as_uri())
    assert tab.locator("figure svg:visible").count() == tab.locator("figure").count()
    assert tab.evaluate(_FAULTS) == []
    # The face of the page itself, whether or not the machine has one of that name.
    assert tab.evaluate("[...document.fonts].map(face => face.status)") == ["loaded", "loaded"]
    described = tab.evaluate(
        "[...document.querySelectorAll('svg')].map(s => (s.getAttribute('aria-label') || '').length > 20)"
    )
    assert described
    assert all(described)
    tab.screenshot(path=shots / f"gallery-{width}.png", full_page=True)
