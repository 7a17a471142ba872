"""The frame that answers and pages stand in when a notebook shows them: one style sheet, held within it."""

from __future__ import annotations

from importlib.resources import files

from alignment_lib.answers.markup import Html, join, tag

__all__ = ["framed"]

_STYLE = files(__package__).joinpath("notebook.css").read_text(encoding="utf-8")


def framed(*parts: Html | str | None) -> Html:
    """Parts one below the other, with the style that a notebook lacks."""
    return tag("div", Html(f"<style>{_STYLE}</style>"), join(parts), class_="alignment-page")
