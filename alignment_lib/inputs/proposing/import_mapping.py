"""What each column of an export is for: proposed from names and contents.

A proposal never hides a doubt. Where an export can be read in two ways the mapping lists the doubt, and
it is not applied until the user has settled it in the file.
"""

from __future__ import annotations

from collections.abc import Sequence

from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.proposing.dimension_columns import dimension_name
from alignment_lib.inputs.proposing.export_profiles import Profile, shipped_profiles
from alignment_lib.inputs.proposing.mapping_files import KINDS, ImportMapping
from alignment_lib.inputs.proposing.pivot_proposal import propose_pivot
from alignment_lib.inputs.proposing.table_proposals import propose_table
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.period_headings import find_months

__all__ = ["propose_mapping"]


def propose_mapping(
    export: Export,
    kind: str = "",
    known: Sequence[str] = (),
    profiles: Sequence[Profile] | None = None,
) -> ImportMapping:
    """Propose what each column is for.

    Parameters
    ----------
    export : Export
        The table as text.
    kind : str
        One of `KINDS`; found out where blank.
    known : sequence of str
        Dimensions that the workspace has already.
    profiles : sequence of Profile, optional
        Declared mappings of usual exports, the user's own first; those shipped by default.

    Raises
    ------
    InputError
        A kind that is none, or a pivot without months.
    """
    if kind and kind not in KINDS:
        found = f"the kind {kind!r}"
        raise InputError([Problem("--kind", found, "one of " + ", ".join(KINDS), "name one of them")])
    if kind == "pivot" or (not kind and len(find_months(export.columns)) > 1):
        return propose_pivot(export, dimension_name)
    return propose_table(export, kind, known, shipped_profiles() if profiles is None else profiles)
