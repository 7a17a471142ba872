"""docs/benchmarks.md: one section a benchmark, each replaced by itself when it is measured again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PAGE", "Section", "write_section"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
_OPENING = """# Benchmarks

Measured by `make bench` on 2 cores; every table names its peers, run on the same data in the same process. A
reach that was missed stands here as it was measured.
"""


@dataclass(frozen=True)
class Section:
    """One benchmark's part of the page.

    Attributes
    ----------
    name : str
        Marker by which it is found again.
    title : str
        Its heading.
    text : str
        Markdown below the heading.
    """

    name: str
    title: str
    text: str


def write_section(section: Section, page: Path = PAGE) -> None:
    """Put the section in its place on the page, or at its end."""
    text = page.read_text(encoding="utf-8") if page.exists() else _OPENING
    begin, end = f"<!-- {section.name} -->", f"<!-- end of {section.name} -->"
    block = f"{begin}\n\n## {section.title}\n\n{section.text.strip()}\n\n{end}"
    pattern = re.compile(re.escape(begin) + r".*?" + re.escape(end), re.DOTALL)
    text = pattern.sub(lambda _: block, text) if pattern.search(text) else f"{text.rstrip()}\n\n{block}\n"
    page.write_text(text, encoding="utf-8")
