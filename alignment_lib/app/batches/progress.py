"""How far a batch has come and about how long it still takes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from alignment_lib.inputs.snapshots import find_rounds

__all__ = ["BatchProgress", "read_earlier_seconds", "write_seconds"]


@dataclass
class BatchProgress:
    """What each unit is doing, and an estimate of the time left.

    Attributes
    ----------
    units : tuple of str
        Every unit of the batch.
    workers : int
        Units worked on at once.
    earlier : mapping of str to float
        Seconds a unit took when it was last planned, where known.

    Examples
    --------
    >>> batch = BatchProgress(("a", "b", "c"), 1)
    >>> batch.begin_stage("a", "forecasting", 0.0)
    >>> batch.seconds_left(5.0) is None
    True
    >>> batch.end_unit("a", 10.0)
    >>> batch.seconds_left(10.0)
    20.0
    """

    units: tuple[str, ...]
    workers: int = 1
    earlier: Mapping[str, float] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    _begun: dict[str, float] = field(default_factory=dict)
    _took: dict[str, float] = field(default_factory=dict)

    def begin_stage(self, unit: str, stage: str, now: float) -> None:
        """A unit has begun a stage; word of one that has ended meanwhile comes too late."""
        if unit in self.units and unit not in self._took:
            self._begun.setdefault(unit, now)
            self.stages[unit] = stage

    def end_unit(self, unit: str, now: float) -> None:
        """A unit is done, whatever came of it."""
        self._took[unit] = now - self._begun.pop(unit, now)
        self.stages.pop(unit, None)

    @property
    def done(self) -> int:
        """Units that have ended."""
        return len(self._took)

    def seconds_left(self, now: float) -> float | None:
        """Seconds, if each unit takes what it took last time, else the mean of those done; None: unknown."""
        worked = [seconds for seconds in self._took.values() if seconds > 0]
        usual = sum(worked) / len(worked) if worked else None
        left = 0.0
        for unit in self.units:
            if unit in self._took:
                continue
            expected = self.earlier.get(unit, usual)
            if expected is None:
                return None
            left += max(0.0, expected - (now - self._begun[unit] if unit in self._begun else 0.0))
        return left / max(1, min(self.workers, len(self.units)))


def read_earlier_seconds(output: Path, units: Sequence[str]) -> dict[str, float]:
    """What each unit's latest round took, as its ``run.json`` says; without those that cannot be read."""
    found: dict[str, float] = {}
    for snapshot in find_rounds([output]):
        if snapshot.folder.name in units:
            try:
                timings = json.loads((snapshot.folder / "run.json").read_bytes())["timings"]
                found[snapshot.folder.name] = float(sum(timings.values()))
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue
    return found


def write_seconds(seconds: float) -> str:
    """A duration in words, no finer than it is known.

    >>> write_seconds(0.4), write_seconds(48), write_seconds(200), write_seconds(7300)
    ('0.4 s', '48 s', '3 min 20 s', '2 h 2 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min"
