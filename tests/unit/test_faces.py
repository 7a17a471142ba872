"""Faces arrange answers: outside `answers` no table's columns are declared, and nothing is drawn."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "alignment_lib"
FACES = ("publishing", "app")
"""Folders that hold to it."""
_ANSWERS = "alignment_lib.answers"
_ARRANGED = {"Chart", "embedded_font", "font_of_page"}
"""What a face may take from the charts: a drawing that is finished, and the letters a page needs for it."""
_DRAWN = ("<svg", "<path", "<rect", "<polyline", "<table", "<th", "<td")
_ELEMENTS = {"svg", "path", "table", "thead", "tbody", "tr", "th", "td"}


def _faults(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if one.name.partition(".")[0] == "matplotlib")
        elif isinstance(node, ast.ImportFrom):
            yield from _imported(node.module or "", {one.name for one in node.names})
        elif isinstance(node, ast.Call):
            yield from _made(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from (mark for mark in _DRAWN if mark in node.value)


def _imported(module: str, names: set[str]) -> Iterator[str]:
    if module.partition(".")[0] == "matplotlib":
        yield module
    if module == f"{_ANSWERS}.tables":
        yield from names & {"Column"}
    if module.startswith(f"{_ANSWERS}.charts"):
        yield from names - _ARRANGED


def _made(call: ast.Call) -> Iterator[str]:
    name = _called(call)
    first = call.args[0] if call.args else None
    if name == "tag" and isinstance(first, ast.Constant) and first.value in _ELEMENTS:
        yield f'tag("{first.value}")'
    if name == "Column":
        yield "Column(…)"


def _called(call: ast.Call) -> str:
    function = call.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


@pytest.mark.parametrize("folder", FACES)
def test_a_face_declares_no_column_and_draws_nothing(folder: str) -> None:
    found = {
        path.relative_to(PACKAGE).as_posix(): sorted(set(_faults(path.read_text(encoding="utf-8"))))
        for path in sorted((PACKAGE / folder).rglob("*.py"))
    }
    assert found
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("from alignment_lib.answers.tables import Column", "Column"),
        ("import alignment_lib.answers.tables as t\nt.Column('a', 'A')", "Column(…)"),
        ("from matplotlib.figure import Figure", "matplotlib.figure"),
        ("import matplotlib.pyplot as plt", "matplotlib.pyplot"),
        ("from alignment_lib.answers.charts.fan import draw_fan", "draw_fan"),
        ("page = f'<svg viewBox=\"0 0 {width} 9\">'", "<svg"),
        ("tag('th', 'Plan')", 'tag("th")'),
    ],
)
def test_what_a_face_must_not_do_is_seen(source: str, fault: str) -> None:
    assert fault in set(_faults(source))
