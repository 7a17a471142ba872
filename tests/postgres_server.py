"""A PostgreSQL server of the tests' own, for the length of a module."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
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
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
    home = tmp_path_factory.mktemp("postgres")
    (home / "word").write_text(PASSWORD)
    # The server refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if as_user:
        for folder in (home, *list(home.parents)[:2]):
            folder.chmod(0o755)
        shutil.chown(home, "postgres")
        (home / "word").chmod(0o644)
    port = free_port()
    make = [str(programs / "initdb"), "-D", str(home / "data"), "-U", "planner", "-A", "scram-sha-256"]
    subprocess.run([*as_user, *make, "--pwfile", str(home / "word")], check=True, capture_output=True)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"
    control = [*as_user, str(programs / "pg_ctl"), "-D", str(home / "data"), "-w"]
    log = ["-l", str(home / "data" / "log")]
    subprocess.run([*control, *log, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL)
    yield f"127.0.0.1:{port}"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)
