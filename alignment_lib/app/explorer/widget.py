"""The explorer in a notebook: an anywidget that carries messages between the page and a session."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from alignment_lib.answers.live.still import draw_still
from alignment_lib.app.explorer.session import Session
from alignment_lib.app.stills import Still
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.live.figures import Figures
from alignment_lib.rounds.live.live_round import LiveRound
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.preparing.prepared_round import PreparedRound
from alignment_lib.rounds.round_work import RoundWork

__all__ = ["Explorer", "ExplorerClaim"]

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
    work : RoundWork, optional
        The same round with what follows from it, where there is one already: with it the explorer says what
        each open decision does.

    Attributes
    ----------
    plan : float
        The plan of what is shown, in the plan's measure. Observable: ``ipywidgets.dlink((explorer, "plan"),
        (label, "value"))``.
    values : dict of str to float
        Every assumption that counts with its value. Observable and assignable: ids that are set count at the
        value given, those set to None are switched off, all others stay as they are.

    Notes
    -----
    A still picture follows the explorer in an output of its own, so that a saved, converted or printed
    notebook shows how it stood.
    """

    _esm = (_HERE / "front.js").read_text(encoding="utf-8")
    _css = (_HERE / "front.css").read_text(encoding="utf-8")
    plan = traitlets.Float(math.nan, read_only=True)
    values = traitlets.Dict()

    def __init__(
        self,
        ready: PreparedRound,
        *,
        can_edit: bool = True,
        start: str = "consensus",
        work: RoundWork | None = None,
    ) -> None:
        super().__init__()
        self._claims: dict[str, ExplorerClaim] = {}
        self._stills = [Still(lambda: draw_still(self.session.describe()))]
        self.session = Session(
            LiveRound(ready) if work is None else work.live,
            self._carry,
            can_edit=can_edit,
            start=start,
            follow=self._tell,
            view=None if work is None else view_work(work),
        )
        self._tell(self.session.figures)
        self.on_msg(self._receive)

    def claim(self, name: str) -> ExplorerClaim:
        """One assumption as something to bind to: ``ipywidgets.link((slider, "value"), (claim, "value"))``.

        Parameters
        ----------
        name : str
            Its id.

        Raises
        ------
        UnknownWord
            No assumption bears it; the nearest is named.
        """
        known = [row.id for row in self.session.live.register]
        name = check_word(name, known, "assumption")
        if name not in self._claims:
            self._claims[name] = ExplorerClaim(self, name)
        return self._claims[name]

    @traitlets.validate("values")  # type: ignore[untyped-decorator]
    def _settle(self, proposal: Any) -> dict[str, float]:
        """Work the given values out; what then counts, with its value, becomes the trait's value."""
        given, present = dict(proposal["value"]), self.session.figures.values
        changed = {name: value for name, value in given.items() if present.get(name, math.nan) != value}
        wanted = {name: value for name, value in changed.items() if value is not None or name in present}
        if wanted:
            self.session.apply(wanted)
        return self.session.figures.values

    def _tell(self, figures: Figures) -> None:
        self.set_trait("plan", figures.total)
        self.values = figures.values

    def _receive(self, _: Any, content: dict[str, Any], buffers: Any) -> None:
        self.session.receive(content)

    def _carry(self, message: dict[str, Any]) -> None:
        self.send(message)
        if message.get("settled"):
            for still in self._stills:
                still.follow()

    def beside(self, *own: ipywidgets.Widget) -> None:
        """Show widgets of one's own that are bound to the explorer, side by side.

        A still picture of the explorer follows them, for whoever opens the notebook without a kernel.

        Parameters
        ----------
        *own : Widget
            Left to right.
        """
        self._stills.append(Still(lambda: draw_still(self.session.describe())))
        self._stills[-1].show_after(ipywidgets.HBox(own)._repr_mimebundle_())

    def _ipython_display_(self) -> None:
        self._stills[0].show_after(self._repr_mimebundle_())


class ExplorerClaim(traitlets.HasTraits):  # type: ignore[misc]
    """One assumption of an explorer, to bind widgets of one's own to.

    Parameters
    ----------
    explorer : Explorer
        The explorer.
    name : str
        The assumption's id.

    Attributes
    ----------
    value : float
        Its value in its own unit; setting it makes the assumption count.
    on : bool
        Whether it counts.
    """

    value = traitlets.Float()
    on = traitlets.Bool()

    def __init__(self, explorer: Explorer, name: str) -> None:
        row = next(row for row in explorer.session.live.register if row.id == name)
        counted = explorer.values
        super().__init__(value=counted.get(name, row.expected), on=name in counted)
        self._explorer, self._name = explorer, name
        explorer.observe(self._follow, "values")
        self.observe(self._set, ["value", "on"])

    def _follow(self, change: Any) -> None:
        counted = self._explorer.values
        with self.hold_trait_notifications():
            self.on = self._name in counted
            self.value = counted.get(self._name, self.value)

    def _set(self, change: Any) -> None:
        counted = self._explorer.values
        if change["name"] == "value" and counted.get(self._name) != self.value:
            self._explorer.values = {self._name: self.value}
        elif change["name"] == "on" and (self._name in counted) != self.on:
            self._explorer.values = {self._name: self.value if self.on else None}
