"""Where the scenario page is listened for, and how a browser is led there without showing its token."""

from __future__ import annotations

import contextlib
import errno
import html
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import tornado.netutil

from alignment_lib.inputs.problems import AlignmentError

__all__ = ["ADDRESS", "PortTaken", "listen", "opening_file"]

ADDRESS = "127.0.0.1"


class PortTaken(AlignmentError):
    """The port asked for cannot be listened on."""

    exit_code = 2


def listen(port: int) -> list[socket.socket]:
    """Sockets on this machine alone; 0 for any port that is free.

    Raises
    ------
    PortTaken
        Where the port is in use or not allowed.
    """
    try:
        return tornado.netutil.bind_sockets(port, ADDRESS)
    except OSError as error:
        reasons = {errno.EADDRINUSE: "is in use by another program", errno.EACCES: "may not be used by you"}
        why = reasons.get(error.errno or 0, f"cannot be listened on ({error.strerror})")
        raise PortTaken(f"port {port} {why}; name another with --port, or leave it out") from None


@contextlib.contextmanager
def opening_file(address: str) -> Iterator[str]:
    """Address of a private file that leads a browser to the page; it goes with the block.

    The page's own address holds the token, and every user can read a browser's arguments.
    """
    with tempfile.TemporaryDirectory(prefix="alignment-page-") as folder:
        path = Path(folder) / "open.html"
        target = html.escape(address)
        path.write_text(
            '<!doctype html><meta charset="utf-8"><title>Scenario page</title>'
            f'<meta http-equiv="refresh" content="0;url={target}"><p><a href="{target}">Scenario page</a>',
            encoding="utf-8",
        )
        yield path.as_uri()
