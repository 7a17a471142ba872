"""HTML built from escaped parts: text becomes markup in one place only."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Html", "clean", "escape", "join", "tag"]

_VOID = frozenset({"br", "hr", "img", "input", "meta", "col"})
# Characters HTML forbids, and those that reorder or hide the text around them.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


@dataclass(frozen=True)
class Html:
    """A piece of finished markup. Jupyter shows it as it is.

    Attributes
    ----------
    markup : str
        The markup; only `tag`, `join` and drawing code make it, never a cell of a table.
    """

    markup: str

    def _repr_html_(self) -> str:
        return self.markup

    def __str__(self) -> str:
        return self.markup

    def __repr__(self) -> str:
        return f"<Html, {len(self.markup)} characters>"


def clean(text: object) -> str:
    """Text without the characters that HTML forbids or that reorder what is read, each shown as U+FFFD."""
    return _FORBIDDEN.sub("\ufffd", str(text))


def escape(text: object) -> str:
    """Text made safe for any place in HTML or SVG; forbidden characters are shown as U+FFFD.

    >>> escape('<script>alert("1")</script>')
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'
    """
    return html.escape(clean(text), quote=True)


def join(parts: Iterable[Html | str | None], between: str = "") -> Html:
    """Parts one after the other; strings are escaped, None is left out."""
    texts = (str(part) if isinstance(part, Html) else escape(part) for part in parts if part is not None)
    return Html(escape(between).join(texts))


def tag(element: str, *children: Html | str | None, **attributes: str | int | float | bool | None) -> Html:
    """One element. Attribute names lose a trailing underscore, and inner ones become hyphens.

    >>> str(tag("a", "R & D", href="#plan", class_="quiet"))
    '<a href="#plan" class="quiet">R &amp; D</a>'
    """
    parts = [element]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        key = name.rstrip("_").replace("_", "-")
        parts.append(key if value is True else f'{key}="{escape(value)}"')
    opening = f"<{' '.join(parts)}>"
    if element in _VOID:
        return Html(opening)
    return Html(f"{opening}{join(children)}</{element}>")
