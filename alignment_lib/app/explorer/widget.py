"""The explorer in a notebook: an anywidget that carries messages between the page and a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget

from alignment_lib.app.explorer.session import Session
from alignment_lib.app.explorer.still_page import draw_still
from alignment_lib.app.stills import Still
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.preparing.prepared_round import PreparedRound

__all__ = ["Explorer"]

_HERE = Path(__file__).parent


class Explorer(anywidget.AnyWidget):
    """The scenario explorer for one prepared round.

    Parameters
    ----------
    ready : PreparedRound
        Read, forecast and laid out.
    can_edit : bool
        Whether scenarios may be saved to the workspace and deleted.
    start : str
        The plan or scenario shown first.
    live : LiveRound, optional
        The same round as it follows changes, where there is one already.

    Notes
    -----
    A still picture follows the explorer in an output of its own, so that a saved, converted or printed
    notebook shows how it stood.
    """

    _esm = (_HERE / "front.js").read_text(encoding="utf-8")
    _css = (_HERE / "front.css").read_text(encoding="utf-8")

    def __init__(
        self,
        ready: PreparedRound,
        *,
        can_edit: bool = True,
        start: str = "consensus",
        live: LiveRound | None = None,
    ) -> None:
        super().__init__()
        self.session = Session(live or LiveRound(ready), self._carry, can_edit=can_edit, start=start)
        self._still = Still(lambda: draw_still(self.session.describe()))
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        self.session.receive(content)

    def _carry(self, message: dict[str, Any]) -> None:
        self.send(message)
        if message.get("settled"):
            self._still.follow()

    def _ipython_display_(self) -> None:
        self._still.show_after(self._repr_mimebundle_())
