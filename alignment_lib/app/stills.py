"""A still picture after a widget: what a saved notebook, a printed or a converted one shows without a kernel.

Notebooks keep no widget's state unless their user asks for it. So every widget is followed by an output of
plain markup, which is hidden while the widget itself is alive and is drawn again when that comes to rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.display import DisplayHandle, display

from alignment_lib.answers.markup import Html, tag

__all__ = ["Still"]

# A widget that is alive has elements; one without its state is a line of text about a model not found.
_STYLE = """
.jp-OutputArea-child:has(.alignment-explorer, .jupyter-widgets *)
  + .jp-OutputArea-child:has(.alignment-still),
.jp-OutputArea-child:has(> .jupyter-widgets):not(:has(.jupyter-widgets *)):has(
  + .jp-OutputArea-child .alignment-still)
{ display: none; }
"""
_REMARK = "This is how it stood when the notebook was saved. Run the cell above to work with it."


class Still:
    """The still picture of one widget.

    Parameters
    ----------
    draw : callable
        Draws it as the widget stands now.
    """

    def __init__(self, draw: Callable[[], Html]) -> None:
        self._draw = draw
        self._shown: DisplayHandle | None = None

    def show_after(self, bundle: Any) -> None:
        """Show a widget's bundle, then its picture in an output of its own."""
        data, *rest = bundle if isinstance(bundle, tuple) else (bundle,)
        # What a reader without widgets would see of it is a line of code; the picture says more.
        data = {**data, "text/plain": ""}
        display(data, metadata=rest[0] if rest else None, raw=True)  # type: ignore[no-untyped-call]
        self._shown = display(self._framed(), display_id=True)  # type: ignore[no-untyped-call]

    def follow(self) -> None:
        """Draw the picture again, where it is shown."""
        if self._shown is not None:
            self._shown.update(self._framed())  # type: ignore[no-untyped-call]

    def _framed(self) -> Html:
        note = tag("p", _REMARK, class_="note")
        return tag("div", Html(f"<style>{_STYLE}</style>"), self._draw(), note, class_="alignment-still")
