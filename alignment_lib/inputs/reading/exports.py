"""Exports of other systems, read as text: which sheet, where the heading is, which rows are data.

Nothing here knows what a column is for; `alignment_lib.inputs.proposing.import_mapping` proposes that.
A file is read once: `Export.digest` is the hash of what was parsed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import InputError, Notice, Problem, ProblemLog, counted
from alignment_lib.inputs.reading.export_sheets import read_sheet_columns
from alignment_lib.inputs.reading.export_texts import read_text_columns
from alignment_lib.inputs.reading.table_places import SAMPLE, Heading, carry_labels, find_heading, is_figure
from alignment_lib.inputs.reading.table_totals import Suspect, find_totals
from alignment_lib.inputs.spreadsheets.workbooks import WORKBOOK_SUFFIXES
from alignment_lib.inputs.tables.distinct_words import distinct_words
from alignment_lib.inputs.tables.headers import column_letter
from alignment_lib.inputs.tables.input_files import read_once

__all__ = ["Export", "read_export"]

_LOOKED_AT = 200
_MOST_MOVED = 0.5
"""Share of the rows above which cells beyond the heading are a column without a name."""
_BELOW = "rows below the table"
_TOTALS = "rows of totals"


@dataclass(frozen=True)
class Export:
    """A table as text.

    Attributes
    ----------
    file : str
        Its name, for messages.
    table : DataFrame
        Every cell as stripped text, ``""`` where empty; rows of data only.
    first_row : int
        Row of the first data row as an editor counts it.
    title_texts : tuple of str
        Rows above the header, which were left out.
    aside : DataFrame
        Rows of the same columns that are no data: totals, and remarks below.
    reasons : Series
        Why, for each of them.
    suspects : tuple of Suspect
        Data rows that may be totals: the user decides.
    sheet : str
        The sheet of a workbook; blank for text.
    notices : tuple of Notice
        What was read by a stated rule: hidden rows, labels carried down, sheets left out.
    doubts : tuple of str
        What only the user can tell, for the proposal of a mapping.
    column_doubts : tuple of (str, str)
        What only matters where the column is used: column and doubt.
    levels : tuple of (str, (str, str))
        For two heading rows: each column's name, and what stands above and below.
    digest : str
        SHA-256 of the file as read.
    """

    file: str
    table: pd.DataFrame
    first_row: int
    title_texts: tuple[str, ...] = ()
    aside: pd.DataFrame = field(default_factory=pd.DataFrame)
    reasons: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    suspects: tuple[Suspect, ...] = ()
    sheet: str = ""
    notices: tuple[Notice, ...] = ()
    doubts: tuple[str, ...] = ()
    column_doubts: tuple[tuple[str, str], ...] = ()
    levels: tuple[tuple[str, tuple[str, str]], ...] = ()
    digest: str = ""

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return [str(name) for name in self.table.columns]

    @property
    def titles(self) -> int:
        """Rows above the header."""
        return len(self.title_texts)

    @property
    def totals(self) -> int:
        """Rows of totals laid aside."""
        return int((self.reasons == _TOTALS).sum())

    def row_of(self, position: int) -> int:
        """The editor's row of a data row."""
        return self.first_row + int(self.table.index[position])


def read_export(path: Path, sheet: str = "") -> Export:
    """Read a ``.csv``, ``.txt``, ``.tsv`` or workbook whose form is not known.

    Parameters
    ----------
    path : Path
        The export.
    sheet : str
        The sheet of a workbook; the one that holds the largest table by default.

    Raises
    ------
    InputError
        A file that is missing, empty, or not a table.
    """
    log = ProblemLog()
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        mend = "name one of the files in it" if path.is_dir() else "check the name"
        raise _fault(path.name, found, "a .csv or .xlsx export", mend)
    data = read_once(path, path.name, log)
    if data is None:
        raise InputError(log.problems)
    doubts: list[str] = []
    if _is_workbook(path, data):
        name, columns = read_sheet_columns(data, path.name, sheet, log, doubts)
    else:
        name, columns = "", read_text_columns(data, path.name, log)
    log.raise_if_any()
    export = _build(path.name, name, columns, log)
    digest = hashlib.sha256(data).hexdigest()
    return replace(export, doubts=tuple(doubts), digest=digest)


def _is_workbook(path: Path, data: bytes) -> bool:
    """By content; text that a system names ``.xls`` is read as the text it is."""
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return True
    first_line = data[:10_000].partition(b"\n")[0]
    is_text = b"\0" not in data[:10_000] and not data.lstrip().startswith(b"<")
    return path.suffix.lower() in WORKBOOK_SUFFIXES and not (is_text and any(map(first_line.count, b"\t;,")))


def _fault(file: str, found: str, expected: str, mend: str) -> InputError:
    return InputError([Problem(file, found, expected, mend)])


def _build(file: str, sheet: str, columns: Sequence[np.ndarray], log: ProblemLog) -> Export:
    rows = len(columns[0]) if columns else 0
    heading = find_heading([[column[row] for column in columns] for row in range(min(rows, SAMPLE + 3))])
    if heading is None or heading.last + 1 >= rows:
        raise _fault(file, "no table", "a header row and data", "export the table again")
    _check_widths(file, heading, columns)
    names = _name_columns(_name_unnamed(heading.names, columns, heading.last + 1))
    body = [column[heading.last + 1 :] for column in columns[: len(names)]]
    loose = _carry(body, names, log)
    kept_columns = [at for at, name in enumerate(names) if name]
    table = pd.DataFrame({names[at]: body[at] for at in kept_columns}, dtype=object)
    reasons, suspects = _lay_aside(table, log)
    if heading.levels:
        text = f"Two heading rows were read as one: {', '.join(_examples(heading))}."
        log.note("two_headings", text, 1)
    levels = tuple((names[at], heading.levels[at]) for at in kept_columns if heading.levels)
    is_data = (reasons == "").to_numpy()
    data = table if is_data.all() else table[is_data]
    return Export(
        file,
        data,
        heading.last + 2,
        _titles(columns, heading.first),
        table[reasons.isin((_BELOW, _TOTALS)).to_numpy()],
        reasons[reasons.isin((_BELOW, _TOTALS))],
        suspects,
        sheet,
        tuple(log.notices),
        column_doubts=_doubt_blanks(data, loose),
        levels=levels,
    )


def _examples(heading: Heading) -> list[str]:
    return [
        name for name, (above, below) in zip(heading.names, heading.levels, strict=True) if above and below
    ][:2]


def _carry(body: list[np.ndarray], names: Sequence[str], log: ProblemLog) -> list[str]:
    """Labels of an outline carried down and said; the columns with blanks that follow none."""
    carried = carry_labels(body, [_is_numeric(column) for column in body])
    for at, count in carried.filled.items():
        text = f"{names[at]}: {counted(count, 'blank')} below a label took that label, as in an outline."
        log.note("carried_labels", text, count)
    return [names[at] for at in carried.loose if names[at]]


def _doubt_blanks(table: pd.DataFrame, columns: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Labels that are blank in rows of data: those of totals are meant to be."""
    counts = {name: int((table[name] == "").sum()) for name in columns}
    return tuple(
        (
            name,
            f"{name!r} is blank in {counted(count, 'row')}, read as '(blank)'; where the label above is "
            "meant, write it into the cells",
        )
        for name, count in counts.items()
        if count
    )


def _is_numeric(column: np.ndarray) -> bool:
    words = [word for word in column[: SAMPLE * 5] if word]
    return bool(words) and sum(map(is_figure, words)) >= 0.6 * len(words)


def _check_widths(file: str, heading: Heading, columns: Sequence[np.ndarray]) -> None:
    """Refuse rows beyond the heading: a delimiter stands in a cell, and the cells after it moved."""
    width = max(at for at, name in enumerate(heading.names) if name) + 1
    rows = len(columns[0]) - heading.last - 1
    for at in range(width, len(columns)):
        places = np.flatnonzero(columns[at][heading.last + 1 :] != "")
        if 0 < len(places) <= _MOST_MOVED * rows:
            found = f"more cells than the {width} of the heading"
            mend = "put text or figures that hold the delimiter in quotation marks"
            place = heading.last + 2 + int(places[0])
            problem = Problem(file, found, "as many cells as headings", mend, row=place, count=len(places))
            raise InputError([problem])


def _name_unnamed(names: Sequence[str], columns: Sequence[np.ndarray], first: int) -> list[str]:
    """A name for every column that holds something below a blank heading: nothing of it is lost unseen."""
    return [
        name or (f"(column {column_letter(at)})" if (columns[at][first:] != "").any() else "")
        for at, name in enumerate([*names, *[""] * (len(columns) - len(names))])
    ]


def _titles(columns: Sequence[np.ndarray], first: int) -> tuple[str, ...]:
    rows = [" ".join(column[row] for column in columns if column[row]) for row in range(first)]
    return tuple(row for row in rows if row)


def _lay_aside(table: pd.DataFrame, log: ProblemLog) -> tuple[pd.Series, tuple[Suspect, ...]]:
    """Why rows are no data, ``""`` where they are: blank, remarks below the table, totals by arithmetic."""
    reasons = pd.Series("", index=table.index, dtype=object)
    blank = _blank_rows(table)
    reasons[blank] = "blank"
    filled = table[~blank] if blank.any() else table
    remarks = _find_remarks(filled)
    reasons[remarks] = _BELOW
    totals = find_totals(filled.drop(index=remarks) if len(remarks) else filled)
    reasons[totals.certain] = _TOTALS
    for column in dict.fromkeys(column for column, _, _ in totals.carried):
        # A column of its own: what is known of the one that was read stays true of it.
        labels = table[column].copy()
        for name, label, rows in totals.carried:
            if name == column:
                labels[rows] = label
        table[column] = labels.to_numpy(dtype=object)
    if totals.carried:
        count = sum(len(rows) for _, _, rows in totals.carried)
        log.note(
            "carried_labels", f"{counted(count, 'row')} took the label of the subtotal above them.", count
        )
    log.notices.extend(totals.notices)
    return reasons, totals.suspects


def _find_remarks(table: pd.DataFrame) -> pd.Index:
    """The last rows, where they fill one cell of a table that usually fills three or more."""
    tail = table.iloc[-_LOOKED_AT:]
    counts = (tail != "").sum(axis=1).to_numpy()
    if table.shape[1] < 3 or not len(counts) or np.median(counts) < 3:
        return tail.index[:0]
    stop = len(counts)
    while stop and counts[stop - 1] == 1:
        stop -= 1
    return tail.index[stop:]


def _blank_rows(table: pd.DataFrame) -> np.ndarray:
    blank = np.ones(len(table), dtype=bool)
    for name in table.columns:
        codes, words = distinct_words(table[name])
        blank &= (words == "")[codes]
        if not blank.any():
            break
    return blank


def _name_columns(row: Sequence[str]) -> list[str]:
    """Header names made distinct; a column without a name keeps a blank one and is left out."""
    seen: dict[str, int] = {}
    names = []
    for cell in row:
        name = " ".join(cell.split())
        if name:
            seen[name] = seen.get(name, 0) + 1
            name = name if seen[name] == 1 else f"{name} ({seen[name]})"
        names.append(name)
    return names
