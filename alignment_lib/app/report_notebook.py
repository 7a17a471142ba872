"""What the notebook of the quarterly report opens: a published round, or one planned for it on the spot."""

from __future__ import annotations

from alignment_lib.app.notebooks import find_beside
from alignment_lib.publishing.report.report_parts import Report, open_report

__all__ = ["open_round_report"]


def open_round_report(
    snapshot: str = "", workspace: str = "", round_name: str = "", as_of: str = ""
) -> Report:
    """The report of a published round or, where a workspace is named, of its round as it stands now.

    Folders may be relative to where the kernel runs or to the notebooks.

    Parameters
    ----------
    snapshot : str
        Folder of a published round.
    workspace : str
        Folder with ``planning.toml``; nothing is written into it, and nothing is published.
    round_name, as_of : str
        Which round of it, seen from which day; blank as everywhere.

    Raises
    ------
    InputError
        With every problem found in the workspace.
    """
    if not workspace:
        return open_report(find_beside(snapshot))
    # A published round's report needs nothing of what plans one.
    from alignment_lib.app.analyst.words import open_round

    return Report(open_round(workspace, round_name, as_of).view)
