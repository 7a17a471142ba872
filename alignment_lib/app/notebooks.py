"""Where the notebooks lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

import alignment_lib
from alignment_lib.inputs.problems import AlignmentError

__all__ = ["NotebookMissing", "notebook_path"]


class NotebookMissing(AlignmentError):
    """The installation lacks a notebook."""


def notebook_path(name: str) -> Path:
    """Path of a notebook by name, such as ``quarterly_report``.

    >>> notebook_path("quarterly_report").name
    'quarterly_report.ipynb'
    """
    package = Path(alignment_lib.__file__).parent
    places = [package.parent / "notebooks", package / "notebooks"]
    for place in places:
        path = place / f"{name}.ipynb"
        if path.is_file():
            return path
    raise NotebookMissing(f"the notebook {name}.ipynb is missing from this installation; install it again")
