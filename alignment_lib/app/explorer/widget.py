"""The explorer in a notebook: an anywidget that carries messages between the page and a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from alignment_lib.app.explorer.session import Session
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
    What is shown is kept in `saved`, so that a notebook saved with its widgets shows the last state
    when it is opened again without a kernel.
    """

    _esm = (_HERE / "front.js").read_text(encoding="utf-8")
    _css = (_HERE / "front.css").read_text(encoding="utf-8")
    saved = traitlets.Dict().tag(sync=True)

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
        self.saved = self.session.describe()
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        self.session.receive(content)

    def _carry(self, message: dict[str, Any]) -> None:
        self.send(message)
        if message["type"] == "figures" and not message["stale"]:
            self.saved = {**self.saved, "figures": message}
