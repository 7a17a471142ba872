"""A difference taken apart level by level: the whole, its types of sale, and the bars within each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alignment_lib.answers.charts.canvas import Canvas, shorten
from alignment_lib.answers.charts.notation import BAD, GOOD, INK, MUTED, RULE, Chart
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
    drawings = []
    for width, variant, height in ((960.0, "wide", 24.0), (350.0, "narrow", 42.0)):
        canvas = Canvas(width, len(branches) * height + 12, f"{name}-{variant}")
        _draw(canvas, branches, scale, height)
        drawings.append(canvas.render(alt))
    legend = (
        "Blue with plus: more than the reference; orange with minus: less. Each row is the sum of those set "
        "in under it; the thin line is its 90 % interval where one is known."
    )
    return Chart(title, f"in {scale.unit}, {period}", alt, drawings[0], drawings[1], legend)


def _draw(canvas: Canvas, branches: Sequence[Branch], scale: Scale, height: float) -> None:
    narrow = canvas.width < 500
    left, right = (70.0, canvas.width - 72.0) if narrow else (330.0, canvas.width - 320.0)
    reach = [row.effect + sign * _spread(row) for row in branches for sign in (-1.0, 1.0)]
    low, high = min([0.0, *reach]), max([0.0, *reach])
    per = (right - left) / ((high - low) or 1.0)
    zero = left - low * per
    canvas.line(zero, 2, zero, canvas.height - 6, INK, 1)
    for number, row in enumerate(branches):
        y = number * height + 4
        bar, thick = (y + 18, height - 26) if narrow else (y + 3, height - 8)
        indent = 16.0 * row.depth
        if narrow:
            canvas.text(2 + indent / 2, y + 12, shorten(row.label, 320), size=12, bold=row.depth < 2)
        else:
            canvas.text(4 + indent, bar + thick / 2 + 4, shorten(row.label, 300 - indent, 12.5),
                        size=12.5, bold=row.depth < 2)  # fmt: skip
            canvas.text(canvas.width - 2, bar + thick / 2 + 4, shorten(row.note, 250, 11.5),
                        size=11.5, ink=MUTED, anchor="end")  # fmt: skip
        if row.depth < 2 and number:
            canvas.line(0, y - 1, canvas.width, y - 1, RULE, 0.8)
        _bar(canvas, row, (zero, per, bar, thick), scale)


def _spread(row: Branch) -> float:
    return 1.645 * row.error if row.error == row.error else 0.0


def _bar(canvas: Canvas, row: Branch, place: tuple[float, float, float, float], scale: Scale) -> None:
    zero, per, bar, thick = place
    end = zero + row.effect * per
    ink = GOOD if row.effect >= 0 else BAD
    hint = f"{row.label}: {scale.say(row.effect, signed=True)}"
    shade = 1.0 if row.depth < 2 else 0.7
    canvas.rect(min(zero, end), bar, max(abs(end - zero), 1.0), thick, ink, hint=hint, opacity=shade)
    reach = _spread(row) * per
    if reach:
        canvas.line(end - reach, bar + thick / 2, end + reach, bar + thick / 2, INK, 1.2)
    side = 1.0 if row.effect >= 0 else -1.0
    canvas.text(end + side * (reach + 6), bar + thick / 2 + 4, scale.write(row.effect, signed=True),
                size=11.5, ink=ink, anchor="start" if side > 0 else "end", bold=row.depth < 2)  # fmt: skip
