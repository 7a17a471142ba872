"""A workspace: one business unit's inputs, read strictly and checked as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.calendar_checks import (
    ask_week_days,
    check_countries,
    check_week_start,
    note_retail_years,
)
from alignment_lib.inputs.checking.checks import check_tables
from alignment_lib.inputs.checking.name_checks import join_names, leave_out_names
from alignment_lib.inputs.checking.sales_checks import SALE_TYPE, infer_week_start, types_are_told
from alignment_lib.inputs.checking.schemas import check_keys, check_schema
from alignment_lib.inputs.configuration.calendar_settings import HolidayColumn
from alignment_lib.inputs.configuration.settings import Settings, Source
from alignment_lib.inputs.configuration.settings_reader import SETTINGS_FILE, load_settings, read_settings
from alignment_lib.inputs.dictionary import Field, fields_of
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.periods.local_times import keep_local_times
from alignment_lib.inputs.problems import InputError, Notice, Problem, ProblemLog, counted
from alignment_lib.inputs.tables.input_files import read_once
from alignment_lib.inputs.tables.parsing import ParsedTable, empty_table, parse_table
from alignment_lib.inputs.tables.raw import RawTable
from alignment_lib.inputs.tables.readers import locate_tables, read_raw

__all__ = [
    "SCENARIOS_FILE",
    "Workspace",
    "hash_inputs",
    "load_placed",
    "load_sales",
    "load_workspace",
    "name_of_unit",
]

SCENARIOS_FILE = "scenarios.yaml"
_DEFAULTS = {
    "assumptions": {"status": "proposed", "ramp": "step"},
    "decisions": {"status": "open"},
    "workgroups": {"status": "proposed"},
    "costs": {"funding_per": "unit"},
}
"""What a blank cell means, as the dictionary says."""
_SCOPED = ("assumptions", "targets")
"""Tables whose scope may name a type of sale that transactions tell."""


@dataclass(frozen=True)
class Workspace:
    """One business unit's inputs.

    Attributes
    ----------
    name : str
        Name of the unit: a folder of the output bears it.
    folder : Path
        Where the inputs lie.
    settings : Settings
        ``planning.toml``.
    calendar : Calendar
        The business's periods; the first weekday is read off the sales table.
    tables : mapping of str to DataFrame
        The tables that are there, in canonical form. Dates are ``datetime64[ns]`` without zone, moments
        with an offset by the business's own clock (see `alignment_lib.inputs.periods.local_times`);
        dimensions of sales and drivers are sorted categories, other text is ``str`` with ``""`` for missing;
        numbers and flags (1 yes, 0 no) are ``float64`` with NaN. Sales and drivers are sorted by
        their dimensions, then by period. Optional columns the file lacks are
        there and missing throughout, except units and revenue of sales.
    notices : tuple of Notice
        What was dealt with by a stated rule.
    input_hashes : mapping of str to str
        SHA-256 of every file read, by name within the folder: of the very bytes that were parsed.
    scenarios : bytes or None
        ``scenarios.yaml`` as it was when the tables were read; None where there is none.
    """

    name: str
    folder: Path
    settings: Settings
    calendar: Calendar
    tables: Mapping[str, pd.DataFrame]
    notices: tuple[Notice, ...]
    input_hashes: Mapping[str, str]
    scenarios: bytes | None = None

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions, broadest first."""
        return self.settings.dimensions

    @property
    def all_hashes(self) -> dict[str, str]:
        """`input_hashes` with that of the scenarios: what a manifest states."""
        scenarios = self.scenarios
        found = {} if scenarios is None else {SCENARIOS_FILE: hashlib.sha256(scenarios).hexdigest()}
        return dict(self.input_hashes) | found

    def table(self, name: str) -> pd.DataFrame:
        """The table, or one without rows where the workspace has none of that name."""
        if name in self.tables:
            return self.tables[name]
        return empty_table(_fields(name, self.settings), _categories(name, self.settings))


def name_of_unit(folder: Path) -> str:
    """The unit's name: that of its folder as given; where a link leads is nobody's name for it.

    >>> name_of_unit(Path("units/north")), name_of_unit(Path("units/north/../south/.."))
    ('north', 'units')
    """
    given = folder.absolute().name
    return folder.resolve().name if given == ".." else given


def load_workspace(folder: Path, name: str | None = None) -> Workspace:
    """Read and check a workspace.

    Parameters
    ----------
    folder : Path
        Holds ``planning.toml`` and the tables.
    name : str, optional
        Name of the unit; the folder's own by default.

    Raises
    ------
    InputError
        With every problem found in settings and tables.
    """
    folder = Path(folder)
    name = name_of_unit(folder) if name is None else name
    settings, digest = read_settings(folder)
    log = ProblemLog()
    sources = locate_tables(folder, settings, log)
    scenarios = _read_scenarios(folder, log)
    _note_unread(sources, settings, log)
    parsed: dict[str, ParsedTable] = {}
    for table, source in sources.items():
        if table != "drivers" or settings.drivers is not None:
            result = _load_table(
                folder, table, source, settings, log, typed=types_are_told(sources, settings)
            )
            if result is not None:
                parsed[table] = result
    parsed = keep_local_times(_join_names(parsed, settings, log), settings.format.time_zone, log)
    calendar = _calendar(settings, parsed.get("sales"))
    _check_calendar(parsed.get("sales"), settings, calendar, log)
    check_tables(parsed, settings, calendar, log)
    log.raise_if_any()
    hashes = _hash_all(folder, digest, (result.raw for result in parsed.values()))
    tables = {table: _canonical(table, result.frame, settings) for table, result in parsed.items()}
    tables = leave_out_names(tables, settings, log)
    return Workspace(name, folder, settings, calendar, tables, tuple(log.notices), hashes, scenarios)


def load_sales(folder: Path) -> tuple[Settings, pd.DataFrame]:
    """Settings and sales alone, for what does not need the rest to be in order.

    Raises
    ------
    InputError
        With every problem found in them.
    """
    settings = load_settings(folder)
    log = ProblemLog()
    source = locate_tables(folder, settings, log).get("sales")
    parsed = None if source is None else _load_table(folder, "sales", source, settings, log)
    if parsed is None:
        raise InputError(log.problems)
    log.raise_if_any()
    tables = join_names({"sales": parsed}, settings, log)
    return settings, leave_out_names({"sales": tables["sales"].frame}, settings, log)["sales"]


def load_placed(folder: Path) -> dict[str, ParsedTable]:
    """Every table with the way back to its rows, in the order of its file, nothing checked.

    Raises
    ------
    InputError
        Where settings or a file cannot be read.
    """
    settings = load_settings(folder)
    log = ProblemLog()
    sources = locate_tables(folder, settings, log)
    typed = types_are_told(sources, settings)
    found = {
        table: _load_table(folder, table, source, settings, log, typed=typed)
        for table, source in sources.items()
        if table != "drivers" or settings.drivers is not None
    }
    log.raise_if_any()
    return _join_names({table: one for table, one in found.items() if one is not None}, settings, log)


def hash_inputs(folder: Path) -> dict[str, str]:
    """What `Workspace.input_hashes` would be now, without parsing or checking anything.

    Raises
    ------
    InputError
        Where settings or a query cannot be read.
    """
    settings, digest = read_settings(folder)
    log = ProblemLog()
    tables = {
        name: source
        for name, source in locate_tables(folder, settings, log).items()
        if name != "drivers" or settings.drivers is not None
    }
    raws = [
        read_raw(folder, name, source, settings.format, log)
        if source.url
        else RawTable(source.file, "", {}, 0)
        for name, source in tables.items()
    ]
    log.raise_if_any()
    return _hash_all(folder, digest, (raw for raw in raws if raw is not None))


def _note_unread(sources: Mapping[str, Source], settings: Settings, log: ProblemLog) -> None:
    if "drivers" in sources and settings.drivers is None:
        file = sources["drivers"].file or "the query of drivers"
        text = f"{file} is not read: {SETTINGS_FILE} has no [drivers] section naming its columns."
        log.note("drivers_undeclared", text, 1)


def _load_table(
    folder: Path, table: str, source: Source, settings: Settings, log: ProblemLog, *, typed: bool = False
) -> ParsedTable | None:
    """One table; where transactions tell the type of sale, scopes may name it though no dimension does."""
    raw = read_raw(folder, table, source, settings.format, log)
    if raw is None:
        return None
    if raw.blank_rows:
        log.note(
            "blank_rows", f"{raw.file}: {counted(raw.blank_rows, 'empty row')} left out.", raw.blank_rows
        )
    if not raw.rows and table == "sales":
        mend = "export the table again"
        log.add(Problem(raw.file, "a header without data", "at least one row of data", mend, raw.sheet))
        return None
    if not raw.rows:
        log.note("empty_table", f"{raw.file} holds a header and no rows.", 1)
    by_type = typed and table in _SCOPED and SALE_TYPE in raw.columns
    fields = _fields(table, settings, (SALE_TYPE,) if by_type else ())
    needed: set[str] = set()
    if table == "sales":
        needed = {settings.sales.measure}
        fields = tuple(f for f in fields if f.required or f.column in needed or f.column in raw.columns)
    if table == "drivers":
        needed = set(settings.drivers_by_name)
    categories, spare = _categories(table, settings), table == "drivers"
    parsed = parse_table(raw, fields, settings.format, log, categories, needed, spare)
    parsed = _by_first_day(parsed, settings)
    check_schema(parsed, fields, log)
    return _without_zero_prices(parsed, settings, log) if table == "drivers" else parsed


def _by_first_day(parsed: ParsedTable, settings: Settings) -> ParsedTable:
    """Weeks that are named by their last day, by their first from here on."""
    calendar = settings.calendar
    if calendar.grain != "week" or calendar.weeks_named_by != "last day" or "period" not in parsed.frame:
        return parsed
    return replace(parsed, frame=parsed.frame.assign(period=parsed.frame["period"] - pd.Timedelta(days=6)))


def _without_zero_prices(drivers: ParsedTable, settings: Settings, log: ProblemLog) -> ParsedTable:
    """A price of zero is what systems write where they know none: it is unknown, counted and said."""
    frame = drivers.frame
    for name, driver in settings.drivers_by_name.items():
        zero = frame[name].to_numpy(dtype=float) == 0
        if driver.kind == "price" and zero.any():
            frame = frame.assign(**{name: frame[name].mask(zero)})
            first, count = drivers.raw.row_of(int(np.flatnonzero(zero)[0])), int(zero.sum())
            where = f"of 0 in {name}, from row {first:,} on, taken as not known"
            text = f"{drivers.raw.file}: {counted(count, 'price')} {where}."
            log.note("zero_prices", text, count)
    return replace(drivers, frame=frame)


def _fields(table: str, settings: Settings, more: tuple[str, ...] = ()) -> tuple[Field, ...]:
    return fields_of(table, (*settings.dimensions, *more), tuple(settings.drivers_by_name))


def _categories(table: str, settings: Settings) -> tuple[str, ...]:
    return settings.dimensions if table in ("sales", "drivers") else ()


def _calendar(settings: Settings, sales: ParsedTable | None) -> Calendar:
    given = settings.calendar
    week_start = infer_week_start(sales) if given.grain == "week" and sales is not None else 0
    return given.calendar(week_start)


def _check_calendar(
    sales: ParsedTable | None, settings: Settings, calendar: Calendar, log: ProblemLog
) -> None:
    """What the sales table shows of the calendar's settings: weekdays of its weeks, countries by name."""
    if sales is None:
        return
    for key, found, expected, mend in check_week_start(settings.calendar, calendar):
        log.add(Problem(SETTINGS_FILE, found, expected, mend, column=f"calendar.{key}"))
    ask_week_days(sales.frame["period"], settings.calendar, log)
    for notice in note_retail_years(settings.calendar, sales.frame["period"]):
        log.note(notice.code, notice.text, notice.count)
    holidays = settings.calendar.holidays
    if isinstance(holidays, HolidayColumn) and holidays.column in sales.frame:
        problems, notices = check_countries(sales.frame, holidays.column, sales.raw.file)
        for problem in problems:
            log.add(problem)
        for notice in notices:
            log.note(notice.code, notice.text, notice.count)


def _canonical(table: str, frame: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Final form: defaults filled in as the dictionary states them, sales and drivers in a fixed order."""
    for column, value in _DEFAULTS.get(table, {}).items():
        frame = frame.assign(**{column: frame[column].where(frame[column] != "", value)})
    if table in ("sales", "drivers"):
        by = [*settings.dimensions, "period"]
        frame = frame.sort_values(by, kind="stable", ignore_index=True)
    return frame


def _join_names(
    parsed: Mapping[str, ParsedTable], settings: Settings, log: ProblemLog
) -> dict[str, ParsedTable]:
    """Names joined by decision; two rows that become one by it have a key that stands twice."""
    joined = join_names(parsed, settings, log)
    for table, one in joined.items():
        if one is not parsed[table]:
            check_keys(one, _fields(table, settings), log)
    return joined


def _read_scenarios(folder: Path, log: ProblemLog) -> bytes | None:
    path = folder / SCENARIOS_FILE
    return read_once(path, SCENARIOS_FILE, log) if path.is_file() else None


def _hash_all(folder: Path, settings: str, tables: Iterable[RawTable]) -> dict[str, str]:
    """Hashes of the settings and of every file or query result as it was read, by name."""
    digests = {SETTINGS_FILE: settings} | {table.file: table.digest for table in tables}
    return {name: digests[name] or _sha256(folder / name) for name in sorted(digests)}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
