"""A round as an analyst holds it: its headline's frames, its scenarios, its answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.comparing import compare_plans
from alignment_lib.answers.facts import compare_scenarios
from alignment_lib.answers.past.backtest import tell_backtest
from alignment_lib.app.analyst.asked_answers import Answers
from alignment_lib.app.analyst.card import round_card, round_line
from alignment_lib.app.analyst.explaining import explain_view
from alignment_lib.app.analyst.scenario import Scenario
from alignment_lib.app.analyst.sources import LiveSource, NotLive, PublishedSource, Source
from alignment_lib.inputs.periods.calendar import Cycle
from alignment_lib.inputs.words.nearest import check_word
from alignment_lib.rounds.live.scenario_work import start_scenario
from alignment_lib.rounds.preparing.forecast_round import score_without_drivers
from alignment_lib.rounds.round_work import RoundWork
from alignment_lib.rounds.view import RoundView

if TYPE_CHECKING:
    from alignment_lib.app.explorer.widget import Explorer
    from alignment_lib.publishing.meeting_pack import MeetingPack

__all__ = ["Round"]


class Round:
    """One planned round: of a workspace, or as it was published.

    Its frames are those of its headline scenario; `scenario` has the same frames of every other.

    Parameters
    ----------
    source : RoundWork or RoundView
        A workspace's round, or a snapshot.
    snapshot : str
        Hash of the snapshot's manifest.

    Examples
    --------
    >>> r = open_round("my-company", "2026Q1")  # doctest: +SKIP
    >>> r.plan.groupby("period")["plan"].sum()  # doctest: +SKIP
    """

    def __init__(self, source: RoundWork | RoundView, *, snapshot: str = "") -> None:
        self._snapshot = snapshot
        self._work = source if isinstance(source, RoundWork) else None
        self._published = source if isinstance(source, RoundView) else None
        self._known: dict[str, Scenario] = {}

    @property
    def work(self) -> RoundWork:
        """The round as it is worked out.

        Raises
        ------
        NotLive
            It was read from its published files.
        """
        if self._work is None:
            raise NotLive(
                "this round was read from its published files; open its workspace with al.open_round for that"
            )
        return self._work

    @cached_property
    def view(self) -> RoundView:
        """Manifest and tables as published; a workspace's own are found when they are asked for."""
        return self._headline.view if self._published is None else self._published

    @property
    def name(self) -> str:
        """The round, such as ``2026Q1``."""
        return self.view.round

    @property
    def sales(self) -> pd.DataFrame:
        """What was sold: ``period``, the dimensions, ``value``, ``cleaned`` (without one-off events)."""
        return self.scenario().sales

    @property
    def baseline(self) -> pd.DataFrame:
        """What would be sold without new action: ``period``, the dimensions, ``baseline``."""
        return self.scenario().baseline

    @property
    def plan(self) -> pd.DataFrame:
        """The headline plan: ``period``, the dimensions, ``baseline, plan``, quantiles and ``revenue``."""
        return self.scenario().plan

    @property
    def bridge(self) -> pd.DataFrame:
        """From baseline to plan: ``assumption, period``, the dimensions, ``effect``; sums to the change."""
        return self.scenario().bridge

    @property
    def odds(self) -> pd.DataFrame:
        """Quantiles, target and its probability at every level and span; blanks mean all."""
        return self.scenario().odds

    @property
    def money(self) -> pd.DataFrame:
        """The plan in money: ``period``, the dimensions, revenue down to margin and profit."""
        return self.scenario().money

    @property
    def money_odds(self) -> pd.DataFrame:
        """Quantiles, target and its probability in revenue, margin and profit, at every level and span."""
        return self.scenario().money_odds

    @property
    def assumptions(self) -> pd.DataFrame:
        """The register as used."""
        return self.scenario().assumptions

    @property
    def evidence(self) -> pd.DataFrame:
        """What the past says of every assumption: one row each."""
        return self.scenario().evidence

    @property
    def leads(self) -> pd.DataFrame:
        """Leads that the plan's new sales require, by source and stage, beside what can be handled."""
        return self.scenario().leads

    @property
    def rolling(self) -> pd.DataFrame:
        """The fiscal year: closed, running and open spans with plan, latest estimate and gap by measure."""
        return self.view.table("rolling")

    @property
    def total(self) -> float:
        """The round's headline plan in all."""
        return self.scenario().total

    @property
    def target(self) -> float:
        """The round's target for all sales; NaN where none stands."""
        return self.scenario().target

    @property
    def chance(self) -> float:
        """Probability that the target is made; NaN where none stands."""
        return self.scenario().chance

    @cached_property
    def ahead(self) -> list[str]:
        """Ids of the claims that can still change the plan, those that count in the headline first."""
        register = self.view.table("assumptions")
        if register.empty:
            return []
        first = pd.Timestamp(self.view.manifest["parameters"].get("first_open") or self.view.as_of)
        open_ones = register[(register["end"] >= first) & (register["status"] != "rejected")]
        moving = set(self.bridge.loc[self.bridge["effect"] != 0, "assumption"])
        ids = open_ones.sort_values(["start", "id"])["id"].tolist()
        return [name for name in ids if name in moving] + [name for name in ids if name not in moving]

    @property
    def answers(self) -> Answers:
        """Questions with an answer in a sentence, a chart and a table: ``answers.bridge(span="2026-02")``."""
        return self.scenario().answers

    @cached_property
    def scenarios(self) -> pd.DataFrame:
        """Every scenario's round: ``scenario, plan, target, gap, p10, p90, probability``."""
        return compare_scenarios(self.view)

    def scenario(self, name: str = "") -> Scenario:
        """One scenario, which can be changed.

        Parameters
        ----------
        name : str
            One of the three plans or a scenario of ``scenarios.yaml``; the headline where blank.

        Raises
        ------
        UnknownWord
            No scenario bears the name; the nearest is named.
        """
        source = self._headline
        name = check_word(name or source.name, source.known, "scenario")
        if name not in self._known:
            self._known[name] = Scenario(source if name == source.name else self._start(name))
        return self._known[name]

    def compare(
        self,
        *scenarios: str | Scenario | Sequence[str | Scenario],
        by: str = "round",
        span: str | None = None,
        part: Mapping[str, str] | None = None,
    ) -> Answer:
        """Scenarios side by side: a frame and a chart.

        Parameters
        ----------
        *scenarios : str or Scenario
            Names, or scenarios of one's own; the first is what the others are compared with. The three
            plans where none is named.
        by : str
            ``month``, ``quarter`` or ``year``: span by span over the horizon; a dimension: member by member
            of the round; ``round``: the round as a whole.
        span, part : optional
            Only that span of time or that part of the business.

        Examples
        --------
        >>> r.compare("consensus", "as_proposed", by="month").frame  # doctest: +SKIP
        """
        asked = scenarios or ("consensus", "evidence_weighted", "as_proposed")
        chosen = [one if isinstance(one, Scenario) else self.scenario(one) for one in _one_by_one(asked)]
        return compare_plans(
            self.view, [(one.name, one.plan, one.odds) for one in chosen], by=by, span=span, part=part
        )

    def label(self, periods: pd.Series[Any], by: str = "month") -> pd.Series[str]:
        """Name of the fiscal month, quarter or year that each period belongs to.

        Parameters
        ----------
        periods : Series of Timestamp
            Such as ``r.plan["period"]``.
        by : str
            ``month``, ``quarter`` or ``year``.

        Examples
        --------
        >>> r.plan.groupby(r.label(r.plan["period"], "quarter"))["plan"].sum()  # doctest: +SKIP
        """
        cycle = check_word(by, get_args(Cycle), "span")
        cycles: dict[str, Cycle] = {str(one): one for one in get_args(Cycle)}
        named = self.view.labels(periods, cycles[cycle])
        return pd.Series(named, index=periods.index, name=cycle, dtype=object)

    def explain(
        self,
        part: str | Mapping[str, str] = "",
        *,
        measure: str = "plan",
        span: str = "",
        scenario: str = "",
        workspace: str | Path = "",
    ) -> Answer:
        """Where a figure comes from: pieces that sum to it, each with method, file, rows and hash.

        Parameters
        ----------
        part : str or mapping of str to str
            ``"House Blend / web"``, or member by dimension; all sales where nothing is said.
        measure : str
            ``plan``, ``baseline``, ``sales``, ``target``, ``p10``, ``chance``, ``revenue``, ``margin``,
            ``profit``, or a step of the bridge.
        span, scenario : str
            The round, and its headline, where nothing is said.
        workspace : str or Path
            For a published round: where its inputs lie, to name their rows.

        Examples
        --------
        >>> r.explain("House Blend / web", span="2026-02").frame  # doctest: +SKIP
        """
        folder = Path(workspace) if workspace else None
        if folder is None and self._work is not None:
            folder = self._work.ready.workspace.folder
        asked = {"measure": measure, "span": span, "scenario": scenario}
        return explain_view(self.view, part, folder, self._snapshot, **asked)

    def backtest(self) -> Answer:
        """How far the models without drivers were off on earlier dates; a workspace's own round only."""
        ready = self.work.ready
        return tell_backtest(score_without_drivers(ready.workspace, ready.history, ready.forecast.periods))

    def meeting(self, minutes: int = 90) -> MeetingPack:
        """The pack of the round's planning meeting: it shows its agenda, and `save` writes its files."""
        from alignment_lib.app.reviewing.meeting_round import prepare_meeting

        return prepare_meeting(self.work, minutes)

    def explore(self) -> Explorer:
        """The scenario explorer, to move sliders by hand."""
        from alignment_lib.app.explorer.widget import Explorer

        return Explorer(self.work.ready, start=self._headline.name, work=self.work)

    @cached_property
    def _headline(self) -> Source:
        if self._published is not None:
            return PublishedSource(self._published, self._published.headline)
        return self._start(self.work.request.scenario)

    def _start(self, name: str) -> Source:
        if self._published is not None:
            return PublishedSource(self._published, name)
        return LiveSource(start_scenario(self.work, name))

    def _repr_html_(self) -> str:
        return str(round_card(self))

    def __repr__(self) -> str:
        """One line: business, round, plan, target and chance."""
        return round_line(self)


def _one_by_one(given: Sequence[str | Scenario | Sequence[str | Scenario]]) -> Iterator[str | Scenario]:
    """Scenarios that were given one after the other or in a list."""
    for one in given:
        if isinstance(one, str | Scenario):
            yield one
        else:
            yield from one
