"""Proposing a mapping for a table with one row per thing: an order line, a lead, a deal, a cost, a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import InputError, Problem
from alignment_lib.inputs.proposing.aside_columns import doubt_unknown
from alignment_lib.inputs.proposing.column_contents import Contents, describe_columns
from alignment_lib.inputs.proposing.date_columns import join_closing, parts_of_dates
from alignment_lib.inputs.proposing.dimension_columns import find_dimensions
from alignment_lib.inputs.proposing.export_kinds import NEEDED, Kind, guess_kind, match_kind
from alignment_lib.inputs.proposing.export_profiles import Profile, find_profile
from alignment_lib.inputs.proposing.form_proposals import choose_date, choose_marks
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.proposing.outcome_proposals import propose_milestones, propose_outcomes
from alignment_lib.inputs.proposing.sales_columns import settle_sales
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.reading.follow_lines import carry_orders
from alignment_lib.inputs.reading.foot_rows import leave_out_foot
from alignment_lib.inputs.words.column_words import load_roles

__all__ = ["propose_table"]

_WITH_DIMENSIONS = ("order_lines", "costs", "prices")
_DAYS = ("date", "created", "opened", "period", "at")
_MOSTLY = 0.6
_KINDS_IN_WORDS = {
    "order_lines": "order lines",
    "leads": "leads",
    "opportunities": "opportunities",
    "spend": "spend",
    "costs": "unit costs",
    "prices": "prices",
    "contacts": "contacts with leads",
}


@dataclass
class _Draft:
    """What is proposed so far."""

    kind: str
    columns: dict[str, str]
    doubts: list[str] = field(default_factory=list)


def propose_table(
    export: Export, kind: str = "", known: Sequence[str] = (), profiles: Sequence[Profile] = ()
) -> ImportMapping:
    """Propose what each column is for; what is not sure becomes a doubt, what is missing too.

    Parameters
    ----------
    export : Export
        The table as text.
    kind : str
        Found out where blank.
    known : sequence of str
        Dimensions that the workspace has already.
    profiles : sequence of Profile
        Declared mappings of usual exports, the user's own first.

    Raises
    ------
    InputError
        A table of which nothing is recognised, where no kind was named.
    """
    contents = describe_columns(export.table)
    profile = find_profile(export.columns, profiles, kind)
    kind = kind or (profile.kind if profile else "")
    found = match_kind(contents, kind) if kind else _guess(export, contents)
    draft = _Draft(found.name, {role: match.column for role, match in found.matches.items()})
    declared = profile.columns_of(export.columns) if profile else {}
    if profile:
        draft.columns = _declared_first(draft.columns, declared, profile.aside_of(export.columns))
    _doubt_kind(draft, found)
    _take_lone_date(draft, found, contents)
    _settle_stages(draft.columns, contents, declared)
    also = join_closing(draft.kind, draft.columns, contents, draft.doubts)
    rows = ImportMapping(draft.kind, draft.columns)
    export, carried = carry_orders(leave_out_foot(export, rows, ListLog()), rows)
    if carried:
        draft.doubts.append(f'{carried}; write follow_lines = "keep" under [import] if they do not')
    settle_sales(draft.columns, found, contents, export.table, draft.doubts)
    _doubt_columns(draft, found, {**declared, **also})
    _doubt_lacking(draft, found, profile, contents)
    dimensions = _propose_dimensions(export, contents, draft, known, profile)
    if not profile:
        used = {*draft.columns.values(), *dimensions.values(), *(n for names in also.values() for n in names)}
        doubt_unknown(contents, used, draft.doubts)
    outcomes, decisions = propose_outcomes(export.table, draft.kind, draft.columns, draft.doubts, also)
    date, decimal, thousands = _propose_forms(export, draft, also)
    if profile:
        outcomes = {word: profile.outcomes.get(word, outcome) for word, outcome in outcomes.items()}
        decisions = {**decisions, **profile.decisions}
    if carried:
        decisions = {**decisions, "follow_lines": "carry down"}
    return ImportMapping(
        draft.kind,
        draft.columns,
        dimensions,
        date=date,
        decimal=decimal,
        thousands=thousands,
        outcomes=outcomes,
        header=tuple(export.columns),
        doubts=tuple(dict.fromkeys(draft.doubts)),
        values=profile.values if profile else {},
        milestones=propose_milestones(export.table, draft.kind, draft.columns, outcomes),
        decisions=decisions,
        profile=profile.name if profile else "",
        also=also,
    )


def _guess(export: Export, contents: Mapping[str, Contents]) -> Kind:
    found = guess_kind(contents)
    if len(found.lacking) == len(NEEDED[found.name]):
        what = f"the columns {', '.join(export.columns)[:200]}"
        expected = (
            "an export such as order lines (date, quantity or amount), a pivot with months across, leads "
        )
        expected += "(id, created, source), opportunities, spend of campaigns, costs or prices"
        mend = "say which it is with --kind, or rename the columns"
        raise InputError([Problem(export.file, what, expected, mend)])
    return found


def _declared_first(
    matched: Mapping[str, str], declared: Mapping[str, str], aside: frozenset[str]
) -> dict[str, str]:
    """The profile's columns, and what it does not speak of from the headings."""
    spoken = set(declared.values()) | aside
    rest = {role: column for role, column in matched.items() if column not in spoken}
    return {**rest, **declared}


def _take_lone_date(draft: _Draft, found: Kind, contents: Mapping[str, Contents]) -> None:
    """Where the day is lacking and a single column holds days, that column is proposed, with a doubt."""
    wanted = [name for names in found.lacking for name in names.split(" or ") if name in _DAYS]
    if draft.kind in ("costs", "prices") and "period" not in draft.columns:
        wanted.append("period")
    used = set(draft.columns.values())
    days = [name for name, held in contents.items() if name not in used and held.dates >= _MOSTLY]
    if wanted and wanted[0] not in draft.columns and len(days) == 1:
        draft.columns[wanted[0]] = days[0]
        draft.doubts.append(
            f"{days[0]!r} was taken for {wanted[0]}, the only column of days; correct it under [columns]"
        )


def _settle_stages(
    columns: dict[str, str], contents: Mapping[str, Contents], declared: Mapping[str, str]
) -> None:
    """Of two columns of stages the one with fewer words says how deals ended, the other how far they are."""
    stage, status = columns.get("stage", ""), columns.get("status", "")
    if not stage or not status or "stage" in declared:
        return
    if contents[stage].different < contents[status].different and contents[stage].is_stage:
        columns["stage"], columns["status"] = status, stage


def _doubt_kind(draft: _Draft, found: Kind) -> None:
    if found.rival:
        other = _KINDS_IN_WORDS[found.rival]
        draft.doubts.append(
            f"this was taken for {_KINDS_IN_WORDS[found.name]}; it could be {other}: "
            f"if so, delete this file and import with --kind {found.rival}"
        )


def _doubt_columns(draft: _Draft, found: Kind, declared: Mapping[str, object]) -> None:
    """Columns taken by likeness, and columns that others could stand for."""
    taken = set(draft.columns.values())
    for role, column in draft.columns.items():
        match = found.matches.get(role)
        if role in declared or match is None or match.column != column or match.is_sure:
            continue
        rivals = [name for name in match.rivals if name not in taken]
        others = f" rather than {' or '.join(map(repr, rivals))}" if rivals else " by likeness"
        draft.doubts.append(
            f"{column!r} was taken for {role}{others}; correct it under [columns] if it is not"
        )


def _doubt_lacking(
    draft: _Draft, found: Kind, profile: Profile | None, contents: Mapping[str, Contents]
) -> None:
    given = set(profile.values) if profile else set()
    for names in found.lacking:
        if not set(names.split(" or ")) & (given | set(draft.columns)):
            # A line to fill in stands ready under [columns].
            draft.columns[names.split(" or ")[0]] = ""
            hint = _hint(names.split(" or ")[0], contents)
            draft.doubts.append(f"no column was found for {names}; name it under [columns]{hint}")


def _hint(role: str, contents: Mapping[str, Contents]) -> str:
    if role in _DAYS:
        parts = parts_of_dates(contents)
        return f"; {parts}" if parts else ""
    if role in ("lead_id", "opportunity_id"):
        return ', or write "(row)" to number the rows'
    if role in ("source",):
        return ", or write one word for all rows under [values]"
    return ""


def _propose_dimensions(
    export: Export,
    contents: Mapping[str, Contents],
    draft: _Draft,
    known: Sequence[str],
    profile: Profile | None,
) -> dict[str, str]:
    taken = {column for column in draft.columns.values() if column}
    declared = profile.dimensions_of(export.columns) if profile else {}
    if declared:
        return {name: column for name, column in declared.items() if column not in taken}
    taken |= profile.aside_of(export.columns) if profile else set()
    if draft.kind in _WITH_DIMENSIONS:
        is_list = draft.kind in ("costs", "prices")
        found = find_dimensions(export.table, contents, taken, draft.doubts, known, is_list=is_list)
        if not found:
            text = "no column was found that could be a dimension; name at least one under [dimensions]"
            draft.doubts.append(text)
        return found
    if not known:
        return {}
    found = find_dimensions(export.table, contents, taken, [], known)
    return {name: column for name, column in found.items() if name in known}


def _propose_forms(
    export: Export, draft: _Draft, also: Mapping[str, tuple[str, ...]]
) -> tuple[str, str, str]:
    holds = {role.name: role.holds for role in load_roles()[draft.kind]}
    taken = [
        (holds.get(role, ""), column) for role, column in draft.columns.items() if column in export.columns
    ]
    dates = [column for held, column in taken if held == "date"]
    dates += [column for names in also.values() for column in names]
    figures = [column for held, column in taken if held == "number"]
    return (choose_date(export, dates, draft.doubts), *choose_marks(export, figures, draft.doubts))
