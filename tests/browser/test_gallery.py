"""One page with every kind of chart, drawn from the example in its own documentation."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from alignment_lib.answers import charts
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.markup import tag
from alignment_lib.publishing.report.report import read_asset


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
    page = tmp_path_factory.mktemp("gallery") / "gallery.html"
    head = f'<!DOCTYPE html><html lang="en"><title>Charts</title><style>{read_asset("report.css")}</style>'
    page.write_text(f"{head}<main><h1>Every chart</h1>{''.join(parts)}</main>", encoding="utf-8")
    return page


def test_every_drawing_has_an_example_that_draws_something() -> None:
    drawings = _drawings()
    assert len(drawings) >= 12
    silent = [name for name, function in drawings.items() if not _example(name, function)]
    assert silent == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_gallery_shows_each_chart_whole_with_its_words(
    tab: Any, gallery: Path, shots: Path, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    tab.goto(gallery.as_uri())
    outside = tab.evaluate(
        """[...document.querySelectorAll('svg[role=img]')].filter(s => s.getBoundingClientRect().width)
        .flatMap(s => { const box = s.getBoundingClientRect();
          return [...s.querySelectorAll('text')].filter(t => { const r = t.getBoundingClientRect();
            return r.left < box.left - 3 || r.right > box.right + 3; }).map(t => t.textContent); })"""
    )
    assert outside == []
    described = tab.evaluate(
        "[...document.querySelectorAll('svg')].map(s => (s.getAttribute('aria-label') || '').length > 20)"
    )
    assert described
    assert all(described)
    tab.screenshot(path=shots / f"gallery-{width}.png", full_page=True)
