"""A PostgreSQL server of the tests' own, for the length of a module."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "canary-7f3a/word@1"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def find_server() -> Path | None:
    """Folder of the PostgreSQL server's programs; distributions keep them off the path."""
    on_path = shutil.which("pg_ctl")
    places = [Path(on_path).resolve().parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """A server of our own with a password, or the one named in ALIGNMENT_TEST_POSTGRES."""
    given = os.environ.get("ALIGNMENT_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = find_server()
    if programs is None:
        reason = "no PostgreSQL server is installed here"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # Not below pytest's own folder, which only the user who runs the tests may enter.
    home = Path(tempfile.mkdtemp(prefix="alignment-postgres-"))
    try:
        yield from serve(programs, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def serve(programs: Path, home: Path) -> Iterator[str]:
    """Start a server in `home`, say where it listens, and stop it."""
    (home / "word").write_text(PASSWORD)
    # The server refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(home, "postgres")
        shutil.chown(home / "word", "postgres")
    port = free_port()
    make = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "planner", "-A", "scram-sha-256"]
    subprocess.run(
        [*as_user, *make, "--pwfile", str(home / "word")], check=True, capture_output=True, cwd=home
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(home / "data"), "-w"]
    start = [*control, "-l", str(home / "log"), "-o", options, "start"]
    subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=home)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL, cwd=home)
