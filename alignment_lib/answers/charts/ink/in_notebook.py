"""What Jupyter needs to show a drawing of matplotlib that was made without pyplot."""

from __future__ import annotations

import io
import sys
import warnings
from typing import Any

__all__ = ["picture_of", "show_in_notebooks"]

_DOTS = 144


def show_in_notebooks() -> None:
    """Let the running notebook show figures and Axes by their picture; without one, do nothing.

    Neither matplotlib nor IPython is imported: the formatter waits for the first figure by its name.
    """
    kernel = sys.modules.get("IPython")
    shell = kernel.get_ipython() if kernel is not None else None
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["image/png"]
    for module, name in (
        ("matplotlib.figure", "Figure"),
        ("matplotlib.axes._axes", "Axes"),
    ):
        try:
            formatter.lookup_by_type(f"{module}.{name}")
        except KeyError:
            formatter.for_type_by_name(module, name, _picture)


def picture_of(figure: Any, dpi: float) -> bytes:
    """A figure as PNG, without a date or a maker's name."""
    written = io.BytesIO()
    with warnings.catch_warnings():
        # A mark that the face lacks is drawn as a box, which says as much as a warning would.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        figure.savefig(written, format="png", dpi=dpi, metadata={"Software": None})
    return written.getvalue()


def _picture(drawn: Any) -> tuple[bytes, dict[str, float]] | None:
    """The figure as a picture of twice its size in dots; None where pyplot shows it itself."""
    figure = drawn.get_figure(root=True)
    if figure is None or figure.canvas.manager is not None:
        return None
    wide, tall = figure.get_size_inches() * 72
    return picture_of(figure, _DOTS), {"width": round(float(wide)), "height": round(float(tall))}
