"""What own tests and cited studies say of a claim: all that speak of it, each by what it is worth."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.planning.evidence.claim_scale import scale_claim
from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.evidence.study_errors import Finding, combine_findings, design_of
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["cited_studies", "read_own_tests", "read_study"]

_RANDOMISED = ("holdout", "geo", "split")
_YEAR = pd.Timedelta(days=365.25)


def cited_studies(row: Assumption, research: pd.DataFrame | None) -> tuple[str, ...]:
    """Studies whose name stands as a word in the row's evidence."""
    return () if research is None or not len(research) else _cited(row, research["study"])


def _cited(row: Assumption, names: Iterable[object]) -> tuple[str, ...]:
    text = str(row.fields.get("evidence") or "")
    found = sorted({str(name) for name in names})
    return tuple(name for name in found if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))


def read_study(row: Assumption, past: Past) -> Reading:
    """What the cited studies that speak of the claim's scope say together.

    A study says per cent of sales, so it does not speak to volumes, nor beyond its own scope. Of one study's
    findings the nearest to the claim's scope counts, then the latest; several studies are combined,
    whichever of them suits the claim (`combine_findings`). Where their error is as large as what they found
    and as what is claimed they cannot tell the claim from nothing, and say nothing.
    """
    names = cited_studies(row, past.research)
    if not names or row.unit != "percent" or past.research is None:
        return Reading()
    findings, words = [], []
    for name in names:
        one = _nearest(row, past, past.research[past.research["study"].astype(str) == name], "date")
        if one is None:
            continue
        study, broader = one
        method = "" if pd.isna(study.get("method")) else str(study["method"])
        size = _number(study.get("n"))
        finding = _finding(name, design_of(method), study, "estimate", "date", broader, past, size)
        findings.append(finding)
        asked = "" if np.isnan(size) else f", {size:,.0f} asked"
        words.append(f"{name} ({study['date']:%b %Y}{asked})")
    said = f"{'study' if len(words) == 1 else 'studies'} {_and(words)}" if words else ""
    return _reading(row, past, tuple(findings), "research", said)


def read_own_tests(row: Assumption, past: Past) -> tuple[Reading, bool]:
    """What the business's own tests of the claim say, and whether all of them drew lots.

    Tests are those that name the claim, or that its evidence cites, in its scope.
    """
    table = past.experiments
    if table is None or not len(table) or row.unit != "percent":
        return Reading(), False
    cited = table["experiment"].astype(str).isin(_cited(row, table["experiment"]))
    named = pd.Series(False, table.index)
    if "assumption" in table:
        named = table["assumption"].astype(str) == row.id
    findings, words, drawn = [], [], True
    chosen = table[cited | named]
    for name, part in chosen.groupby(chosen["experiment"].astype(str), sort=True):
        one = _nearest(row, past, part, "end")
        if one is None:
            continue
        test, broader = one
        is_drawn = str(test["design"]) in _RANDOMISED
        design = "test" if is_drawn else "panel"
        findings.append(_finding(str(name), design, test, "lift", "end", broader, past))
        words.append(f"{name} ({test['design']}, {test['end']:%b %Y})")
        drawn = drawn and is_drawn
    said = f"an own test, {words[0]}," if len(words) == 1 else f"own tests {_and(words)}" if words else ""
    reading = _reading(row, past, tuple(findings), "own tests", said)
    return reading, drawn and reading.speaks


def _nearest(row: Assumption, past: Past, table: pd.DataFrame, day: str) -> tuple[pd.Series, int] | None:
    """The row that speaks most closely of the claim's scope, the latest of several; how much broader."""
    dimensions = [name for name in past.history.dimensions if name in table]
    best: tuple[int, pd.Timestamp, int] | None = None
    for place, study in enumerate(table.to_dict("records")):
        said = {name: str(study[name]) for name in dimensions if study[name] and not pd.isna(study[name])}
        if any(row.scope.get(name) != value for name, value in said.items()):
            continue
        rank = (len(said), pd.Timestamp(study[day]), -place)
        best = rank if best is None else max(best, rank)
    return None if best is None else (table.iloc[-best[2]], len(row.scope) - best[0])


def _finding(
    name: str,
    design: str,
    study: pd.Series,
    column: str,
    day: str,
    broader: int,
    past: Past,
    size: float = float("nan"),
) -> Finding:
    known = past.history.calendar.ends(past.history.periods[-1:])[0]
    years = (known - pd.Timestamp(study[day])) / _YEAR
    error = _number(study.get("standard_error"))
    return Finding(name, design, float(study[column]), error, float(years), max(broader, 0), size)


def _reading(row: Assumption, past: Past, findings: tuple[Finding, ...], source: str, words: str) -> Reading:
    if not findings:
        return Reading()
    estimate, error = combine_findings(findings)
    claimed = abs(scale_claim(row, past.history.measure).claim)
    if error > 0 and not error < max(abs(estimate), claimed):
        vague = f"only {words}, which with give or take {error:.0f} cannot tell the claim from nothing"
        return Reading(source=source, words=vague)
    return Reading(estimate, error, 0, source, words)


def _number(value: Any) -> float:
    return float("nan") if value is None or pd.isna(value) else float(value)


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
