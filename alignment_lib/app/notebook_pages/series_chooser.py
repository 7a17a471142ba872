"""Notebook 2: a list of all series beside the workings of the one that is chosen."""

from __future__ import annotations

from typing import Any

import ipywidgets

from alignment_lib.app.notebook_pages.workings import Workings, name_series, show_one
from alignment_lib.forecasting.series_tables import rank_series

__all__ = ["SeriesChooser"]


class SeriesChooser:
    """A drop-down of all series, the one whose error weighs most first, and the workings of the choice.

    Without a running kernel, as in an exported page, the workings of the first series stand there.
    """

    def __init__(self, workings: Workings) -> None:
        ready = workings.ready
        ranked = name_series(rank_series(workings.run, ready.history)[list(ready.dimensions)])
        self._workings = workings
        self.choice = ipywidgets.Combobox(
            options=ranked,
            value=ranked[0],
            ensure_option=True,
            description="Series",
            layout=ipywidgets.Layout(width="32em"),
        )
        self.page = ipywidgets.HTML(str(show_one(workings, ranked[0])))
        self.choice.observe(self._follow, names="value")
        self.box = ipywidgets.VBox([self.choice, self.page])

    def _follow(self, change: dict[str, Any]) -> None:
        self.page.value = str(show_one(self._workings, change["new"]))

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        bundle = dict(self.box._repr_mimebundle_(**options))
        return bundle | {"text/html": self.page.value}
