"""Lettering: how wide a text is in the very face it is set in, and that face as a subset for a page."""

from __future__ import annotations

import base64
import io
import logging
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path

# The first use on a machine looks for its fonts, and says so in a log that is no concern of the reader.
logging.getLogger("matplotlib").setLevel(logging.ERROR)

__all__ = ["FACE", "embedded_font", "font_of_page", "set_lines", "shorten", "text_width"]

FACE = "DejaVu Sans"
_FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
_UNKNOWN = 1.0
"""Width in ems of a mark that the face does not have: a full square, as of most writings it lacks."""
_USUAL = frozenset(map(chr, range(0x20, 0x7F))) | set("−–—…±×·→≥≤‘’“”\u00a0\u202f\u2009€£")
"""Marks in every subset, so that pages of one run share it."""
_KEPT = 0.6
_LETTERED = re.compile(r"<text[^>]*>([^<]*)</text>")


def text_width(text: str, size: float = 12, *, bold: bool = False) -> float:
    """Width of a text in the chart's face, in units of its size.

    >>> text_width("1,000", 10) < text_width("1,000", 10, bold=True) < text_width("1,000", 12, bold=True)
    True
    """
    advances = _advances(bold)
    return sum(advances.get(mark, _UNKNOWN) for mark in text) * size


def shorten(text: str, width: float, size: float = 12, *, bold: bool = False) -> str:
    """The text cut with an ellipsis to fit a width; nothing where not even that has room.

    >>> shorten("A very long name", 60), shorten("short", 60)
    ('A very…', 'short')
    """
    if text_width(text, size, bold=bold) <= width:
        return text
    while text and text_width(text + "…", size, bold=bold) > width:
        text = text[:-1]
    # Part of a word at the end says less than none of it, unless little would be left.
    whole = text.rpartition(" ")[0]
    kept = whole if len(whole) >= _KEPT * len(text) else text
    return kept.rstrip() + "…" if text else ""


def set_lines(text: str, width: float, size: float = 12) -> list[str]:
    """The text in lines that fit a width.

    >>> set_lines("Solid: actual; outlined: plan.", 100, 10)
    ['Solid: actual;', 'outlined: plan.']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, width, size))
    return lines


def font_of_page(markup: str) -> str:
    """The rule of a style sheet that holds the face for all drawings of a page; blank where it has none."""
    return embedded_font(unescape(text) for text in _LETTERED.findall(markup))


def embedded_font(texts: Iterable[str]) -> str:
    """The chart's face as a rule of a style sheet, with the marks of the texts alone.

    A page holds it once, so that labels are as wide as they were measured on a machine without the face.
    Uncompressed, since a compressor's bytes differ from one build of it to another.

    Parameters
    ----------
    texts : iterable of str
        What is set in it; without any there is no rule.

    Examples
    --------
    >>> embedded_font(["plan 1,080"])[:42]
    '@font-face{font-family:"DejaVu Sans";font-'
    >>> embedded_font([])
    ''
    """
    marks = frozenset("".join(texts))
    return _face_rules(marks | _USUAL) if marks else ""


@lru_cache(maxsize=8)
def _face_rules(marks: frozenset[str]) -> str:
    rules = []
    for bold, weight in ((False, 400), (True, 700)):
        data = base64.b64encode(_subset(marks, bold)).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{FACE}";font-weight:{weight};'
            f'src:url(data:font/ttf;base64,{data}) format("truetype")}}'
        )
    return "".join(rules)


def _subset(marks: frozenset[str], bold: bool) -> bytes:
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.hinting, options.layout_features = False, []
    options.name_IDs, options.notdef_outline = [1, 2], True
    options.drop_tables += ["FFTM", "MATH", "kern"]
    with TTFont(_file(bold), recalcTimestamp=False) as font:
        # Dropped by the subsetter too, but only once it has read them, which takes most of its time.
        for table in ("GDEF", "GPOS", "GSUB"):
            if table in font:
                del font[table]
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=sorted(map(ord, marks)))
        subsetter.subset(font)
        written = io.BytesIO()
        font.save(written)
    return written.getvalue()


def _file(bold: bool) -> Path:
    # Where it lies beside the package, without importing that, which takes longer than all that is done here.
    found = find_spec("matplotlib")
    beside = Path((found.origin if found else "") or "").parent / "mpl-data"
    if not beside.is_dir():
        import matplotlib as mpl

        beside = Path(mpl.get_data_path())
    return beside / "fonts" / "ttf" / _FILES[bold]


@cache
def _advances(bold: bool) -> dict[str, float]:
    """Width in ems of every mark of the face."""
    from fontTools.ttLib import TTFont

    with TTFont(_file(bold), lazy=True) as font:
        widths, per_em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {chr(code): widths[glyph][0] / per_em for code, glyph in font.getBestCmap().items()}
