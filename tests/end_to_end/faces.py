"""Every face of one round as pages, and what stands on them: charts by title, tables by caption."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from alignment_lib.answers.catalogue import question_names
from alignment_lib.answers.live.pictures import Pictures
from alignment_lib.app.analyst.round import Round
from alignment_lib.app.reviewing.meeting_round import prepare_meeting
from alignment_lib.app.reviewing.review_parts import review_parts
from alignment_lib.publishing.meeting_pack import render_pack
from alignment_lib.publishing.plain_page import render_part
from alignment_lib.publishing.report.report_parts import PARTS, Report
from alignment_lib.rounds.closed.look_view import view_look_back
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork

_ALONE = {"br", "img", "hr", "input", "path", "use", "rect", "line", "meta", "link", "wbr"}
_WORDS = {"strong", "span", "caption", "td", "th", "p", "figcaption", "dt", "dd"}

__all__ = ["Standing", "open_work", "render_faces", "what_stands"]


@dataclass
class Standing:
    """What stands on some pages.

    Attributes
    ----------
    charts : dict of (title, subtitle) to dict of alternative text to faces
    tables : dict of caption to dict of cells to faces
    totals : list of (face, caption, note)
        Tables with a total row, and what stands below them.
    figures : dict of label to dict of figure to faces
        Figures beside their label, as at the head of a page.
    """

    charts: dict[tuple[str, str], dict[str, list[str]]] = field(default_factory=dict)
    tables: dict[str, dict[tuple[str, ...], list[str]]] = field(default_factory=dict)
    totals: list[tuple[str, str, str]] = field(default_factory=list)
    figures: dict[str, dict[str, list[str]]] = field(default_factory=dict)


def open_work(workspace: Path, round_name: str, as_of: Any = None, cache: Path | None = None) -> RoundWork:
    """A round with everything that follows from it; earlier ones are the workspace's own."""
    request = PlanRequest(workspace, round_name, as_of, cache=cache, only_looks=True)
    return RoundWork(prepare_round(request), request)


def render_faces(work: RoundWork) -> dict[str, str]:
    """Every face as markup, by name."""
    look = work.look
    found = {"report": str(Report(view_work(work)).show(*(part.anchor for part in PARTS)))}
    parts = review_parts(look, view_look_back(look))
    found["review page"] = "".join(str(render_part(part)) for part in parts)
    found["meeting pack"] = render_pack(prepare_meeting(work)).decode()
    asked = Round(work).answers
    for name in question_names():
        answer = getattr(asked, name)()
        found[f"notebook {name}"] = str(answer.to_html())
    again = {"cleaning": {"by": "value"}, "lead_quality": {"by": "reason"}, "payout": {"played": True}}
    for name, words in again.items():
        found[f"notebook {name} again"] = str(getattr(asked, name)(**words).to_html())
    live = work.live
    pictures, figures = Pictures(live), live.evaluate(live.start_from(work.request.scenario))
    odds = live.simulate(figures)
    drawn = [pictures.draw(name, figures, odds) for name in pictures.names(figures, odds)]
    return found | {"explorer": "".join(str(chart.to_html()) for chart in drawn)}


def what_stands(faces: dict[str, str]) -> Standing:
    """Charts and tables of all faces."""
    standing = Standing()
    for face, markup in faces.items():
        reader = _Reader()
        reader.feed(markup)
        reader.close()
        for chart in reader.charts:
            texts = standing.charts.setdefault((chart["title"], chart["subtitle"]), {})
            texts.setdefault(chart["alt"], []).append(face)
        for label, value in zip(reader.labels, reader.values, strict=False):
            standing.figures.setdefault(label, {}).setdefault(value, []).append(face)
        for table in reader.tables:
            cells = standing.tables.setdefault(table.caption, {})
            cells.setdefault(tuple(table.cells), []).append(face)
            if table.has_total:
                standing.totals.append((face, table.caption, table.note))
    return standing


@dataclass
class _Table:
    caption: str = ""
    cells: list[str] = field(default_factory=list)
    has_total: bool = False
    note: str = ""


class _Reader(HTMLParser):
    """Figures with their words, tables with their cells and the note that follows, figures beside labels."""

    def __init__(self) -> None:
        super().__init__()
        self.charts: list[dict[str, str]] = []
        self.tables: list[_Table] = []
        self.labels: list[str] = []
        self.values: list[str] = []
        self._in: list[str] = []
        self._into: Callable[[str], None] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        opened = getattr(self, f"_open_{tag}", None)
        if opened is not None:
            opened({name: str(value or "") for name, value in attrs})
        if tag not in _ALONE:
            self._in.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop() != tag:
            pass
        if tag in _WORDS:
            self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into(data)

    def _open_figure(self, given: dict[str, str]) -> None:
        self.charts.append({"title": "", "subtitle": "", "alt": ""})

    def _open_strong(self, given: dict[str, str]) -> None:
        if "figcaption" in self._in:
            self._into = lambda text: self._write("title", text)

    def _open_span(self, given: dict[str, str]) -> None:
        if "figcaption" in self._in:
            self._into = lambda text: self._write("subtitle", text)

    def _write(self, key: str, text: str) -> None:
        self.charts[-1][key] += text

    def _open_svg(self, given: dict[str, str]) -> None:
        if given.get("role") == "img" and self.charts and not self.charts[-1]["alt"]:
            self.charts[-1]["alt"] = given.get("aria-label", "")

    def _open_table(self, given: dict[str, str]) -> None:
        self.tables.append(_Table())

    def _open_caption(self, given: dict[str, str]) -> None:
        self._into = lambda text: setattr(self.tables[-1], "caption", self.tables[-1].caption + text)

    def _open_td(self, given: dict[str, str]) -> None:
        cells = self.tables[-1].cells
        cells.append("")
        self._into = lambda text: cells.append(cells.pop() + text)

    _open_th = _open_td

    def _open_tfoot(self, given: dict[str, str]) -> None:
        self.tables[-1].has_total = True

    def _open_p(self, given: dict[str, str]) -> None:
        if "note" in given.get("class", "").split() and self.tables and not self.tables[-1].note:
            self._into = lambda text: setattr(self.tables[-1], "note", self.tables[-1].note + text)

    def _open_dt(self, given: dict[str, str]) -> None:
        self.labels.append("")
        self._into = lambda text: self.labels.append(self.labels.pop() + text)

    def _open_dd(self, given: dict[str, str]) -> None:
        self.values.append("")
        self._into = lambda text: self.values.append(self.values.pop() + text)

    def _open_small(self, given: dict[str, str]) -> None:
        if "dd" in self._in:
            self._into = None
