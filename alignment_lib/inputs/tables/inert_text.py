"""Text that no spreadsheet takes for a formula, wherever it is opened."""

from __future__ import annotations

import re

__all__ = ["make_inert", "would_run"]

# A file parted by commas is read as parted by semicolons where Excel runs with a German or French locale, and
# wide forms of the four marks are read like the narrow ones in East Asian locales.
_FORMULA = re.compile("(^|[;\t\r\n])(?=[=+@＝＋－＠-])")
_BLANKS = ("\t", "\r", "\n", "\0")


def would_run(text: str) -> bool:
    """Whether a spreadsheet might take a text, or what follows a semicolon in it, for a formula.

    A number is none, whatever its sign.

    >>> [would_run(text) for text in ("=1+1", "@SUM(1)", "Chair;=1+1", "-12.5", "Chair = 1", "")]
    [True, True, True, False, False, False]
    """
    return make_inert(text) != text


def make_inert(text: str) -> str:
    """The text with an apostrophe before whatever a spreadsheet would run.

    >>> make_inert("=1+1"), make_inert("Chair;=1+1"), make_inert("-12.5")
    ("'=1+1", "Chair;'=1+1", '-12.5')
    """

    def quote(found: re.Match[str]) -> str:
        rest = text[found.end() :].partition(";")[0]
        return found[0] if _is_number(rest) else f"{found[0]}'"

    inert = _FORMULA.sub(quote, text)
    return f"'{inert}" if text.startswith(_BLANKS) else inert


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
