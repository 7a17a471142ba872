"""The private store of a workspace: what each round read, one folder a round and a state of its inputs.

The tables are kept as they were read and checked, before the as-of wall, with ids as tokens, compressed. What
is kept is found again by the hashes that the round's manifest holds: a manifest names its inputs, the store
has them.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE, parse_settings
from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.periods.rounds import Round
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.snapshots import hash_bytes
from alignment_lib.inputs.workspace import SCENARIOS_FILE, Workspace
from alignment_lib.rounds.files.atomic_files import sync_tree, write_durably
from alignment_lib.rounds.files.lease import LeaseHeld, hold_lease
from alignment_lib.rounds.kept.tokens import hide_ids, read_key

__all__ = ["STORE", "KeptRound", "find_kept", "forget_kept", "keep_inputs", "kept_rounds", "load_kept"]

STORE = ".alignment"
"""Hidden folder of a workspace; nothing in it is an input, nothing of it is ever published."""
_RECORD = "record.json"
_LEASE, _PATIENCE = ".kept~lock", 30.0
_README = """What each planning round of this workspace read, kept so that figures changed later are seen and
an old round can be made again. Ids are tokens. Nobody but the planning commands reads it;
`alignment forget` erases it.
"""


@dataclass(frozen=True)
class KeptRound:
    """What one round read.

    Attributes
    ----------
    folder : Path
        ``<workspace>/.alignment/kept/<round>~<digest>``.
    """

    folder: Path

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """What is there: ``round, as_of, input_hashes, tables, week_start, notices, files``.

        Raises
        ------
        InputError
            Where it is missing or not one of ours.
        """
        try:
            found = json.loads((self.folder / _RECORD).read_bytes())
        except (OSError, ValueError, RecursionError):
            raise self._error(_RECORD, "no readable record") from None
        if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
            raise self._error(_RECORD, "a record without its list of files")
        return found

    @property
    def round(self) -> str:
        """Name of the round that read it."""
        return self.folder.name.split("~")[0]

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir())

    def read(self, name: str) -> bytes:
        """The content of one of its files, checked against the record.

        Raises
        ------
        InputError
            Where it is missing or was altered.
        """
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            raise self._error(name, "a file that is missing") from None
        if hash_bytes(data) != self.record["files"].get(name):
            raise self._error(name, "bytes that differ from those kept")
        return data

    def _error(self, name: str, found: str) -> InputError:
        place = f"{STORE}/kept/{self.folder.name}/{name}"
        mend = f"restore it from a copy, or let the round go: alignment forget … --round {self.round}"
        return InputError([Problem(place, found, "what the round read, as it was kept", mend)])


def keep_inputs(workspace: Workspace, planned: Round) -> tuple[str, ...]:
    """Keep what a round read; what stands there already is left.

    Parameters
    ----------
    workspace : Workspace
        As read, before the wall.
    planned : Round
        The round that reads it.

    Returns
    -------
    tuple of str
        Why nothing could be kept, or what had to go for it, in sentences.
    """
    allowed = workspace.settings.kept.megabytes
    if not allowed:
        return ()
    if not workspace.folder.stat().st_mode & stat.S_IWUSR:
        return ("the workspace is read-only: what this round read is not kept",)
    home = workspace.folder / STORE / "kept"
    final = home / _name(planned.name, planned.as_of.date().isoformat(), workspace.all_hashes)
    try:
        if final.is_dir():
            final.touch()
            return ()
        files = _files(workspace, planned)
        if files is None:
            return (f"{SETTINGS_FILE} was changed while it was read: what this round read is not kept",)
        needed = sum(map(len, files.values()))
        if needed > allowed * 1e6:
            return (
                f"what this round read takes {needed / 1e6:,.0f} MB and is not kept: "
                f"[kept] megabytes allows {allowed:,.0f}",
            )
        with _open_store(workspace.folder):
            gone = _make_room(home, allowed * 1e6 - needed)
            _write(final, files)
    except LeaseHeld:
        return (f"what this round read could not be kept: another run holds {STORE}",)
    except OSError as error:
        return (f"what this round read could not be kept in {STORE} ({error.strerror or error})",)
    named = ", ".join(gone)
    text = f"what {named} read is no longer kept, to stay within [kept] megabytes = {allowed:,.0f}"
    return (text,) if gone else ()


def kept_rounds(folder: Path) -> list[KeptRound]:
    """What the workspace keeps, the longest untouched first."""
    home = folder / STORE / "kept"
    if not home.is_dir():
        return []
    found = [path for path in home.iterdir() if path.is_dir() and is_round_name(path.name.split("~")[0])]
    return [KeptRound(path) for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))]


def find_kept(folder: Path, manifest: Mapping[str, Any]) -> KeptRound | None:
    """What a published round read, by the hashes of its manifest; None where it is not kept."""
    name = _name(str(manifest["round"]), str(manifest["as_of"]), manifest["input_hashes"])
    kept = KeptRound(folder / STORE / "kept" / name)
    return kept if kept.folder.is_dir() else None


def load_kept(kept: KeptRound, folder: Path, name: str) -> Workspace:
    """The workspace as the round read it, ids as tokens.

    Parameters
    ----------
    kept : KeptRound
        What is kept.
    folder : Path
        The workspace it belongs to.
    name : str
        Name of the unit.

    Raises
    ------
    InputError
        Where something of it is missing or altered.
    """
    record = kept.record
    settings = parse_settings(kept.read(SETTINGS_FILE).decode("utf-8-sig"))
    tables = {name: pd.read_parquet(BytesIO(kept.read(f"{name}.parquet"))) for name in record["tables"]}
    return Workspace(
        name,
        folder,
        settings,
        settings.calendar.calendar(record["week_start"]),
        tables,
        tuple(Notice(*notice) for notice in record["notices"]),
        record["input_hashes"],
        kept.read(SCENARIOS_FILE) if SCENARIOS_FILE in record["files"] else None,
    )


def forget_kept(folder: Path, round_name: str = "") -> list[KeptRound]:
    """Erase what the workspace keeps, of one round or of all, and the key with the last of it."""
    home = folder / STORE
    gone = [one for one in kept_rounds(folder) if round_name in ("", one.round)]
    if gone:
        with _open_store(folder):
            for one in gone:
                shutil.rmtree(one.folder)
    if not round_name and home.is_dir():
        shutil.rmtree(home)
    return gone


def _name(round_name: str, as_of: str, hashes: Mapping[str, str]) -> str:
    told = json.dumps([as_of, dict(hashes)], sort_keys=True).encode()
    return f"{round_name}~{hashlib.sha256(told).hexdigest()[:16]}"


def _files(workspace: Workspace, planned: Round) -> dict[str, bytes] | None:
    settings = (workspace.folder / SETTINGS_FILE).read_bytes()
    if hash_bytes(settings) != workspace.input_hashes[SETTINGS_FILE]:
        return None
    with _open_store(workspace.folder) as home:
        key = read_key(home)
    files = {SETTINGS_FILE: settings}
    if workspace.scenarios is not None:
        files[SCENARIOS_FILE] = workspace.scenarios
    for name, frame in hide_ids(workspace.tables, key).items():
        buffer = BytesIO()
        frame.to_parquet(buffer, index=False, compression="zstd")
        files[f"{name}.parquet"] = buffer.getvalue()
    record = {
        "round": planned.name,
        "as_of": planned.as_of.date().isoformat(),
        "input_hashes": dict(workspace.input_hashes),
        "tables": list(workspace.tables),
        "week_start": workspace.calendar.week_start,
        "notices": [[one.code, one.text, one.count] for one in workspace.notices],
        "files": {name: hash_bytes(data) for name, data in files.items()},
    }
    return files | {_RECORD: json.dumps(record, sort_keys=True, indent=1).encode()}


@contextmanager
def _open_store(folder: Path) -> Iterator[Path]:
    """Hold the store, made where it is missing: for its owner's eyes, and for no version control."""
    home = folder / STORE
    if not (home / "kept").is_dir():
        home.mkdir(mode=0o700, exist_ok=True)
        write_durably(home / ".gitignore", b"*\n")
        write_durably(home / "README.txt", _README.encode())
    (home / "kept").mkdir(exist_ok=True)
    with hold_lease(home / _LEASE, _PATIENCE):
        yield home


def _make_room(home: Path, left: float) -> list[str]:
    """Let the longest untouched rounds go until the others leave room; their names."""
    held, gone = [(one, one.size) for one in kept_rounds(home.parent.parent)], []
    while held and sum(size for _, size in held) > left:
        one, _ = held.pop(0)
        shutil.rmtree(one.folder)
        gone.append(one.round)
    return gone


def _write(final: Path, files: Mapping[str, bytes]) -> None:
    staging = final.with_name(f".{final.name}~{secrets.token_hex(6)}")
    staging.mkdir()
    try:
        for name, data in files.items():
            write_durably(staging / name, data)
        sync_tree(staging)
        with suppress(FileExistsError):
            staging.rename(final)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
