"""Where the notebooks lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path

import alignment_lib
from alignment_lib.inputs.problems import AlignmentError

__all__ = ["NotebookMissing", "find_beside", "find_reports", "notebook_path"]


class NotebookMissing(AlignmentError):
    """The installation lacks a notebook."""


def find_beside(folder: str) -> Path:
    """A folder as given, or beside the notebooks where a run starts elsewhere."""
    given = Path(folder)
    beside = notebook_path("quarterly_report").parent / given
    return beside if not given.exists() and beside.exists() else given


def find_reports() -> Path | None:
    """The output folder beside the notebooks, where batch runs write; None where there is none."""
    reports = notebook_path("quarterly_report").parent.parent / "reports"
    return reports if reports.is_dir() else None


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
