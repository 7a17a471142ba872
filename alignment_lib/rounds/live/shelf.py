"""The workspace's scenarios as one person sees them: what may be saved over, and what may not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from alignment_lib.planning.register.scenario_reading import read_scenarios
from alignment_lib.planning.register.scenarios import Scenario, keep_known
from alignment_lib.rounds.live.scenario_files import (
    SCENARIO_FILE,
    delete_scenario,
    save_scenario,
    scenario_versions,
)

__all__ = ["Shelf"]


class Shelf:
    """Reads, saves and deletes named scenarios; only what this person loaded or saved may be replaced.

    Parameters
    ----------
    folder : Path
        The workspace.
    every_id : iterable of str
        Ids of the whole assumptions table: scenarios may name any of them.
    known_ids : iterable of str
        Ids known at the wall; others have no effect.
    scenarios : mapping of str to Scenario
        As read with the round.
    """

    def __init__(
        self,
        folder: Path,
        every_id: Iterable[str],
        known_ids: Iterable[str],
        scenarios: dict[str, Scenario],
    ) -> None:
        self._folder = folder
        self._every, self._known = tuple(every_id), tuple(known_ids)
        self.scenarios = dict(scenarios)
        self._listed: dict[str, str] = {}
        self._loaded: dict[str, str] = {}

    def read(self) -> None:
        """Read the file again: others may have saved meanwhile."""
        written = read_scenarios(self._folder / SCENARIO_FILE, self._every)
        self.scenarios, _ = keep_known(written, self._known)
        self._listed = scenario_versions(self._folder)

    def mark_loaded(self, name: str) -> None:
        """From now on this person may save over the scenario: it has been seen as it stands."""
        self._loaded[name] = self._listed.get(name, "")

    def save(self, scenario: Scenario) -> None:
        """Save; refused where another person saved under the name since it was loaded here."""
        # A name merely seen in the list may not be replaced, only one that was loaded or saved here.
        version = self._loaded.get(scenario.name, "")
        self._loaded[scenario.name] = save_scenario(self._folder, scenario, self._every, version)
        self.read()

    def delete(self, name: str) -> None:
        """Delete; refused where another person saved it since it was listed here."""
        delete_scenario(self._folder, name, self._listed.get(name, ""))
        self._loaded.pop(name, None)
        self.read()
