"""A difference taken apart level by level: the whole, its types of sale, and the bars within each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_lib.answers.charts.ink.lettering import shorten
from alignment_lib.answers.charts.ink.palette import BAD, GOOD, INK, MUTED, RULE
from alignment_lib.answers.charts.ink.paper import Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import Scale, choose_scale

__all__ = ["Branch", "draw_variance_tree"]


@dataclass(frozen=True)
class Branch:
    """One row of the tree.

    Attributes
    ----------
    label : str
        Its name.
    effect : float
        Its part of the difference.
    depth : int
        0 the whole, 1 a type of sale, 2 a bar within it.
    note : str
        Who can act on it and how sure it is.
    error : float
        Standard error; NaN where none is known.
    """

    label: str
    effect: float
    depth: int
    note: str = ""
    error: float = float("nan")


def draw_variance_tree(branches: Sequence[Branch], *, name: str, title: str, unit: str, period: str) -> Chart:
    """Rows from the whole to its parts, all on one scale around zero; a branch is the sum of its twigs.

    Examples
    --------
    >>> rows = [Branch("all", -30, 0), Branch("new", -50, 1, "sales"), Branch("repeat", 20, 1)]
    >>> draw_variance_tree(rows, name="doc", title="Difference", unit="EUR", period="2025Q3").alt
    'Difference, 2025Q3, in EUR. all −30.0; new −50.0 (sales); repeat +20.0.'
    """
    scale = choose_scale([row.effect for row in branches], unit)
    words = [
        f"{row.label} {scale.write(row.effect, signed=True)}{f' ({row.note})' if row.note else ''}"
        for row in branches
    ]
    alt = f"{title}, {period}, in {scale.unit}. {'; '.join(words)}."
    legend = (
        "Blue with plus: more than the reference; orange with minus: less. Each row is the sum of those set "
        "in under it; the thin line is its 90 % interval where one is known."
    )
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}, {period}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, branches, scale),
        sheets=two_sheets(len(branches) * 24 + 12, len(branches) * 42 + 12),
        legend=legend,
    )


def _draw(paper: Paper, branches: Sequence[Branch], scale: Scale) -> None:
    narrow = paper.is_narrow
    height = (paper.height - 12.0) / max(len(branches), 1)
    values = room_for([scale.write(row.effect, signed=True) for row in branches], 11.5, bold=True) + 9.0
    notes = 0.0 if narrow else min(room_for([row.note for row in branches], 11.5), 250.0)
    names = 0.0 if narrow else min(310.0, 0.36 * paper.width)
    left, right = names + values, paper.width - values - (notes + 14.0 if notes else 0.0)
    reach = [row.effect + sign * _spread(row) for row in branches for sign in (-1.0, 1.0)]
    low, high = min([0.0, *reach]), max([0.0, *reach])
    per = (right - left) / ((high - low) or 1.0)
    zero = left - low * per
    paper.count_in((zero, 4 + height / 2), (per, height))
    paper.line(zero, 2, zero, paper.height - 6, INK, 1)
    for number, row in enumerate(branches):
        y = number * height + 4
        bar, thick = (y + 18, height - 26) if narrow else (y + 3, height - 8)
        indent, bold, middle = 16.0 * row.depth, row.depth < 2, bar + thick / 2 + 4
        if bold and number:
            paper.line(0, y - 1, paper.width, y - 1, RULE, 0.8)
        if narrow:
            name = shorten(row.label, paper.width - 4 - indent / 2, bold=bold)
            paper.text(2 + indent / 2, y + 12, name, bold=bold, halo=True)
        else:
            name = shorten(row.label, names - indent - 12, 12.5, bold=bold)
            paper.text(4 + indent, middle, name, size=12.5, bold=bold)
            note = shorten(row.note, notes, 11.5)
            paper.text(paper.width - 2, middle, note, size=11.5, ink=MUTED, anchor="end")
        _bar(paper, row, (zero, per, bar, thick), scale)


def _spread(row: Branch) -> float:
    return 1.645 * row.error if row.error == row.error else 0.0


def _bar(paper: Paper, row: Branch, place: tuple[float, float, float, float], scale: Scale) -> None:
    zero, per, bar, thick = place
    end = zero + row.effect * per
    ink = GOOD if row.effect >= 0 else BAD
    hint = f"{row.label}: {scale.say(row.effect, signed=True)}"
    shade = 1.0 if row.depth < 2 else 0.7
    paper.rect(min(zero, end), bar, max(abs(end - zero), 1.0), thick, ink, hint=hint, opacity=shade)
    reach = _spread(row) * per
    if reach:
        paper.line(end - reach, bar + thick / 2, end + reach, bar + thick / 2, INK, 1.2)
    side = 1.0 if row.effect >= 0 else -1.0
    # Beyond its error, and beyond the line of nothing where the error reaches across it.
    at = max(end + reach, zero) + 6 if side > 0 else min(end - reach, zero) - 6
    text, anchor = scale.write(row.effect, signed=True), "start" if side > 0 else "end"
    paper.text(at, bar + thick / 2 + 4, text, size=11.5, ink=ink, anchor=anchor, bold=row.depth < 2)
