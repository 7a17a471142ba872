"""Notebook 2: a list of all series beside the workings of the one that is chosen."""

from __future__ import annotations

from typing import Any

import ipywidgets

from alignment_lib.app.notebook_pages.workings import Workings, name_series, show_one
from alignment_lib.forecasting.series_tables import rank_series

__all__ = ["SeriesChooser"]


class SeriesChooser:
    """A list of all series, the one whose error weighs most first; a choice shows its workings below.

    It needs a running kernel. A page that is exported or printed has `show_one` for that.
    """

    def __init__(self, workings: Workings) -> None:
        ready = workings.ready
        ranked = name_series(rank_series(workings.run, ready.history)[list(ready.dimensions)])
        self._workings = workings
        self.choice = ipywidgets.Combobox(
            options=ranked,
            placeholder="type a part of its name",
            ensure_option=True,
            description="Series",
            layout=ipywidgets.Layout(width="32em"),
        )
        self.page = ipywidgets.HTML()
        self.choice.observe(self._follow, names="value")
        self.box = ipywidgets.VBox([self.choice, self.page])

    def _follow(self, change: dict[str, Any]) -> None:
        chosen = change["new"]
        self.page.value = str(show_one(self._workings, chosen)) if chosen else ""

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return dict(self.box._repr_mimebundle_(**options))
