"""A lease on a file: one holder at a time, between processes, containers and hosts.

The file names its holder by a token drawn for the purpose, never by a process id alone: two containers may
use the same numbers. While held it is locked with ``flock`` where the file system has that, and its holder
counts a beat into it every two seconds. Whoever finds it

- locked, is told at once who holds it;
- unlocked, and written under the same running kernel and the same mount, knows that the holder has ended,
  whatever its process id and host name were: the system lets go of the lock of a process that ends;
- unlocked, and written elsewhere, watches the beat: a holder that lives is seen within two seconds, one whose
  beat stands still for twenty seconds has ended. Clocks are never compared, only beats.

Before its first step that cannot be taken back a holder writes into the file what it is about to do, and
after the last that it is done. However it ends between the two (killed, stopped, a full disk), the file
stays, and the next holder is told: it finishes what is half done, or finds that nothing was done yet.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import socket
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from alignment_lib.inputs.problems import AlignmentError

__all__ = ["TAKEN_OVER_AFTER", "Hold", "LeaseHeld", "Lessee", "has_ended", "hold_lease", "read_work"]

RENEWED_AFTER = 2.0
"""Seconds between two beats."""
TAKEN_OVER_AFTER = 20.0
"""Seconds after which a beat that stands still has stopped."""
_SETTLED_AFTER = 2.0
"""Seconds until two who took over at once, on hosts that share no lock, both see who wrote last."""
_LOOK_AGAIN = 0.05
_BEING_MADE = 1.0
_WIDTH = 1024
"""Bytes of a lease, always, so that a beat is written over the one before in one piece."""


@dataclass(frozen=True)
class Lessee:
    """Who holds a lease, as its file says.

    Attributes
    ----------
    token : str
        Drawn for this hold.
    host, pid : str, int
        For people only.
    machine : str
        The running kernel and the mount; blank where unknown.
    beat : int
        Counted up while the holder lives.
    work : str
        What it has begun and not yet ended; blank where nothing is half done.
    has_let_go : bool
        Whether it ended by itself, though in the midst of its work.
    """

    token: str
    host: str
    pid: int
    machine: str = ""
    beat: int = 0
    work: str = ""
    has_let_go: bool = False


class LeaseHeld(AlignmentError):
    """Another holds the lease."""

    exit_code = 3

    def __init__(self, holder: Lessee) -> None:
        self.holder = holder
        super().__init__(
            f"the folder is being written to by process {holder.pid} on {holder.host}; wait for it to finish"
        )


class Hold:
    """A lease that is held.

    Attributes
    ----------
    was_interrupted : bool
        Whether the holder before ended without letting go.
    left : str
        What the holder before was in the midst of; blank where nothing is half done.
    token : str
        No other hold's.
    """

    def __init__(self, path: Path, descriptor: int, me: Lessee, before: Lessee | None) -> None:
        self.was_interrupted, self.token = before is not None, me.token
        self.left = before.work if before is not None else ""
        self._path, self._descriptor, self._me = path, descriptor, me
        self._writing, self._ended = threading.Lock(), threading.Event()
        self._renewing = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._renewing.start()

    def begin(self, work: str) -> None:
        """Write down, before the first step that cannot be taken back, what is now done."""
        self._say(work=work)

    def settle(self) -> None:
        """Write down that nothing is half done."""
        if self._me.work:
            self._say(work="")

    def _say(self, **what: Any) -> None:
        with self._writing:
            said = replace(self._me, **what)
            _write(self._descriptor, said)
            self._me = said

    def taken_by(self) -> Lessee | None:
        """Who has taken the lease over while its holder stood still; None where it is held as before."""
        found = _read_at(self._path)
        if found is not None and found.token == self._me.token:
            return None
        return found or Lessee("", "an unknown host", 0)

    def _renew(self) -> None:
        while not self._ended.wait(RENEWED_AFTER):
            if self.taken_by() is not None:
                return
            with contextlib.suppress(OSError):
                self._say(beat=self._me.beat + 1)

    def end(self) -> None:
        """Let go; what is half done stays written down for the next holder."""
        self._ended.set()
        goes = False
        try:
            self._renewing.join()
            goes = self.taken_by() is None and not self._me.work
            if goes and sys.platform != "win32":
                # Until its name is gone nobody else may find the file unlocked.
                self._path.unlink(missing_ok=True)
            elif self._me.work:
                self._leave()
        finally:
            os.close(self._descriptor)
        if goes and sys.platform == "win32":
            self._path.unlink(missing_ok=True)

    def _leave(self) -> None:
        if self.taken_by() is None:
            with contextlib.suppress(OSError):
                self._say(has_let_go=True)


@contextlib.contextmanager
def hold_lease(path: Path, patience: float = 0.0) -> Iterator[Hold]:
    """Hold the lease for the length of the block.

    Parameters
    ----------
    path : Path
        Its file, there while it is held.
    patience : float
        Seconds to wait for one that another holds.

    Raises
    ------
    LeaseHeld
        Where another holds it.
    """
    until = time.monotonic() + patience
    while True:
        try:
            hold = _take(path)
            break
        except LeaseHeld:
            if time.monotonic() >= until:
                raise
            time.sleep(_LOOK_AGAIN)
    try:
        yield hold
    finally:
        hold.end()


def has_ended(path: Path) -> bool:
    """Whether the holder of a lease has certainly ended without letting go.

    True for leases of this kernel and mount alone: of others nothing can be known at once.
    """
    holder = _read_at(path)
    if holder is None:
        return False
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return _lock(descriptor) is True and holder.machine == _machine(descriptor) != ""
    finally:
        os.close(descriptor)


def read_work(path: Path) -> str:
    """What the holder of a lease, or the one who left it, has begun and not yet ended; blank for nothing."""
    found = _read_at(path)
    return "" if found is None else found.work


def _take(path: Path) -> Hold:
    since = time.monotonic()
    while True:
        found = _open(path)
        if found is None:
            continue
        descriptor, is_new = found
        try:
            hold = _claim(path, descriptor, is_new, since)
        except BaseException:
            os.close(descriptor)
            raise
        if hold is not None:
            return hold
        os.close(descriptor)
        time.sleep(_LOOK_AGAIN)


def _open(path: Path) -> tuple[int, bool] | None:
    """The file, and whether it was made by this; None where it went in between."""
    with contextlib.suppress(FileExistsError):
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644), True
    with contextlib.suppress(FileNotFoundError):
        return os.open(path, os.O_RDWR), False
    return None


def _claim(path: Path, descriptor: int, is_new: bool, since: float) -> Hold | None:
    """The lease, once it is certain that nobody has it; None to look again."""
    locked = _lock(descriptor)
    # One who came between making and locking the file sees that it says nothing yet, and lets go.
    while is_new and locked is False:
        time.sleep(_LOOK_AGAIN)
        locked = _lock(descriptor)
    holder = _read_at(path)
    if locked is False:
        raise LeaseHeld(holder or Lessee("", "this machine", 0))
    if not _is_at(descriptor, path):
        return None
    is_empty = os.fstat(descriptor).st_size == 0
    if not is_new and is_empty and time.monotonic() < since + _BEING_MADE:
        return None
    me = Lessee(secrets.token_hex(16), socket.gethostname(), os.getpid(), _machine(descriptor))
    here = locked is True and (is_empty or (holder is not None and holder.machine == me.machine != ""))
    if not is_new and not here and not _has_stopped(path, holder):
        return None
    before = None if is_new else holder or Lessee("", "", 0)
    if before is not None:
        # Until the next step is begun, what was left is left by this one too.
        me = replace(me, work=before.work)
    _write(descriptor, me)
    if not is_new and not here:
        _settle(path, me)
    return Hold(path, descriptor, me, before)


def _settle(path: Path, me: Lessee) -> None:
    """Of several who took over at once, on hosts that share no lock, the one who wrote last has it."""
    time.sleep(_SETTLED_AFTER)
    other = _read_at(path)
    if other is None or other.token != me.token:
        raise LeaseHeld(other or me)


def _has_stopped(path: Path, holder: Lessee | None) -> bool:
    """Watch a beat: True once it has stopped, False where the lease was let go meanwhile."""
    if holder is not None and holder.has_let_go:
        return True
    until = time.monotonic() + TAKEN_OVER_AFTER
    while time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
        if not path.exists():
            return False
        found = _read_at(path)
        if found is not None and found != holder:
            raise LeaseHeld(found)
    return True


def _lock(descriptor: int) -> bool | None:
    """Whether the file is now locked by this; None where the file system has no such locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return False if error.errno in (errno.EWOULDBLOCK, errno.EACCES) else None
    return True


def _machine(descriptor: int) -> str:
    """The running kernel and the mount: within both, a lock that is free is free for certain."""
    try:
        kernel = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        kernel = "" if sys.platform.startswith("linux") else f"{socket.gethostname()} {uuid.getnode()}"
    return f"{kernel} {os.fstat(descriptor).st_dev}" if kernel else ""


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _write(descriptor: int, lessee: Lessee) -> None:
    text = json.dumps(asdict(lessee), sort_keys=True).ljust(_WIDTH - 1) + "\n"
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, text.encode("ascii"))
    os.fsync(descriptor)


def _read_at(path: Path) -> Lessee | None:
    """What a lease says now, read anew so that no host's cache answers; None where it says nothing yet."""
    try:
        found = json.loads(path.read_bytes())
        return Lessee(
            str(found.get("token", "")),
            str(found["host"]),
            int(found["pid"]),
            str(found.get("machine", "")),
            int(found.get("beat", 0)),
            str(found.get("work", "")),
            found.get("has_let_go") is True,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
