"""Where a scenario's figures come from: a live round that follows changes, or a snapshot as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Protocol

import pandas as pd

from alignment_lib.answers.facts import find_answer, list_scenarios
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.planning.register.assumptions import PLANS
from alignment_lib.rounds.files.parquet_tables import arrange_table
from alignment_lib.rounds.live.acting import drop_action, move_whole
from alignment_lib.rounds.live.changing import Change, apply_change
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.live.scenario_files import ScenarioRefused, save_scenario
from alignment_lib.rounds.live.scenario_work import ScenarioWork
from alignment_lib.rounds.view import RoundView

__all__ = ["LiveSource", "NotLive", "PublishedSource", "Source"]

_OF_THE_HEADLINE = (
    *("level_bridge", "owed", "estimate", "draws", "switches", "combinations", "funnel", "funnel_gap"),
    "retention",
)
"""Tables that speak of one plan only and do not name it."""
_STAYS = (
    "this round was read from its published files, which do not change; open its workspace with "
    "al.open_round to try something out"
)


class NotLive(AlignmentError):
    """A published round was asked to change."""

    exit_code = 2


class Source(Protocol):
    """What a scenario is read from."""

    @property
    def name(self) -> str:
        """The scenario's name."""

    @property
    def view(self) -> RoundView:
        """The round, with this scenario as its headline."""

    @property
    def total(self) -> float:
        """The round's plan in all."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever made it must know."""

    @property
    def known(self) -> tuple[str, ...]:
        """Scenarios that the round has itself."""

    def own(self, table: str) -> pd.DataFrame:
        """Rows of `plan`, `bridge` or `odds` that are the scenario's own."""

    def change(self, name: str, change: Change) -> Source:
        """The source with one assumption changed."""

    def drop(self, name: str) -> Source:
        """The source without an action."""

    def move(
        self, name: str, start: str | None, scale: float | None, scope: Mapping[str, str] | None = None
    ) -> Source:
        """The source with an action at other dates, strength or scope."""

    def named(self, name: str) -> Source:
        """The same under another name."""

    def save(self, name: str, reason: str) -> None:
        """Write it into the workspace."""


class LiveSource:
    """A scenario of a live round.

    Parameters
    ----------
    work : ScenarioWork
        The scenario.
    """

    def __init__(self, work: ScenarioWork) -> None:
        self.work = work

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.work.name

    @cached_property
    def view(self) -> RoundView:
        """The round, with this scenario as its headline; tables are found when they are asked for."""
        return view_work(self.work.own_work)

    @property
    def total(self) -> float:
        """The round's plan in all, by the quick way."""
        return self.work.total

    @property
    def notes(self) -> tuple[str, ...]:
        """What whoever made it must know."""
        return self.work.notes

    @property
    def known(self) -> tuple[str, ...]:
        """Scenarios that the round has itself."""
        return (*PLANS, *sorted(self.work.work.ready.scenarios))

    def own(self, table: str) -> pd.DataFrame:
        """Rows of `plan`, `bridge` or `odds`; the round's other scenarios are not worked out for it."""
        tables = self.work.plans.tables
        if table not in tables:
            return pd.DataFrame()
        return arrange_table(tables[table], self.work.work.ready.dimensions)

    def change(self, name: str, change: Change) -> LiveSource:
        """The source with one assumption changed."""
        return LiveSource(apply_change(self.work, name, change))

    def drop(self, name: str) -> LiveSource:
        """The source without an action."""
        return LiveSource(drop_action(self.work, name))

    def move(
        self, name: str, start: str | None, scale: float | None, scope: Mapping[str, str] | None = None
    ) -> LiveSource:
        """The source with an action at other dates, strength or scope."""
        return LiveSource(move_whole(self.work, name, start, scale, scope))

    def named(self, name: str) -> LiveSource:
        """The same under another name."""
        return LiveSource(replace(self.work, name=name))

    def save(self, name: str, reason: str) -> None:
        """Write it into the workspace's scenarios."""
        if self.work.moved:
            names = ", ".join(sorted(self.work.moved))
            raise ScenarioRefused(
                f"scenarios.yaml has no word for the dates of a claim ({names}): "
                "move the whole action with .move, or change the register"
            )
        ready = self.work.work.ready
        written = replace(self.work.as_saved(), name=name.strip(), reason=reason)
        save_scenario(ready.workspace.folder, written, ready.every_id)


class PublishedSource:
    """A scenario of a snapshot.

    Parameters
    ----------
    published : RoundView
        The snapshot.
    name : str
        One of its scenarios.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, published: RoundView, name: str) -> None:
        self._published, self.name = published, name

    @cached_property
    def view(self) -> RoundView:
        """The round, with this scenario as its headline."""
        round_ = self._published
        if self.name == round_.headline:
            return round_
        kept = {key: table for key, table in round_.tables.items() if key not in _OF_THE_HEADLINE}
        return RoundView({**round_.manifest, "scenario": self.name}, kept, round_.calendar)

    @property
    def total(self) -> float:
        """The round's plan in all."""
        return find_answer(self.view).plan

    @property
    def known(self) -> tuple[str, ...]:
        """Scenarios that the round has itself."""
        return tuple(list_scenarios(self._published))

    def own(self, table: str) -> pd.DataFrame:
        """Rows of `plan`, `bridge` or `odds`."""
        return self.view.scenario(table).reset_index(drop=True)

    def change(self, name: str, change: Change) -> PublishedSource:
        """Refused: what is published does not change."""
        raise NotLive(_STAYS)

    def drop(self, name: str) -> PublishedSource:
        """Refused: what is published does not change."""
        raise NotLive(_STAYS)

    def move(
        self, name: str, start: str | None, scale: float | None, scope: Mapping[str, str] | None = None
    ) -> PublishedSource:
        """Refused: what is published does not change."""
        raise NotLive(_STAYS)

    def save(self, name: str, reason: str) -> None:
        """Refused: a published round has no workspace to write to."""
        raise NotLive(_STAYS)

    def named(self, name: str) -> PublishedSource:
        """Refused: what is published keeps its name."""
        raise NotLive("a published scenario keeps its name")
