"""A claim set beside what history supports, on one scale."""

from __future__ import annotations

import math

from alignment_lib.publishing.charts.canvas import Canvas
from alignment_lib.publishing.charts.notation import ACTUAL, BAND, INK, MUTED, TARGET, Chart
from alignment_lib.publishing.wording import write_number

__all__ = ["draw_claim_strip"]

_Row = tuple[str, float, float, float]


def draw_claim_strip(
    claim: tuple[float, float, float],
    supported: float,
    standard_error: float,
    *,
    name: str,
    title: str,
    unit: str,
    came_true: float = float("nan"),
) -> Chart:
    """The claim's range over the one that history supports, and what came true where it is known.

    Parameters
    ----------
    claim : tuple of float
        Low, expected, high in the claim's unit; low and high may be NaN.
    supported, standard_error : float
        What history supports, NaN where it does not say.

    Examples
    --------
    >>> draw_claim_strip((20, 30, 40), 12.0, 4.0, name="doc", title="Coupon", unit="%").alt
    'Coupon, in %. Claimed +30 (+20 to +40); supported +12 (+5 to +19).'
    """
    low, middle, high = claim
    reach = 1.645 * standard_error
    rows: list[_Row] = [("claimed", low if low == low else middle, middle, high if high == high else middle)]
    if supported == supported:
        reach = reach if math.isfinite(reach) else 0.0
        rows.append(("supported", supported - reach, supported, supported + reach))
    if came_true == came_true:
        rows.append(("came true", came_true, came_true, came_true))
    words = "; ".join(_in_words(row, number == 0) for number, row in enumerate(rows))
    alt = f"{title}, in {unit}. {words}."
    drawings = []
    for width, variant in ((960.0, "wide"), (350.0, "narrow")):
        canvas = Canvas(width, 34 * len(rows) + 10, f"{name}-{variant}")
        _draw(canvas, rows)
        drawings.append(canvas.render(alt))
    legend = "Bands: the claim's own range, and the 90 % interval of what past events brought."
    return Chart(title, f"in {unit}", alt, drawings[0], drawings[1], legend)


def _in_words(row: _Row, first: bool) -> str:
    label, low, middle, high = row
    text = f"{label.capitalize() if first else label} {write_number(middle, signed=True)}"
    if high - low < 1e-9:
        return text
    return f"{text} ({write_number(low, signed=True)} to {write_number(high, signed=True)})"


def _draw(canvas: Canvas, rows: list[_Row]) -> None:
    left, right = (84.0, canvas.width - 46.0) if canvas.width < 500 else (150.0, canvas.width - 90.0)
    lowest, highest = min([0.0, *(row[1] for row in rows)]), max([0.0, *(row[3] for row in rows)])
    per = (right - left) / ((highest - lowest) or 1.0)
    zero = left - lowest * per
    for number, (label, low, middle, high) in enumerate(rows):
        y = 34.0 * number + 8
        canvas.text(left - 10, y + 17, label, size=12, anchor="end", ink=MUTED)
        canvas.rect(zero + low * per, y + 3, max((high - low) * per, 2.0), 20, BAND)
        ink = TARGET if label == "claimed" else ACTUAL
        canvas.rect(zero + middle * per - 1.5, y + 1, 3, 24, ink, hint=f"{label} {write_number(middle)}")
        text = write_number(middle, signed=True)
        canvas.text(zero + high * per + 6, y + 17, text, size=12, bold=True, ink=ink)
    canvas.line(zero, 2, zero, canvas.height - 4, INK, 1)
