"""Text of an export taken apart: encoding, delimiter, records with their lines; large tables column by column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["Records", "read_columns", "read_records", "read_text"]

_SAMPLE = 40
_MARKS = ",;\t|"
MAX_COLUMNS = 5_000
"""Columns of an export: twenty years of weeks are a thousand."""


@dataclass(frozen=True)
class Records:
    """Rows of cells, each with the line of the file on which it starts."""

    rows: list[list[str]]
    lines: list[int]


def read_text(data: bytes, file: str) -> tuple[str, str]:
    """Decode a file whose encoding is not known; also a sentence where it had to be guessed.

    Raises
    ------
    InputError
        What is no text, or text in two encodings.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _checked(data, "utf-16", file), ""
    try:
        return _checked(data, "utf-8-sig", file), ""
    except UnicodeDecodeError:
        pass
    _refuse_mixture(data, file)
    try:
        text = _checked(data, "cp1252", file)
    except UnicodeDecodeError:
        raise _fault(file, "no text", "a text table", "export it as .csv in UTF-8") from None
    return (
        text,
        "The text is not UTF-8 and was read as Western European (cp1252): look at its special letters.",
    )


def _checked(data: bytes, encoding: str, file: str) -> str:
    text = data.decode(encoding)
    if not text.strip() or "\x00" in text:
        raise _fault(file, "no text", "a text table", "export it as .csv in UTF-8")
    return text


def _refuse_mixture(data: bytes, file: str) -> None:
    """Lines in UTF-8 beside lines that are not: two files were put together, and no reading is right for both."""
    rows: dict[bool, int] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            rows.setdefault(True, number)
        except UnicodeDecodeError:
            rows.setdefault(False, number)
        if len(rows) == 2:
            found = f"two encodings in one file: UTF-8 in row {rows[True]}, another in row {rows[False]}"
            mend = 'save each part as "CSV UTF-8" before putting them together'
            raise InputError([Problem(file, found, "one encoding", mend, row=max(rows.values()))])


def _fault(file: str, found: str, expected: str, mend: str) -> InputError:
    return InputError([Problem(file, found, expected, mend)])


def _find_delimiter(text: str, file: str) -> tuple[str, int]:
    """The delimiter, and how many first lines only declare it (``sep=;``)."""
    lines = [line for line in text[:2_000_000].splitlines()[: 3 * _SAMPLE] if line.strip()][:_SAMPLE]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0].strip()) == 5:
        return lines[0].strip()[4], 1
    counts = {mark: [line.count(mark) for line in lines] for mark in _MARKS}
    widest = max(max(count) for count in counts.values()) if lines else 0
    if widest > 20 * MAX_COLUMNS:
        found = f"a row with more than {widest:,} cells"
        raise _fault(file, found, f"at most {MAX_COLUMNS:,} columns", "export rows downwards, not across")
    best = max(_MARKS, key=lambda mark: (float(np.median(counts[mark] or [0])), mark == ";"))
    return best, 0


def read_records(text: str, file: str, most: int | None = None) -> Records:
    """Every record that is not blank, or the first `most` of them."""
    delimiter, skip = _find_delimiter(text, file)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found = Records([], [])
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if line > skip and any(cells):
                found.rows.append(cells)
                found.lines.append(line)
                if most is not None and len(found.rows) >= most:
                    break
            line = reader.line_num + 1
    except csv.Error as error:
        mend = "look for a quotation mark that is never closed"
        raise InputError([Problem(file, str(error)[:90], "a CSV table", mend, row=line)]) from None
    return found


def read_columns(text: str, file: str, width: int, lines: int) -> list[np.ndarray] | None:
    """Columns of the table that begins after `lines` lines, read at once; None where rows differ in length.

    Only for text in which every line is one record.
    """
    delimiter, _ = _find_delimiter(text, file)
    start = 0
    for _line in range(lines):
        start = text.index("\n", start) + 1
    body = text[start:].encode("utf-8")
    ragged: list[int] = []

    def note(row: pacsv.InvalidRow) -> str:
        ragged.append(row.actual_columns)
        return "skip"

    names = [f"f{at}" for at in range(width)]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(body),
            pacsv.ReadOptions(column_names=names),
            pacsv.ParseOptions(delimiter=delimiter, invalid_row_handler=note),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    if ragged or table.num_rows != body.count(b"\n") + (not body.endswith(b"\n")):
        return None
    return [_share_texts(table.column(at)) for at in range(width)]


def _share_texts(column: pa.ChunkedArray) -> np.ndarray:
    """Texts of a column, one object for each different one."""
    encoded = pc.utf8_trim_whitespace(column).combine_chunks().dictionary_encode()
    words = np.array(encoded.dictionary.to_pylist(), dtype=object)
    return words[encoded.indices.to_numpy()] if len(words) else np.empty(0, dtype=object)


def pad(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Rows filled up to a width."""
    return [[*row, *[""] * (width - len(row))] for row in rows]
