"""Use case: bring an export into a workspace, by a mapping that is shown, saved and used again."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from alignment_lib.app.imports.import_files import (
    FOLDER,
    read_open_days,
    write_log,
    write_open_days,
    write_tables,
)
from alignment_lib.app.imports.proposed_country import CountryProposal, propose_country
from alignment_lib.inputs.applying.importing import apply_mapping
from alignment_lib.inputs.checking.look_alikes import find_look_alikes, skeleton
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE, load_settings
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.proposing.export_profiles import read_profiles, shipped_profiles
from alignment_lib.inputs.proposing.import_checks import check_answers, complete_mapping
from alignment_lib.inputs.proposing.import_mapping import propose_mapping
from alignment_lib.inputs.proposing.mapping_files import ImportMapping, read_mapping, write_mapping
from alignment_lib.inputs.reading.exports import Export, read_export
from alignment_lib.inputs.spreadsheets.template import write_template
from alignment_lib.inputs.words.period_headings import find_across
from alignment_lib.rounds.files.atomic_files import replace_users_file
from alignment_lib.rounds.files.saving import hold_saves

__all__ = ["ImportOutcome", "import_data", "sample_rows"]

_PROFILES = "profiles"
_LOOKED_AT = 1_000
_SETTINGS = """\
[business]
name = {name}
currency = {currency}        # change it if you take other money

[calendar]
grain = "{grain}"
{holidays}
[sales]
source = "sales.csv"
dimensions = [{dimensions}]   # broadest first
measure = "{measure}"

[plan]
cycle = "quarter"
quarters = 4
seed = 2026
"""


_END_OF_TIME = dt.date(2199, 12, 31)


@dataclass(frozen=True)
class _Wish:
    """What is to become of a table that is there, and the day of the import."""

    how: str
    today: dt.date


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did.

    Attributes
    ----------
    mapping : ImportMapping
        As proposed or as saved before.
    mapping_file : Path
        Where it lies.
    is_new : bool
        Whether it was proposed now.
    written : tuple of Path
        Tables and settings that were written; empty where the mapping awaits a look.
    rows : dict of str to int
        Rows by table.
    notices : tuple of Notice
        What was left out, added up or filled in.
    reconciliation : tuple of str
        Where every figure went, line by line.
    samples : tuple of (str, str, str)
        For showing the mapping: what a column becomes, the export's column, and some of its values.
    """

    mapping: ImportMapping
    mapping_file: Path
    is_new: bool
    written: tuple[Path, ...] = ()
    rows: dict[str, int] | None = None
    notices: tuple[Notice, ...] = ()
    samples: tuple[tuple[str, str, str], ...] = ()
    reconciliation: tuple[str, ...] = ()


def import_data(
    source: Path,
    workspace: Path,
    *,
    kind: str = "",
    name: str = "",
    sheet: str = "",
    apply_now: bool = False,
    replace_tables: bool = False,
    add_rows: bool = False,
    today: dt.date | None = None,
) -> ImportOutcome:
    """Propose a mapping and save it, or apply the one saved before.

    Parameters
    ----------
    source : Path
        The export: text or a workbook.
    workspace : Path
        The workspace's folder; made where it is not there.
    kind : str
        What one row is, one of `KINDS`; found out where blank.
    name : str
        Of the mapping, by default that of its kind: next month's export of the same system uses it again.
    sheet : str
        The sheet of a workbook that is read; by default the one that holds the largest table.
    apply_now : bool
        Apply a new proposal at once, if it leaves no doubt.
    replace_tables : bool
        Whether a table that is there may be replaced; the former one is kept.
    add_rows : bool
        Whether new rows are joined to a table that is there, by key.
    today : date, optional
        Day of the import: what lies after it is not sold yet. By default nothing does.

    Raises
    ------
    InputError
        An export that cannot be read or mapped, doubts not settled, or a table that is already there.
    """
    if replace_tables and add_rows:
        problem = Problem("the command", "--add and --replace", "one of them", "leave one out")
        raise InputError([problem])
    export = read_export(source, sheet)
    wish = _Wish("replace" if replace_tables else "add" if add_rows else "", today or _END_OF_TIME)
    with hold_saves(workspace):
        saved = _find_saved(workspace, export, name)
        if saved is not None:
            return _apply(export, workspace, _of_kind(saved, kind), saved, False, wish)
        return _import_new(export, workspace, (kind, name), apply_now, wish)


def _import_new(
    export: Export, workspace: Path, asked: tuple[str, str], apply_now: bool, wish: _Wish
) -> ImportOutcome:
    """An export of which no mapping is saved: one is proposed and saved, and applied where that was asked."""
    kind, name = asked
    mapping = _with_doubts(_propose(export, workspace, kind), export, workspace)
    mapping = complete_mapping(export, mapping, pd.Timestamp(wish.today))
    place = _free_place(workspace, name or mapping.kind)
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_users_file(place, write_mapping(mapping).encode("utf-8"))
    if not apply_now or mapping.doubts:
        return ImportOutcome(
            mapping, place, True, notices=export.notices, samples=sample_rows(export, mapping)
        )
    return _apply(export, workspace, mapping, place, True, wish)


def _propose(export: Export, workspace: Path, kind: str) -> ImportMapping:
    """A proposal that knows the workspace's dimensions, its grain and the user's own profiles."""
    known, grain = _known_business(workspace)
    profiles = (*read_profiles(workspace / FOLDER / _PROFILES), *shipped_profiles())
    mapping = propose_mapping(export, kind, known, profiles)
    return replace(mapping, grain=grain) if grain and mapping.kind in ("spend", "prices") else mapping


def _with_doubts(mapping: ImportMapping, export: Export, workspace: Path) -> ImportMapping:
    """The proposal with what reading the file left open; blank labels matter only in a dimension."""
    used = set(mapping.dimensions.values())
    labels = [doubt for column, doubt in export.column_doubts if column in used]
    alike = _look_alikes(export, mapping, workspace)
    return replace(mapping, doubts=(*export.doubts, *labels, *alike, *mapping.doubts))


def _look_alikes(export: Export, mapping: ImportMapping, workspace: Path) -> list[str]:
    """A doubt for names that differ in what the eye does not see, unless the workspace has decided."""
    decided: set[str] = set()
    if (workspace / SETTINGS_FILE).exists():
        try:
            decided = {skeleton(name) for name in load_settings(workspace).names}
        except InputError:
            decided = set()
    return [
        f"the {dimension} names {group.listed} look alike: mend the export, or delete this line and decide "
        f"under [names] in {SETTINGS_FILE}, where alignment check asks again"
        for dimension, column in mapping.dimensions.items()
        if column in export.table
        for group in find_look_alikes(Counter(word for word in export.table[column] if word))
        if group.is_hidden and skeleton(group.spellings[0][0]) not in decided
    ]


def sample_rows(export: Export, mapping: ImportMapping, most: int = 3) -> tuple[tuple[str, str, str], ...]:
    """Lines for showing a mapping: what it becomes, the export's column, and some of its values."""
    named = {f"dimension {key}": column for key, column in mapping.dimensions.items()}
    lines = []
    for role, column in {**mapping.columns, **named}.items():
        values = export.table[column].iloc[:_LOOKED_AT] if column in export.table else pd.Series(dtype=object)
        shown = list(dict.fromkeys(values[values != ""]))[:most]
        lines.append((role, column, ", ".join(shown)))
    return tuple(lines)


def _known_business(workspace: Path) -> tuple[tuple[str, ...], str]:
    """Dimensions and grain of a workspace that has settings; nothing where they cannot be read yet."""
    if not (workspace / SETTINGS_FILE).exists():
        return (), ""
    try:
        settings = load_settings(workspace)
    except InputError:
        return (), ""
    grain = settings.calendar.grain
    return settings.dimensions, grain if grain in ("week", "month") else ""


def _find_saved(workspace: Path, export: Export, name: str) -> Path | None:
    """The mapping saved for an export with the same columns, or of that name."""
    if name:
        place = workspace / FOLDER / f"{_safe(name)}.toml"
        return place if place.exists() else None
    for place in sorted((workspace / FOLDER).glob("*.toml")):
        mapping = read_mapping(place)
        if mapping.header == tuple(export.columns):
            return place
        if mapping.kind == "pivot" and _labels(mapping.header) == _labels(export.columns) != frozenset():
            return place
    return None


def _of_kind(saved: Path, kind: str) -> ImportMapping:
    """The saved mapping; one of another kind than the user names is not applied in its place."""
    mapping = read_mapping(saved)
    if kind and kind != mapping.kind:
        found = f"{kind}, while {FOLDER}/{saved.name} reads this export as {mapping.kind}"
        mend = "delete that file, or name another mapping with --name"
        raise InputError([Problem("--kind", found, "the kind of the saved mapping", mend)])
    return mapping


def _labels(columns: Sequence[str]) -> frozenset[str]:
    """Headings beside the periods: next month's pivot has the same."""
    across = find_across(columns)
    return frozenset(columns) - set(across.periods) - set(across.wider) if across.periods else frozenset()


def _free_place(workspace: Path, name: str) -> Path:
    """A file for a new mapping: what is saved is never written over."""
    place, number = workspace / FOLDER / f"{_safe(name)}.toml", 1
    while place.exists():
        number += 1
        place = workspace / FOLDER / f"{_safe(name)}-{number}.toml"
    return place


def _safe(name: str) -> str:
    """A name as a file's name: letters, digits, hyphens and underscores."""
    return "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in name)[:60] or "import"


def _apply(
    export: Export, workspace: Path, mapping: ImportMapping, place: Path, is_new: bool, wish: _Wish
) -> ImportOutcome:
    if mapping.doubts:
        mend = f"correct the line it speaks of in {place}, delete the doubt, then run the same command again"
        raise InputError(
            [Problem(f"{FOLDER}/{place.name}", doubt, "a settled mapping", mend) for doubt in mapping.doubts]
        )
    today = pd.Timestamp(wish.today)
    check_answers(export, mapping, today, f"{FOLDER}/{place.name}")
    earlier = read_open_days(workspace, place.stem) if wish.how == "add" else None
    found = apply_mapping(export, mapping, today, earlier)
    done = write_tables(workspace, found, kind=mapping.kind, how=wish.how, today=wish.today)
    if mapping.kind == "order_lines":
        write_open_days(workspace, place.stem, found.open_days)
    written, doubtful = list(done.files), list[Notice]()
    settings = workspace / "planning.toml"
    if "sales" in found.tables and not settings.exists():
        sales = found.tables["sales"]
        country = propose_country(export.table, sales, _dimensions(sales))
        replace_users_file(settings, _settings(workspace, sales, mapping, country).encode("utf-8"))
        doubtful = [Notice("country_doubtful", country.sentence, 1)] if country else []
        written += [settings, *_offer_sheet(workspace, found.tables["sales"])]
    notices = [*export.notices, *found.notices, *done.notices, *doubtful]
    write_log(workspace, export.file, export.digest, found, notices, wish.today)
    return ImportOutcome(
        mapping,
        place,
        is_new,
        tuple(written),
        done.rows,
        tuple(notices),
        sample_rows(export, mapping),
        tuple(found.reconciliation.lines()),
    )


def _offer_sheet(workspace: Path, sales: pd.DataFrame) -> list[Path]:
    """The Excel sheet for assumptions, with this business's own names in its lists, where none is there."""
    if any(workspace.glob("assumptions.*")):
        return []
    values = {name: sorted(sales[name].astype(str).unique()) for name in _dimensions(sales)}
    return [write_template(workspace / "assumptions.xlsx", values)]


def _dimensions(sales: pd.DataFrame) -> list[str]:
    return [str(name) for name in sales.columns if name not in ("period", "units", "revenue")]


def _settings(
    workspace: Path, sales: pd.DataFrame, mapping: ImportMapping, country: CountryProposal | None
) -> str:
    dimensions = _dimensions(sales)
    return _SETTINGS.format(
        name=json.dumps(workspace.resolve().name, ensure_ascii=False),
        grain=mapping.grain,
        holidays=f"{country.line}\n" if country else "",
        dimensions=", ".join(json.dumps(name, ensure_ascii=False) for name in dimensions),
        measure="units" if "units" in sales else "revenue",
        currency=json.dumps(_currency(mapping)),
    )


def _currency(mapping: ImportMapping) -> str:
    """The code of the export's money, where it names one."""
    code = str(mapping.decisions.get("currency", ""))
    return code if len(code) == 3 and code.isalpha() and code.isupper() else "EUR"
