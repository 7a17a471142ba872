"""What a question is asked about: a scenario, a span of time and a part of the business, checked once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypedDict, get_args

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.wording import say_span, say_value
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.snapshot_tables import QUANTILES
from alignment_lib.inputs.words.nearest import UnknownWord, check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["Asked", "Question", "ask", "of_the_whole", "refuse"]


class Asked(TypedDict, total=False):
    """What a question may be asked about; see `ask`."""

    span: str | None
    part: Mapping[str, str] | None
    scenario: str | None


@dataclass(frozen=True)
class Question:
    """What is asked about.

    Attributes
    ----------
    view : RoundView
        The round.
    scenario : str
        The plan that is meant.
    span : str
        Label of a month, quarter or year: ``2026-02``, ``2026Q1``, ``2026``.
    cycle : {"month", "quarter", "year"}
        Its length.
    periods : DatetimeIndex
        Its periods, as far as the round or its history knows them.
    part : Mapping of str to str
        Member by dimension; empty for the whole.
    """

    view: RoundView
    scenario: str
    span: str
    cycle: Cycle
    periods: pd.DatetimeIndex
    part: Mapping[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether the whole business is meant, in the round and in its headline plan."""
        whole = (self.view.headline, self.view.round)
        return not self.part and (self.scenario, self.span) == whole

    @property
    def words(self) -> str:
        """What is meant, in words: ``brand Dominick's, 2026Q1``."""
        named = [f"{name.replace('_', ' ')} {say_value(member)}" for name, member in self.part.items()]
        return ", ".join([*named, say_span(self.span)])

    @property
    def aside(self) -> str:
        """What a title adds where not the whole business is meant, or not the headline plan; else blank."""
        named = [f"{name.replace('_', ' ')} {say_value(member)}" for name, member in self.part.items()]
        named += [] if self.scenario == self.view.headline else [say_value(self.scenario).lower()]
        return "".join(f", {name}" for name in named)

    def rows(self, table: str, *, any_time: bool = False) -> pd.DataFrame:
        """A table's rows of the scenario, the span and the part, as far as it has such columns.

        Parameters
        ----------
        table : str
            ``plan``, ``bridge``, ``history``, ...
        any_time : bool
            Rows of every period.
        """
        frame = self.view.table(table)
        if frame.empty:
            return frame
        chosen = np.ones(len(frame), dtype=bool)
        if "scenario" in frame:
            chosen &= (frame["scenario"] == self.scenario).to_numpy()
        for name, member in self.part.items():
            if name in frame:
                chosen &= (frame[name].astype(str) == member).to_numpy()
        if "period" in frame and not any_time:
            chosen &= frame["period"].isin(self.periods).to_numpy()
        found: pd.DataFrame = frame[chosen]
        return found

    def odds(self) -> pd.Series[float]:
        """The odds of just this scenario, span and part; NaN where none were published."""
        columns = ["plan", "p2_5", "p10", "p50", "p90", "p97_5", "target", "probability"]
        odds = self.view.table("odds")
        if odds.empty:
            return pd.Series(np.nan, index=columns)
        chosen = ((odds["scenario"] == self.scenario) & (odds["span"] == self.cycle)).to_numpy()
        chosen &= (self.view.labels(odds["start"], self.cycle) == self.span).astype(bool)
        for name in self.view.dimensions:
            chosen &= (odds[name].astype(str) == self.part.get(name, "")).to_numpy()
        found = odds.loc[chosen, columns]
        return found.iloc[0].astype(float) if len(found) else pd.Series(np.nan, index=columns)

    def money_odds(self, dimension: str = "") -> pd.DataFrame:
        """Odds in money of this scenario and span: of the part, or of every member of a dimension in it."""
        odds = self.view.table("money_odds")
        if odds.empty:
            return odds
        chosen = ((odds["scenario"] == self.scenario) & (odds["span"] == self.cycle)).to_numpy()
        for name in self.view.dimensions:
            texts = odds[name].fillna("").astype(str)
            wanted = (texts != "") if name == dimension else texts == self.part.get(name, "")
            chosen &= wanted.to_numpy()
        found: pd.DataFrame = odds[chosen]
        return found[self.view.labels(found["start"], self.cycle) == self.span] if len(found) else found

    def odds_by(self, dimension: str) -> pd.DataFrame:
        """The odds of every member of a dimension within what is asked about; no rows where none stand."""
        odds = self.view.table("odds")
        if odds.empty:
            return pd.DataFrame(columns=[dimension, "plan", *QUANTILES, "target", "probability"])
        chosen = ((odds["scenario"] == self.scenario) & (odds["span"] == self.cycle)).to_numpy()
        for name in self.view.dimensions:
            texts = odds[name].fillna("").astype(str)
            chosen &= ((texts != "") if name == dimension else (texts == self.part.get(name, ""))).to_numpy()
        found = odds[chosen]
        return found[self.view.labels(found["start"], self.cycle) == self.span] if len(found) else found


def ask(
    view: RoundView,
    *,
    span: str | None = None,
    part: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Question:
    """What is asked about, each word checked against what the round knows.

    Parameters
    ----------
    view : RoundView
        The round.
    span : str, optional
        A month, quarter or year of the horizon or the history; the round itself where nothing is said.
    part : Mapping of str to str, optional
        Member by dimension; the whole business where nothing is said.
    scenario : str, optional
        The headline plan where nothing is said.

    Raises
    ------
    UnknownWord
        A scenario, span, dimension or member that the round does not know; the nearest is named.
    """
    scenarios = view.table("plan")["scenario"].unique().tolist()
    named = check_word(scenario or view.headline, scenarios, "scenario")
    label, cycle, periods = _find_span(view, span)
    return Question(view, named, label, cycle, periods, _find_part(view, part or {}))


def refuse(question: str, **words: object) -> None:
    """Refuse what a question cannot follow: nothing that is asked goes unheard.

    Raises
    ------
    UnknownWord
        Where one of the words is given.
    """
    for name, value in words.items():
        if value:
            raise UnknownWord(f"the answer {question!r} is the same for every {name}; leave {name} out")


def of_the_whole(question: Callable[..., Answer]) -> Callable[..., Answer]:
    """A question about the round as a whole: one span, part or scenario of it is refused in a sentence."""

    @wraps(question)
    def asked(view: RoundView, /, **more: Any) -> Answer:
        for word, whole in (("span", "round"), ("part", ""), ("scenario", "headline")):
            given = more.pop(word, None)
            if given and (not whole or str(given) != getattr(view, whole)):
                name = question.__name__
                told = "the whole business and the round as a whole"
                raise UnknownWord(f"the answer {name!r} is told of {told}; leave {word} out")
        return question(view, **more)

    return asked


def _find_span(view: RoundView, span: str | None) -> tuple[str, Cycle, pd.DatetimeIndex]:
    known = _spans(view)
    wanted = view.round if span is None else str(span)
    said = {say_span(name): name for name in known}
    label = check_word(said.get(wanted, wanted), known, "span of this round")
    cycle, periods = known[label]
    return label, cycle, periods


def _spans(view: RoundView) -> dict[str, tuple[Cycle, pd.DatetimeIndex]]:
    """Every span the round knows by its label: those of the round's length first, then months to years."""
    key = "spans asked about"
    if key not in view.known:
        tables = [view.table(name) for name in ("plan", "history")]
        periods = pd.DatetimeIndex(
            np.unique(np.concatenate([table["period"].to_numpy() for table in tables if len(table)]))
        )
        found: dict[str, tuple[Cycle, pd.DatetimeIndex]] = {}
        for cycle in sorted(get_args(Cycle), key=lambda cycle: cycle != view.cycle):
            if cycle == "month" and view.calendar.grain == "quarter":
                continue
            labels = view.calendar.label(periods, cycle)
            found |= {str(label): (cycle, periods[labels == label]) for label in reversed(pd.unique(labels))}
        view.known[key] = found
    spans: dict[str, tuple[Cycle, pd.DatetimeIndex]] = view.known[key]
    return spans


def _find_part(view: RoundView, part: object) -> dict[str, str]:
    found: dict[str, str] = {}
    plan, inside = view.table("plan"), None
    if not isinstance(part, Mapping):
        holding = [name for name in view.dimensions if (plan[name].astype(str) == str(part)).any()]
        raise UnknownWord(
            f"a part is written as {{dimension: member}}: {{{(holding or view.dimensions)[0]!r}: {part!r}}}"
        )
    for name, member in part.items():
        dimension = check_word(name, view.dimensions, "dimension")
        if not isinstance(member, str) and isinstance(member, Iterable):
            raise UnknownWord(
                f"one {dimension} at a time: ask once for each of {', '.join(map(str, member))}"
            )
        texts = plan[dimension].astype(str)
        noun = dimension.replace("_", " ")
        found[dimension] = check_word(member, sorted(texts.unique()), noun)
        here = texts == found[dimension]
        inside = here if inside is None else inside & here
    if inside is not None and not inside.any():
        words = " and ".join(f"{name.replace('_', ' ')} {member!r}" for name, member in found.items())
        raise UnknownWord(f"nothing is planned for {words} together; each of them is known by itself")
    return found
