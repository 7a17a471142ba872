"""Notebook 2: a list of all series beside the workings of the one that is chosen."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pandas as pd

from alignment_lib.answers.markup import Html
from alignment_lib.app.analyst.round import Round
from alignment_lib.app.stills import Still

__all__ = ["SeriesChooser", "name_series"]

_JOIN = " / "


def name_series(keys: pd.DataFrame) -> list[str]:
    """Each series by the members of its dimensions.

    >>> name_series(pd.DataFrame({"region": ["North"], "channel": ["web"]}))
    ['North / web']
    """
    return [_JOIN.join(map(str, row)) for row in keys.itertuples(index=False)]


class SeriesChooser:
    """A list of all series, the largest first; a choice shows its workings below.

    Parameters
    ----------
    round_ : Round
        As opened.
    """

    def __init__(self, round_: Round) -> None:
        dimensions = round_.view.dimensions
        sizes = round_.sales.groupby(dimensions)["value"].sum().sort_values(ascending=False, kind="stable")
        keys = sizes.reset_index()[dimensions]
        rows = ({str(key): str(value) for key, value in row.items()} for row in keys.to_dict("records"))
        self._series = dict(zip(name_series(keys), rows, strict=True))
        self._round = round_
        self.choice = ipywidgets.Combobox(
            options=list(self._series),
            placeholder="type a part of its name",
            ensure_option=True,
            description="Series",
            layout=ipywidgets.Layout(width="32em"),
        )
        self.page = ipywidgets.HTML()
        self._still = Still(lambda: Html(self.page.value))
        self.choice.observe(self._follow, names="value")
        self.box = ipywidgets.VBox([self.choice, self.page])

    def _follow(self, change: dict[str, Any]) -> None:
        part = self._series.get(change["new"])
        self.page.value = "" if part is None else self._round.answers.series(part=part)._repr_html_()
        self._still.follow()

    def _ipython_display_(self) -> None:
        self._still.show_after(self.box._repr_mimebundle_())
