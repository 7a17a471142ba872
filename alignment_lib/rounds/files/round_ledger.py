"""The ledger of an output folder: which rounds were published and how each one's log stood, line by line.

``ledger.jsonl`` stands beside the rounds, outside every snapshot. Each line names one unit's round as it
was left by a run or a step: its plan, the earlier versions kept, and the head of its log. The last line of
a round is what should be there, so that what was deleted, cut, copied, renamed or put back is found. Lines
are chained like those of a log and say when they were written.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from alignment_lib.inputs.snapshots import MANIFEST, find_rounds, hash_bytes
from alignment_lib.planning.round.lifecycle import Entry, LifeError
from alignment_lib.planning.round.log_times import is_before, tell_time
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.lease import hold_lease
from alignment_lib.rounds.files.log_files import load_log
from alignment_lib.rounds.files.versions import find_versions

__all__ = [
    "LEDGER",
    "Known",
    "LedgerLine",
    "check_anchor",
    "is_anchored",
    "known_rounds",
    "latest",
    "published_moments",
    "read_ledger",
    "record_round",
]

LEDGER = "ledger.jsonl"
_LEASE = ".ledger~lock"
_PATIENCE = 60.0
"""Seconds to wait for others to write their lines; each takes but moments."""
_FIRST = "0" * 64
_WORDS = ("found", "publish", "step")


@dataclass(frozen=True)
class LedgerLine:
    """One line: how one unit's round was left.

    Attributes
    ----------
    number : int
        From 1.
    action : str
        ``publish`` after a run, ``step`` after a line of the log, ``found`` for what stood there when the
        ledger was begun.
    round, unit, manifest : str
        Which plan; its manifest's hash.
    versions : dict of str to str
        Earlier versions kept, each with its manifest's hash.
    entries, head : int, str
        Lines of the round's log, and the hash of the last.
    written, clock, previous, hash : str
        As in a line of the log.
    """

    number: int
    action: str
    round: str
    unit: str
    manifest: str
    versions: Mapping[str, str] = field(default_factory=dict)
    entries: int = 0
    head: str = _FIRST
    written: str = ""
    clock: str = ""
    previous: str = _FIRST
    hash: str = ""


Ledger = tuple[LedgerLine, ...]
Known = dict[tuple[str, str], LedgerLine]


def read_ledger(output: Path) -> Ledger | None:
    """Every line, the oldest first; None where the folder has no ledger.

    Raises
    ------
    LifeError
        Naming the first line that cannot be believed.
    """
    path = output / LEDGER
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return _parse(data)
    except LifeError as error:
        raise LifeError(f"{path}: {error}") from None


@lru_cache(maxsize=4)
def _parse(data: bytes) -> Ledger:
    lines: list[LedgerLine] = []
    texts = data.decode("ascii", "replace").split("\n")
    if texts.pop():
        raise LifeError(
            f"line {len(texts) + 1} of the ledger, the last, was cut short; restore it from a copy"
        )
    for number, text in enumerate(texts, 1):
        line = _parse_line(text)
        last = lines[-1].hash if lines else _FIRST
        if line is None or line.number != number or line.previous != last or line.hash != _hash(line):
            raise LifeError(
                f"line {number} of the ledger does not follow from the one before: it was altered or lines "
                "are missing; restore the file from a copy"
            )
        lines.append(line)
    return tuple(lines)


def _parse_line(text: str) -> LedgerLine | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or set(found) != set(LedgerLine.__dataclass_fields__):
        return None
    words = all(
        isinstance(value, str)
        for name, value in found.items()
        if name not in ("number", "entries", "versions")
    )
    shapes = isinstance(found["versions"], dict) and isinstance(found["entries"], int)
    return LedgerLine(**found) if words and shapes and found["action"] in _WORDS else None


def _write(line: LedgerLine) -> str:
    return json.dumps(asdict(line), sort_keys=True)


def _hash(line: LedgerLine) -> str:
    return hashlib.sha256(_write(replace(line, hash="")).encode()).hexdigest()


def known_rounds(ledger: Sequence[LedgerLine]) -> Known:
    """What should be there: the last line of each round and unit."""
    return {(line.round, line.unit): line for line in ledger}


def published_moments(ledger: Sequence[LedgerLine], round_name: str, unit: str) -> dict[str, str]:
    """When each plan of a round was first published, by its manifest's hash.

    Of what stood there when the ledger was begun nothing is known but that.
    """
    found: dict[str, str] = {}
    for line in ledger:
        if (line.round, line.unit) == (round_name, unit):
            found.setdefault(line.manifest, line.written if line.action == "publish" else "")
    return {manifest: moment for manifest, moment in found.items() if moment}


def record_round(
    round_folder: Path, unit: str, action: str, reading: str, log: Sequence[Entry] | None = None
) -> None:
    """Write down how one unit's round stands now; whoever calls this holds the round.

    Parameters
    ----------
    round_folder, unit : Path, str
        Which.
    action : str
        ``publish`` or ``step``.
    reading : str
        What the clock says.
    log : sequence of Entry, optional
        Its log, where this run has written it. By default the head that the ledger knows is kept: what
        was done to the log by others must not become known as ours.
    """
    output = round_folder.parent
    with hold_lease(output / _LEASE, _PATIENCE):
        ledger = read_ledger(output)
        lines = _begin(output, (round_folder.name, unit), reading) if ledger is None else list(ledger)
        known = known_rounds(lines).get((round_folder.name, unit))
        line = _describe(round_folder, unit, () if log is None and known else log, action)
        if log is None and known is not None:
            line = replace(line, entries=known.entries, head=known.head)
        lines.append(_follow(lines, line, reading))
        replace_file(output / LEDGER, "".join(_write(line) + "\n" for line in lines).encode("ascii"))


def _follow(lines: Sequence[LedgerLine], line: LedgerLine, reading: str) -> LedgerLine:
    written, mark = tell_time(reading, lines[-1].written if lines else "")
    previous = lines[-1].hash if lines else _FIRST
    fresh = replace(line, number=len(lines) + 1, written=written, clock=mark, previous=previous)
    return replace(fresh, hash=_hash(fresh))


def _begin(output: Path, but: tuple[str, str], reading: str) -> list[LedgerLine]:
    """Lines for what stood in an output folder before it had a ledger."""
    lines: list[LedgerLine] = []
    for snapshot in find_rounds([output]):
        round_folder, unit = snapshot.folder.parent, snapshot.folder.name
        if (round_folder.name, unit) == but:
            continue
        lines.append(_follow(lines, _describe(round_folder, unit, None, "found"), reading))
    return lines


def _describe(round_folder: Path, unit: str, log: Sequence[Entry] | None, action: str) -> LedgerLine:
    if log is None:
        log = ()
        # A log that cannot be believed is `verify`'s to name; it must not stop a run.
        with contextlib.suppress(LifeError):
            log = load_log(round_folder, unit)
    manifest = hash_bytes((round_folder / unit / MANIFEST).read_bytes())
    kept = {one.folder.name: one.hash for one in find_versions(round_folder, unit)}
    head = log[-1].hash if log else _FIRST
    return LedgerLine(0, action, round_folder.name, unit, manifest, kept, len(log), head)


def check_anchor(line: LedgerLine | None, log: Sequence[Entry]) -> str:
    """What is wrong with a log by the ledger, in words; blank where it holds all the ledger knows.

    It may hold more: a step is written into the log before it is written into the ledger.
    """
    if line is None or not line.entries:
        return ""
    if len(log) < line.entries:
        return (
            f"the ledger knows {line.entries} lines of this log, {len(log)} are there; restore it from a copy"
        )
    if log[line.entries - 1].hash != line.head:
        return f"line {line.entries} is not the one that the ledger knows; restore the file from a copy"
    return ""


def is_anchored(line: LedgerLine, log: Sequence[Entry]) -> bool:
    """Whether the ledger knows the log to its end."""
    return len(log) == line.entries and (log[-1].hash if log else _FIRST) == line.head


def latest(*moments: str) -> str:
    """The latest of some moments; blanks are none."""
    found = ""
    for moment in moments:
        if not found or is_before(found, moment):
            found = moment or found
    return found
