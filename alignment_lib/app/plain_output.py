"""What a terminal without our marks is given instead: a hyphen for the minus, a blank for the thin space."""

from __future__ import annotations

import codecs
import io
import sys

from alignment_lib.inputs.written_numbers import MINUS, NO_NUMBER, PER_CENT

__all__ = ["accept_any_terminal", "say_plainly"]

_NAME = "alignment-plain"
_PLAIN = {MINUS: "-", NO_NUMBER: "-", PER_CENT[0]: " ", "\u2192": "->", "\u2026": "..."}


def say_plainly(text: str) -> str:
    """The nearest thing that any terminal can show; a question mark where there is none.

    >>> say_plainly("\u22125\u202f%"), say_plainly("\u732b")
    ('-5 %', '?')
    """
    return "".join(_PLAIN.get(mark, mark if mark.isascii() else "?") for mark in text)


def accept_any_terminal() -> None:
    """Print marks that the terminal's encoding lacks plainly, rather than fail over them."""
    codecs.register_error(_NAME, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "surrogateescape"):
            stream.reconfigure(errors=_NAME)


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return say_plainly(error.object[error.start : error.end]), error.end
