"""Use case: bring an export into a workspace, by a mapping that is shown, saved and used again."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from alignment_lib.app.proposed_country import CountryProposal, propose_country
from alignment_lib.inputs.export_profiles import read_profiles, shipped_profiles
from alignment_lib.inputs.exports import Export, read_export
from alignment_lib.inputs.import_mapping import propose_mapping
from alignment_lib.inputs.importing import apply_mapping
from alignment_lib.inputs.inert_text import make_inert, would_run
from alignment_lib.inputs.mapping_files import ImportMapping, read_mapping, write_mapping
from alignment_lib.inputs.period_headings import find_months
from alignment_lib.inputs.problems import InputError, Notice, Problem
from alignment_lib.inputs.settings_reader import SETTINGS_FILE, load_settings
from alignment_lib.inputs.template import write_template
from alignment_lib.publishing.atomic_files import replace_file

__all__ = ["ImportOutcome", "import_data", "sample_rows"]

_FOLDER = "imports"
_PROFILES = "profiles"
_SETTINGS = """\
[business]
name = {name}
currency = "EUR"        # change it if you take other money

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


def import_data(
    source: Path,
    workspace: Path,
    *,
    kind: str = "",
    name: str = "",
    sheet: str = "",
    apply_now: bool = False,
    replace_tables: bool = False,
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
        Whether a table that is there may be replaced.

    Raises
    ------
    InputError
        An export that cannot be read or mapped, doubts not settled, or a table that is already there.
    """
    export = read_export(source, sheet)
    saved = _find_saved(workspace, export, name)
    if saved is not None:
        return _apply(export, workspace, read_mapping(saved), saved, False, replace_tables)
    mapping = _with_doubts(_propose(export, workspace, kind), export)
    place = workspace / _FOLDER / f"{_safe(name or mapping.kind)}.toml"
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place, write_mapping(mapping).encode("utf-8"))
    if not apply_now or mapping.doubts:
        return ImportOutcome(
            mapping, place, True, notices=export.notices, samples=sample_rows(export, mapping)
        )
    return _apply(export, workspace, mapping, place, True, replace_tables)


def _propose(export: Export, workspace: Path, kind: str) -> ImportMapping:
    """A proposal that knows the workspace's dimensions, its grain and the user's own profiles."""
    known, grain = _known_business(workspace)
    profiles = (*read_profiles(workspace / _FOLDER / _PROFILES), *shipped_profiles())
    mapping = propose_mapping(export, kind, known, profiles)
    return replace(mapping, grain=grain) if grain and mapping.kind in ("spend", "prices") else mapping


def _with_doubts(mapping: ImportMapping, export: Export) -> ImportMapping:
    """The proposal with what reading the file left open; blank labels matter only in a dimension."""
    used = set(mapping.dimensions.values())
    labels = [doubt for column, doubt in export.column_doubts if column in used]
    return replace(mapping, doubts=(*export.doubts, *labels, *mapping.doubts))


def sample_rows(export: Export, mapping: ImportMapping, most: int = 3) -> tuple[tuple[str, str, str], ...]:
    """Lines for showing a mapping: what it becomes, the export's column, and some of its values."""
    named = {f"dimension {key}": column for key, column in mapping.dimensions.items()}
    lines = []
    for role, column in {**mapping.columns, **named}.items():
        values = export.table[column] if column in export.table else pd.Series(dtype=object)
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
        place = workspace / _FOLDER / f"{_safe(name)}.toml"
        return place if place.exists() else None
    for place in sorted((workspace / _FOLDER).glob("*.toml")):
        mapping = read_mapping(place)
        if mapping.kind == "pivot":
            months_apart = set(mapping.dimensions.values())
            if months_apart and months_apart <= set(export.columns) and _is_pivot(export):
                return place
        elif mapping.header == tuple(export.columns):
            return place
    return None


def _is_pivot(export: Export) -> bool:
    return len(find_months(export.columns)) >= 3


def _safe(name: str) -> str:
    """A name as a file's name: letters, digits, hyphens and underscores."""
    return "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in name)[:60] or "import"


def _apply(
    export: Export, workspace: Path, mapping: ImportMapping, place: Path, is_new: bool, replace_tables: bool
) -> ImportOutcome:
    if mapping.doubts:
        mend = f"correct the line it speaks of in {place}, delete the doubt, then run the same command again"
        raise InputError(
            [Problem(f"{_FOLDER}/{place.name}", doubt, "a settled mapping", mend) for doubt in mapping.doubts]
        )
    found = apply_mapping(export, mapping)
    files = {workspace / f"{table}.csv": frame for table, frame in found.tables.items()}
    present = [path.name for path in files if path.exists()]
    if present and not replace_tables:
        problem = Problem(
            present[0], "a table that is already there", "none", "add --replace to write it anew"
        )
        raise InputError([problem])
    notices = [*export.notices, *found.notices]
    for path, frame in files.items():
        inert, changed = _make_inert(frame)
        replace_file(path, inert.to_csv(index=False, lineterminator="\n").encode("utf-8"))
        if changed:
            notices.append(_say_inert(path.name, changed))
    written = list(files)
    settings = workspace / "planning.toml"
    if "sales" in found.tables and not settings.exists():
        sales = found.tables["sales"]
        country = propose_country(export.table, sales, _dimensions(sales))
        replace_file(settings, _settings(workspace, sales, mapping, country).encode("utf-8"))
        notices += [Notice("country_doubtful", country.sentence, 1)] if country else []
        written += [settings, *_offer_sheet(workspace, found.tables["sales"])]
    rows = {table: len(frame) for table, frame in found.tables.items()}
    samples = sample_rows(export, mapping)
    return ImportOutcome(mapping, place, is_new, tuple(written), rows, tuple(notices), samples)


def _offer_sheet(workspace: Path, sales: pd.DataFrame) -> list[Path]:
    """The Excel sheet for assumptions, with this business's own names in its lists, where none is there."""
    if any(workspace.glob("assumptions.*")):
        return []
    values = {name: sorted(sales[name].astype(str).unique()) for name in _dimensions(sales)}
    return [write_template(workspace / "assumptions.xlsx", values)]


def _dimensions(sales: pd.DataFrame) -> list[str]:
    return [str(name) for name in sales.columns if name not in ("period", "units", "revenue")]


def _make_inert(table: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """A copy whose texts no spreadsheet runs, and how many cells were given an apostrophe in front.

    >>> table, changed = _make_inert(pd.DataFrame({"item": ["=1+1", "Chair", "-12.5"], "units": [-1, 2, 3]}))
    >>> list(table["item"]), list(table["units"]), changed
    (["'=1+1", 'Chair', '-12.5'], [-1, 2, 3], 1)
    """
    made, changed = table.copy(), 0
    for name in table.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes]]:
        texts = table[name].astype(object)
        runs = texts.map(lambda value: isinstance(value, str) and would_run(value))
        made[name] = texts.where(~runs, texts[runs].map(make_inert)) if runs.any() else table[name]
        changed += int(runs.sum())
    headings = {name: make_inert(str(name)) for name in table.columns if would_run(str(name))}
    return made.rename(columns=headings), changed + len(headings)


def _say_inert(file: str, changed: int) -> Notice:
    return Notice(
        "inert_text",
        f"{file}: {changed:,} texts that a spreadsheet would take for a formula now bear an "
        "apostrophe; name them so elsewhere too.",
        changed,
    )


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
    )
