"""Charts of the newest plan, drawn beside the main path: what is looked at first, and only what changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.live.pictures import Pictures
from alignment_lib.app.explorer.background import Background
from alignment_lib.rounds.live.figures import Figures, SpanOdds

__all__ = ["Easel", "picture"]


def picture(chart: Chart) -> dict[str, str]:
    """A chart as plain values for the page."""
    return {
        "title": chart.title,
        "subtitle": chart.subtitle,
        "svg": chart.narrow or chart.wide,
        "legend": chart.legend,
    }


class Easel:
    """Draws one chart after the other in a thread of its own and publishes each as soon as it is done.

    While somebody drags a slider a newer plan comes before all charts are drawn: the one that has waited
    longest is next, so that none is left out. What nobody looks at is drawn once the odds are there too.

    Parameters
    ----------
    pictures : Pictures
        Draws.
    publish : callable
        Takes ``charts`` messages to the page: charts by name, the number of the movement whose plan they
        show (once all in sight do, else None), and whether nothing is left to be drawn.
    tell_fault : callable
        Takes what goes wrong while drawing.
    """

    def __init__(
        self,
        pictures: Pictures,
        publish: Callable[[dict[str, Any]], None],
        tell_fault: Callable[[Exception], None],
    ) -> None:
        self._pictures, self._publish, self._tell_fault = pictures, publish, tell_fault
        self._lock = threading.Lock()
        self._plan: tuple[Figures, SpanOdds | None] | None = None
        self._seq: Any = None
        self._waiting: list[str] = []
        self._hidden: frozenset[str] = frozenset()
        self._is_settled = False
        self._work = Background("charts")

    def draw(
        self, figures: Figures, odds: SpanOdds | None, names: Iterable[str], *, settled: bool, seq: Any = None
    ) -> None:
        """Have charts drawn from these figures; `settled` where the odds are those of this plan."""
        with self._lock:
            self._plan, self._is_settled = (figures, odds), settled
            self._seq = self._seq if settled else seq
            there = self._pictures.names(figures, odds)
            self._waiting = [name for name in self._waiting if name in there]
            self._waiting += [name for name in names if name in there and name not in self._waiting]
        self._work.submit(self._run)

    def look(self, hidden: Iterable[str]) -> None:
        """The page says which charts cannot be seen at present."""
        with self._lock:
            self._hidden = frozenset(hidden)
        self._work.submit(self._run)

    def close(self) -> None:
        """Draw no more."""
        self._work.close()

    def _run(self, is_void: Callable[[], bool]) -> None:
        while (task := self._next()) is not None:
            name, (figures, odds) = task
            try:
                drawn = {name: picture(self._pictures.draw(name, figures, odds))}
            except Exception as error:
                drawn = {}
                self._tell_fault(error)
            with self._lock:
                done = self._is_settled and not self._waiting
                seq = None if set(self._waiting) - self._hidden else self._seq
            self._publish({"type": "charts", "charts": drawn, "seq": seq, "settled": done})
            if is_void():
                return

    def _next(self) -> tuple[str, tuple[Figures, SpanOdds | None]] | None:
        """What is drawn next; what is hidden waits until the plan has come to rest."""
        with self._lock:
            seen = [name for name in self._waiting if name not in self._hidden]
            left = seen or (self._waiting if self._is_settled else [])
            if not left or self._plan is None:
                return None
            name = left[0]
            self._waiting.remove(name)
            return name, self._plan
