"""Who is asked what: every owner about their own claims, every function about what awaits it and the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from alignment_lib.inputs.configuration.round_settings import OwnerSettings
from alignment_lib.inputs.written_numbers import Said
from alignment_lib.planning.register.acceptance import claim_terms
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.remarks import find_remarks
from alignment_lib.planning.round.lifecycle import SIDES
from alignment_lib.rounds.round_answers import PLAN
from alignment_lib.rounds.round_life import RoundLife, list_open

__all__ = ["AskedRow", "Recipient", "find_recipients", "row_of_claim"]


@dataclass(frozen=True)
class AskedRow:
    """One row of a sheet: what is shown of a claim, and what an answer has to name.

    Attributes
    ----------
    shown : dict of str to (str or float)
        Heading to value, in the order of the sheet.
    function : str
        Whose answer it is; blank where the owner's function decides nothing.
    terms : str
        Hash of the claim as it reads, or of the plan.
    """

    shown: Mapping[str, str | float]
    function: str
    terms: str


@dataclass(frozen=True)
class Recipient:
    """One role that is asked.

    Attributes
    ----------
    role : str
        Owner of claims, or ``marketing`` or ``sales``.
    function : str
        The side it is; blank for an owner, whose rows say it.
    rows : tuple of AskedRow
    owner : OwnerSettings
        Address and delegate, as far as they are set.
    """

    role: str
    function: str
    rows: tuple[AskedRow, ...]
    owner: OwnerSettings

    @property
    def answering(self) -> tuple[str, ...]:
        """Roles that may answer; empty where any role of the function may."""
        return () if self.function else tuple(one for one in (self.role, self.owner.delegate) if one)

    @property
    def awaited(self) -> int:
        """How many rows wait for a decision or a signature."""
        return sum(str(row.shown["asked"]) != "" for row in self.rows)


def find_recipients(life: RoundLife, owners: Mapping[str, OwnerSettings]) -> tuple[Recipient, ...]:
    """Every owner of a claim that is still open, then the two functions.

    Parameters
    ----------
    life : RoundLife
        The published round.
    owners : mapping of str to OwnerSettings
        ``[owners]`` of the settings.
    """
    claims = list_open(life.snapshot)
    beside = _Beside(life)
    named = sorted({row.owner for row in claims})
    found = []
    for role in named:
        rows = [beside.row(one, one.function) for one in claims if one.owner == role]
        found.append(Recipient(role, "", tuple(rows), owners.get(role, OwnerSettings())))
    for side in SIDES:
        waiting = set(life.waiting[side])
        asked = [beside.row(one, side) for one in claims if one.id in waiting]
        rows = [_row_of_plan(life, side), *asked]
        found.append(Recipient(side, side, tuple(rows), owners.get(side, OwnerSettings())))
    return tuple(found)


class _Beside:
    """What stands beside a claim: evidence, its owner's record, what came of the last, what was said."""

    def __init__(self, life: RoundLife) -> None:
        read = life.snapshot
        evidence = read.read("evidence") if read.has("evidence") else pd.DataFrame({"assumption": []})
        self._evidence = {str(row["assumption"]): row for row in evidence.to_dict("records")}
        self._record = read.read("record") if read.has("record") else pd.DataFrame({"owner": []})
        self._remarks = find_remarks(life.log)
        self._waiting = life.waiting

    def row(self, claim: Assumption, function: str) -> AskedRow:
        """A claim as it is shown to whoever is asked."""
        seen = self._evidence.get(claim.id, {})
        awaits = function in SIDES and claim.id in self._waiting[function]
        own = self._record[self._record["owner"] == claim.owner]
        return AskedRow(
            row_of_claim(claim)
            | {
                "function": function,
                "asked": "accept or reject" if awaits else "",
                "evidence": str(seen.get("sentence", "") or "no evidence is known"),
                "record of the owner": _say_record(own),
                "last round": _say_last(own),
                "said so far": "\n".join(self._remarks.get(claim.id, ())),
            },
            function if function in SIDES else "",
            claim_terms(claim),
        )


def row_of_claim(claim: Assumption) -> dict[str, str | float]:
    """The cells that say what is claimed: they may not differ when a sheet comes back."""
    scope = ", ".join(f"{name} {value}" for name, value in sorted(claim.scope.items())) or "everywhere"
    values = {name: getattr(claim, name) for name in ("low", "expected", "high")}
    return {
        "id": claim.id,
        "title": claim.title,
        "owner": claim.owner,
        "claim": f"{claim.kind.replace('_', ' ')}, {scope}, {claim.start:%Y-%m-%d} to {claim.end:%Y-%m-%d}",
        **{name: "" if value != value else float(value) for name, value in values.items()},
        "unit": claim.unit,
        "status": claim.status,
        "reason given": str(claim.fields.get("rationale") or ""),
    }


def _row_of_plan(life: RoundLife, side: str) -> AskedRow:
    table = life.snapshot.read("assumptions")
    shown: dict[str, str | float] = dict.fromkeys(("id", "title", "owner", "claim"), "")
    shown |= dict.fromkeys(("low", "expected", "high", "unit", "status", "reason given"), "")
    signed = life.state.signed.get(side)
    shown |= {
        "id": PLAN,
        "title": f"The plan of {life.round.folder.name} as published",
        "claim": f"as of {life.snapshot.manifest['as_of']}, {len(table)} claims in its register",
        "status": f"signed by {signed.by} on {signed.on}" if signed else life.state.status,
        "function": side,
        "asked": "" if signed else "sign",
        **dict.fromkeys(("evidence", "record of the owner", "last round", "said so far"), ""),
    }
    shown["said so far"] = "\n".join(find_remarks(life.log).get(PLAN, ()))
    return AskedRow(shown, side, life.snapshot.hash)


def _scored(own: pd.DataFrame) -> pd.DataFrame:
    if not {"claim", "actual", "round", "unit"} <= set(own):
        return own.iloc[:0]
    return own[own["claim"].notna() & own["actual"].notna()]


def _say_record(own: pd.DataFrame) -> str:
    scored = _scored(own)
    if scored.empty:
        return "no claim scored so far"
    sure = scored["claim"].abs() > 0
    share = (scored.loc[sure, "actual"] / scored.loc[sure, "claim"]).median()
    counted = "1 claim" if len(scored) == 1 else f"{len(scored)} claims"
    if share != share:
        return f"{counted} scored"
    return f"{counted} scored; half of them brought less than {Said(share):.0%} of what was claimed"


def _say_last(own: pd.DataFrame) -> str:
    scored = _scored(own)
    if scored.empty:
        return ""
    last = scored[scored["round"] == scored["round"].max()]
    said = [
        f"{row['assumption']}: {Said(row['claim']):.4g} {row['unit']} claimed, {Said(row['actual']):.4g} came"
        for row in last.to_dict("records")
    ]
    return "; ".join([f"{last['round'].iloc[0]}", *said])
