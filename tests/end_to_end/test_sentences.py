"""Numbers in the demo's pages: one way of writing them in every sentence, table and chart."""

from __future__ import annotations

import ast
import functools
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from IPython.display import display
from pandas.io.formats.style import Styler

import alignment_lib
from alignment_lib.app.analyst.words import open_round

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ["1_history", "2_baseline", "3_assumptions", "4_scenarios", "5_funnel", "6_review", "7_meeting"]
# A hyphen for a minus, as in "brings -5", and per cent without its space; a date or an id holds no blank
# before the hyphen.
_WRONG = re.compile(r"(?<![\w.\-/~])-\d|\d%")


class _Words(HTMLParser):
    """What a page shows or reads aloud: its text, and the words of its pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag if tag in ("style", "script") else ""
        self.found += [value for name, value in attrs if name in ("aria-label", "alt", "title") and value]

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.found.append(data)


def _wrong_in(page: str) -> list[str]:
    words = _Words()
    words.feed(page)
    return [text for text in words.found if _WRONG.search(text)]


def _shown_by(notebook: str) -> list[str]:
    """What the cells of a notebook show, as HTML."""
    cells = json.loads((ROOT / "notebooks" / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    space: dict[str, Any] = {"display": display}
    shown = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        *body, last = ast.parse("".join(cell["source"])).body
        exec(compile(ast.Module(body, []), notebook, "exec"), space)
        if isinstance(last, ast.Expr):
            value = eval(compile(ast.Expression(last.value), notebook, "eval"), space)
            # A plain frame of pandas writes its numbers in pandas' way: it is the analyst's own.
            plain = isinstance(value, pd.DataFrame | pd.Series | Styler) or not hasattr(value, "_repr_html_")
            shown.append("" if plain else value._repr_html_())
        else:
            exec(compile(ast.Module([last], []), notebook, "exec"), space)
    return [page for page in shown if page]


@functools.cache
def _open_once(*asked: str) -> Any:
    """All notebooks look at one round; none changes it."""
    return open_round(*asked)


def test_the_rule_tells_a_minus_from_a_date_and_an_id() -> None:
    assert _wrong_in("<p>brings -5 units</p>") == ["brings -5 units"]
    assert _wrong_in('<svg aria-label="won 52%"></svg>') == ["won 52%"]
    assert _wrong_in("<p>2026-01-05, R26Q1-05, −5, 52\u202f%</p><style>a{width:5%}</style>") == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_notebook_writes_a_number_in_a_way_of_its_own(
    notebook: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    monkeypatch.setattr(alignment_lib, "open_round", _open_once)
    pages = _shown_by(notebook)
    assert len(pages) >= 2
    assert [text for page in pages for text in _wrong_in(page)] == []


def test_the_report_writes_numbers_in_one_way() -> None:
    page = (ROOT / "reports" / "sample" / "report.html").read_text(encoding="utf-8")
    assert _wrong_in(page) == []


def test_what_awaits_a_decision_is_told_by_the_plans_with_and_without_it() -> None:
    words = _Words()
    words.feed((ROOT / "reports" / "sample" / "report.html").read_text(encoding="utf-8"))
    text = " ".join(" ".join(words.found).split())
    found = re.search(
        r"If all are rejected the plan is ([\d,]+) units .*?; if all are accepted, ([\d,]+)", text
    )
    assert found is not None
    now, with_them = (float(figure.replace(",", "")) for figure in found.groups())
    plan = pd.read_parquet(ROOT / "reports" / "sample" / "plan.parquet")
    inside = plan[(plan["period"] >= "2025-12-29") & (plan["period"] < "2026-03-30")]
    sums = inside.groupby("scenario", observed=True)["plan"].sum()
    assert now == pytest.approx(sums["consensus"], abs=0.5)
    assert with_them == pytest.approx(sums["as_proposed"], abs=0.5)
