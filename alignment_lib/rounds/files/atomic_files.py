"""Files and folders that appear whole or not at all.

Everything is written under a temporary name beside its final place, forced to the disk, and renamed.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import glob
import os
import secrets
import shutil
import stat
import sys
from pathlib import Path

from alignment_lib.inputs.problems import AlignmentError

__all__ = [
    "FileProtected",
    "replace_file",
    "replace_folder",
    "replace_users_file",
    "sync_folder",
    "sync_tree",
    "write_durably",
]

_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


def write_durably(path: Path, content: bytes) -> None:
    """Write `content` and force it to the disk; for files inside a folder that is not yet in place."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class FileProtected(AlignmentError):
    """A file of the user's that may not be changed."""

    exit_code = 2


def replace_file(path: Path, content: bytes, keep: os.stat_result | None = None) -> None:
    """Put `content` at `path` in one step: a reader sees the old file or the new one, never a part.

    Whoever calls this holds the file against other writers, so what killed ones left beside it goes.

    Parameters
    ----------
    path : Path
        The file; a link is replaced as such.
    content : bytes
        All of it.
    keep : stat_result, optional
        Rights and owner the new file is to have.
    """
    # A dot and a tilde: no unit, round or page of ours can bear this name. Drawn, as two containers that
    # share a folder may give their processes the same number.
    temporary = path.with_name(f".{path.name}~{secrets.token_hex(6)}")
    try:
        write_durably(temporary, content)
        if keep is not None:
            _keep_rights(temporary, keep)
        temporary.replace(path)
    finally:
        for left in path.parent.glob(f".{glob.escape(path.name)}~*"):
            left.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace_users_file(path: Path, content: bytes) -> None:
    """Put `content` into a file of the user's as `replace_file` does, and leave all else as it is.

    A link stays one: what it leads to is replaced. Rights and, where the system allows it, owner are kept.

    Raises
    ------
    FileProtected
        Where the file is read-only, or a link leads nowhere: nothing is changed.
    """
    real = Path(os.path.realpath(path))
    if path.is_symlink() and not real.exists():
        raise FileProtected(f"{path} is a link to {real}, which is not there; nothing was changed")
    if not real.exists():
        replace_file(real, content)
        return
    before = real.stat()
    if not before.st_mode & stat.S_IWUSR or not os.access(real, os.W_OK):
        raise FileProtected(f"{path} is read-only; make it writable and try again; nothing was changed")
    replace_file(real, content, keep=before)


def _keep_rights(path: Path, before: os.stat_result) -> None:
    path.chmod(stat.S_IMODE(before.st_mode))
    if hasattr(os, "chown"):
        # Only root may give a file away; who may not keeps the group at least, or nothing.
        with contextlib.suppress(OSError):
            os.chown(path, -1, before.st_gid)
        with contextlib.suppress(OSError):
            os.chown(path, before.st_uid, -1)


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to the disk (a no-op where folders cannot be opened)."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Force every file and folder below `folder` to the disk."""
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def replace_folder(new: Path, final: Path, retired: Path, keep: Path | None = None) -> None:
    """Put the folder `new` at `final`; what stood there ends at `keep`, or is removed.

    On Linux the two are exchanged in one step (``renameat2``). Elsewhere two renames are needed, and a
    crash between them leaves `retired` whole for the next run to put back.
    """
    if not final.exists():
        new.rename(final)
    elif _exchange(new, final):
        new.rename(retired)
    else:
        final.rename(retired)
        new.rename(final)
    sync_folder(final.parent)
    if keep is not None and retired.exists():
        retired.rename(keep)
        sync_folder(keep.parent)
    shutil.rmtree(retired, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step; False where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    outcome = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if outcome == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
        return False
    raise OSError(code, os.strerror(code), str(other))
