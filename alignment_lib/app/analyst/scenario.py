"""One scenario of a round as an analyst holds it: tidy frames, total, odds, answers, and the next change."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import cached_property

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import ask
from alignment_lib.answers.needed import answer_needed
from alignment_lib.app.analyst.asked_answers import Answers
from alignment_lib.app.analyst.card import scenario_card, scenario_line
from alignment_lib.app.analyst.sources import LiveSource, NotLive, Source
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.rounds.live.changing import Change, ChangeRefused
from alignment_lib.rounds.live.live_round import SPAN
from alignment_lib.rounds.live.needed import find_needed

__all__ = ["NothingThere", "Scenario"]


class NothingThere(AlignmentError):
    """A table the round has not got; the message says what would fill it."""


_FILLS = {
    "history": "this round has no sales",
    "evidence": "this round has no assumptions to look for evidence of: add assumptions.csv",
    "assumptions": "this round has no assumptions: add assumptions.csv to the workspace",
    "funnel": "this round requires no leads: add leads.csv, and new sales that they are to bring",
    "bridge": "nothing changes the baseline: this round has neither drivers nor assumptions",
    "odds": "this round has no odds: it was published without any",
    "plan": "this round plans nothing",
    "money": "this round knows no costs: add costs.csv, what a unit of each product costs",
    "money_odds": "this round knows no costs and no target in money: add costs.csv, or a target in revenue",
}


def _number(name: str, given: object) -> float | None:
    """A number as typed; anything else is refused in a sentence."""
    if given is None:
        return None
    try:
        return float(given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ChangeRefused(f"{name} is a number, such as 0.5; found {given!r}") from None


def _day(given: object) -> str | None:
    """A day as text, whether it was typed or is a date of Python's or pandas'."""
    if given is None:
        return None
    return f"{given:%Y-%m-%d}" if isinstance(given, dt.date) else str(given)


class Scenario:
    """One scenario: what is planned, why, and how likely it is.

    Scenarios never change. `change` gives another one, and may be chained.

    Parameters
    ----------
    source : Source
        Where its figures come from.

    Examples
    --------
    >>> r = open_round("my-company")  # doctest: +SKIP
    >>> r.scenario("consensus").change("A4", start="2026-03-02", scale=0.5).total  # doctest: +SKIP
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def name(self) -> str:
        """What it is called."""
        return self._source.name

    @property
    def unit(self) -> str:
        """What its figures are counted in: units, or the currency."""
        return self._source.view.unit

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever made it must know: what now counts, what the calendar still holds."""
        return self._source.notes

    @property
    def total(self) -> float:
        """The round's plan in all, in the plan's measure; closed periods included."""
        return self._source.total

    @cached_property
    def chance(self) -> float:
        """Probability that the round's target is made; NaN where none stands."""
        return float(self._round_odds["probability"])

    @cached_property
    def target(self) -> float:
        """The round's target for all sales; NaN where none stands."""
        return float(self._round_odds["target"])

    @cached_property
    def sales(self) -> pd.DataFrame:
        """What was sold: ``period``, the dimensions, ``value``, ``cleaned`` (without one-off events)."""
        return self._filled("history")

    @cached_property
    def plan(self) -> pd.DataFrame:
        """The plan: ``period``, the dimensions, ``baseline, plan``, quantiles and ``revenue``."""
        return self._source.own("plan")

    @cached_property
    def baseline(self) -> pd.DataFrame:
        """What would be sold without new action: ``period``, the dimensions, ``baseline``."""
        dimensions = self._source.view.dimensions
        return self.plan[["period", *dimensions, "baseline"]].copy()

    @cached_property
    def bridge(self) -> pd.DataFrame:
        """From baseline to plan: ``assumption, period``, the dimensions, ``effect``; sums to the change."""
        return self._own("bridge")

    @cached_property
    def odds(self) -> pd.DataFrame:
        """Quantiles, target and its probability at every level and span; blanks mean all."""
        return self._own("odds")

    def _own(self, table: str) -> pd.DataFrame:
        found = self._source.own(table)
        if found.empty:
            raise NothingThere(_FILLS[table])
        return found

    @cached_property
    def money(self) -> pd.DataFrame:
        """The plan in money: ``period``, the dimensions, revenue down to margin and profit."""
        return self._own("money")

    @cached_property
    def money_odds(self) -> pd.DataFrame:
        """Quantiles, target and its probability in revenue, margin and profit, at every level and span."""
        return self._own("money_odds")

    @cached_property
    def assumptions(self) -> pd.DataFrame:
        """The register as it is used here: dates, values and ranges of this scenario."""
        return self._filled("assumptions")

    @cached_property
    def evidence(self) -> pd.DataFrame:
        """What the past says of every assumption: one row each."""
        return self._filled("evidence")

    @cached_property
    def leads(self) -> pd.DataFrame:
        """Leads that the plan's new sales require, by source and stage, beside what can be handled."""
        return self._filled("funnel")

    @cached_property
    def answers(self) -> Answers:
        """Questions with an answer in a sentence, a chart and a table: ``answers.bridge(span="2026-02")``."""
        return Answers(self._source.view)

    def change(
        self,
        assumption: str,
        *,
        start: str | None = None,
        end: str | None = None,
        scale: float | None = None,
        value: float | None = None,
        low: float | None = None,
        high: float | None = None,
        depth: float | None = None,
        on: bool | None = None,
    ) -> Scenario:
        """Another scenario, with one assumption changed.

        Parameters
        ----------
        assumption : str
            Its id. One that did not count counts from here on, unless `on` is False.
        start, end : str, optional
            Days, such as ``"2026-03-02"``. A start alone moves the claim with its length.
        scale : float, optional
            Times which the whole claim is made: value, range and, of a promotion, its depth.
        value, low, high : float, optional
            In its own unit: percent, units or revenue. Ends not given follow the value.
        depth : float, optional
            Price cut of a promotion as a decimal.
        on : bool, optional
            Whether it counts at all.

        Raises
        ------
        UnknownWord
            No assumption bears the id; the nearest is named.
        ChangeRefused
            The change cannot be meant, and why.
        NotLive
            The round was read from its published files.

        Examples
        --------
        >>> later = r.scenario("consensus").change("A4", start="2026-03-16", scale=0.5)  # doctest: +SKIP
        >>> later.total - r.total  # doctest: +SKIP
        27.5
        """
        given = {"scale": scale, "value": value, "low": low, "high": high, "depth": depth}
        numbers = {name: _number(name, number) for name, number in given.items()}
        change = Change(start=_day(start), end=_day(end), on=on, **numbers)
        return Scenario(self._source.change(assumption, change))

    def doubt(self, assumption: str) -> Scenario:
        """Another scenario that does not believe a claim: its action still runs, as the calendar has it."""
        return self.change(assumption, on=False)

    def drop(self, assumption: str) -> Scenario:
        """Another scenario without an action: neither its claim nor its cells of the driver calendar.

        Raises
        ------
        UnknownWord
            No assumption bears the id; the nearest is named.
        ActionRefused
            The claim is nobody's action: a market or consumer shift can only be doubted.
        NotLive
            The round was read from its published files.
        """
        return Scenario(self._source.drop(assumption))

    def move(
        self,
        assumption: str,
        *,
        start: str | None = None,
        scale: float | None = None,
        scope: Mapping[str, str] | None = None,
    ) -> Scenario:
        """Another scenario with a whole action moved: claim, depth and driver calendar together.

        Parameters
        ----------
        assumption : str
            Its id; it counts from here on.
        start : str, optional
            Its new first day, such as ``"2026-03-16"``; it keeps its length.
        scale : float, optional
            Times which claim, depth and calendar are made, as in `change`: 0.5 makes of +44 % a claim of
            +22 %, of a cut of 20 % one of 10 %.
        scope : mapping of str to str, optional
            Members in place of its own, such as ``{"channel": "shop"}``: the web's promotion in stores
            instead. A blank member means all of the dimension's.

        Raises
        ------
        UnknownWord
            No assumption bears the id; the nearest is named.
        ActionRefused, ChangeRefused
            It has no place to go, and why.
        NotLive
            The round was read from its published files.

        Examples
        --------
        >>> r.scenario("consensus").move("A4", start="2026-03-16", scale=0.5).total  # doctest: +SKIP
        """
        return Scenario(self._source.move(assumption, _day(start), _number("scale", scale), scope))

    def save(self, name: str, reason: str) -> None:
        """Write the scenario into the workspace's ``scenarios.yaml``, where everybody sees it.

        Parameters
        ----------
        name : str
            New to the file.
        reason : str
            Why it is made, in a few words.

        Raises
        ------
        ScenarioRefused, ScenarioConflict
            A name or reason that cannot be used, a name that is taken, dates the file has no word for.
        NotLive
            The round was read from its published files.
        """
        self._source.save(name, reason)

    def named(self, name: str) -> Scenario:
        """The same scenario under a name of its own."""
        if not name.strip():
            raise ChangeRefused("a scenario needs a name")
        if name.strip() in self._source.known:
            raise ChangeRefused(f"the round has a scenario called {name!r} already; choose another name")
        return Scenario(self._source.named(name.strip()))

    def needed(
        self,
        target: float | None = None,
        *,
        probability: float | None = None,
        function: str | None = None,
        owner: str | None = None,
        span: str | None = None,
        part: Mapping[str, str] | None = None,
    ) -> Answer:
        """What would have to be delivered for a target, by all claims together and by each alone.

        Parameters
        ----------
        target : float, optional
            In the plan's measure; the one that stands where nothing is said.
        probability : float, optional
            How surely, as a decimal; without one the plan itself is to equal the target.
        function : str, optional
            Whose claims may move: ``marketing``, ``sales``; everybody's where nothing is said.
        owner : str, optional
            Only those of this role.
        span, part : optional
            Which span of time and which part of the business; the round and the whole by default.

        Raises
        ------
        NotLive
            The round was read from its published files.
        UnknownWord, NothingThere
            No such function, span or part; no target stands there.

        Examples
        --------
        >>> r.scenario("consensus").needed(23_100, probability=0.8, function="marketing")  # doctest: +SKIP
        """
        if not isinstance(self._source, LiveSource):
            raise NotLive("what would be needed is worked out from a workspace: open it with al.open_round")
        question = ask(self._source.view, span=span, part=part)
        wanted = question.odds()["target"] if target is None else float(target)
        if not math.isfinite(wanted):
            raise NothingThere(f"no target stands for {question.words}; name one, such as needed(23_100)")
        if probability is not None and not 0.0 < probability < 1.0:
            raise ChangeRefused("a probability lies between 0 and 1, such as 0.8 for four times in five")
        scope = {**question.part, SPAN: question.span}
        found = find_needed(self._source.work, wanted, probability, function, scope, owner)
        return answer_needed(question, found, wanted, probability, owner or function)

    @property
    def _round_odds(self) -> pd.Series[float]:
        view = self._source.view
        odds = self._source.own("odds")
        chosen = (odds["span"] == view.cycle) & (odds[view.dimensions] == "").all(axis=1)
        chosen &= view.labels(odds["start"], view.cycle) == view.round
        found = odds[chosen]
        columns = ["p10", "p50", "p90", "target", "probability"]
        if found.empty:
            return pd.Series(math.nan, index=columns)
        row: pd.Series[float] = found.iloc[0][columns].astype(float)
        return row

    def _filled(self, table: str) -> pd.DataFrame:
        found = self._source.view.table(table)
        if found.empty:
            raise NothingThere(_FILLS[table])
        return found

    def _repr_html_(self) -> str:
        return str(scenario_card(self))

    def __repr__(self) -> str:
        """One line: name, total, chance."""
        return scenario_line(self)
