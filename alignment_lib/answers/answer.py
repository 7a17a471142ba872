"""An answer: one question's figures with their sentence, chart and table, found once for every face.

A face (report, review, meeting pack, notebook, explorer, workbook) chooses which parts it shows; none of
them works a figure out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.tables import Table, render_table
from alignment_lib.inputs.problems import AlignmentError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Answer", "Part", "nothing_yet"]

Part = Literal["title", "sentence", "chart", "table"]


@dataclass(frozen=True)
class Answer:
    """One question answered.

    Attributes
    ----------
    name : str
        What it is called: ``bridge``, ``odds``.
    title : str
        The heading it stands under.
    sentence : str
        What it says, in words a leader would say aloud.
    frame : DataFrame
        The figures, tidy; columns and units stand in the data dictionary.
    chart : Chart or None
        The picture, None where there is nothing to draw.
    shown : Table or None
        The figures as they are shown; None where a table says nothing more.
    missing : str
        Where the question cannot be answered: what would fill it. Empty where it is answered.

    Examples
    --------
    >>> answer = nothing_yet("leads", "Leads required", "Add leads.csv to see what the plan needs of them.")
    >>> answer.is_answered, answer.sentence
    (False, 'Add leads.csv to see what the plan needs of them.')
    """

    name: str
    title: str
    sentence: str
    frame: pd.DataFrame
    chart: Chart | None = None
    shown: Table | None = None
    missing: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether there are figures at all."""
        return not self.missing

    def table(self) -> pd.DataFrame:
        """The figures as they are shown: the shown rows and columns, a total last where there is one."""
        if self.shown is None:
            return self.frame
        keys = {column.key: column.title for column in self.shown.columns}
        rows = self.shown.rows[list(keys)]
        if self.shown.total is not None:
            total = pd.DataFrame([{key: self.shown.total.get(key) for key in keys}])
            rows = pd.concat([rows, total.astype(rows.dtypes.to_dict(), errors="ignore")], ignore_index=True)
        return rows.rename(columns=keys)

    def plot(self, ax: Axes | None = None, **style: Any) -> Axes:
        """Draw the chart with matplotlib; see `Chart.plot`.

        Raises
        ------
        AlignmentError
            Where there is nothing to draw.
        """
        if self.chart is None:
            raise AlignmentError(f"{self.title} has no chart. {self.missing or self.sentence}")
        return self.chart.plot(ax, **style)

    def to_html(self, parts: Iterable[Part] = ("sentence", "chart", "table")) -> Html:
        """The parts asked for, one below the other; an answer without figures says what would fill it."""
        made: dict[str, Html | None] = {
            "title": tag("h3", self.title),
            "sentence": tag("p", self.sentence) if self.sentence else None,
            "chart": self.chart.to_html() if self.chart is not None else None,
            "table": render_table(self.shown) if self.shown is not None else None,
        }
        return join([made[part] for part in parts])

    def _repr_html_(self) -> str:
        # Chart and table name themselves.
        title: tuple[Part, ...] = () if self.chart or self.shown else ("title",)
        return str(framed(self.to_html((*title, "sentence", "chart", "table"))))

    def __repr__(self) -> str:
        """One line: what is asked and what it says."""
        return f"<Answer {self.name}: {self.sentence}>"


def nothing_yet(name: str, title: str, missing: str) -> Answer:
    """The answer to a question that cannot be answered yet: a sentence that says what would fill it."""
    return Answer(name, title, missing, pd.DataFrame(), missing=missing)
