"""What cited studies say of a claim."""

from __future__ import annotations

import re

import pandas as pd

from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["cited_studies", "read_study"]


def cited_studies(row: Assumption, research: pd.DataFrame | None) -> tuple[str, ...]:
    """Studies whose name stands as a word in the row's evidence."""
    if research is None or not len(research):
        return ()
    text = str(row.fields.get("evidence") or "")
    names = sorted(research["study"].astype(str).unique())
    return tuple(name for name in names if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def read_study(row: Assumption, past: Past) -> Reading:
    """The cited estimate that speaks of the claim's scope; of several the one that speaks most closely of it.

    A study says per cent of sales, so it does not speak to volumes, nor beyond its own scope. Of studies
    equally close the latest counts.
    """
    names = cited_studies(row, past.research)
    if not names or row.unit != "percent" or past.research is None:
        return Reading()
    table = past.research[past.research["study"].isin(names)]
    dimensions = [name for name in past.history.dimensions if name in table]
    best: tuple[int, pd.Timestamp, int] | None = None
    for place, study in enumerate(table.to_dict("records")):
        said = {name: str(study[name]) for name in dimensions if study[name] and not pd.isna(study[name])}
        if any(row.scope.get(name) != value for name, value in said.items()):
            continue
        rank = (len(said), pd.Timestamp(study["date"]), -place)
        best = rank if best is None else max(best, rank)
    if best is None:
        return Reading()
    found = table.iloc[-best[2]]
    asked = "" if pd.isna(found.get("n")) else f", {int(found['n']):,} asked"
    words = f"study {found['study']} ({found['date']:%b %Y}{asked})"
    return Reading(float(found["estimate"]), float(found["standard_error"]), 0, "research", words)
