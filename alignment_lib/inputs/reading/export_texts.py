"""An export that is text: its encoding, its delimiter, its records, as columns of text."""

from __future__ import annotations

import csv
import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from alignment_lib.inputs.problems import Problem, ProblemLog

__all__ = ["read_text_columns"]

_SAMPLE = 40
_MAX_COLUMNS = 1_000


def read_text_columns(data: bytes, file: str, log: ProblemLog) -> list[np.ndarray]:
    """The columns of a text, as many as its longest record has; faults go to `log`."""
    text = _decode(data, file, log)
    if text is None:
        return []
    if text[:4].lower() == "sep=" and text[5:6] in ("\r", "\n"):
        # A line that only tells a spreadsheet its delimiter is left blank, so that rows keep their numbers.
        delimiter, text = text[4], "\n" + text.partition("\n")[2]
    else:
        delimiter = _find_delimiter(text)
    columns = _read_regular(text, delimiter)
    if columns is None:
        columns = _read_ragged(text, delimiter, file, log)
    return columns


def _decode(data: bytes, file: str, log: ProblemLog) -> str | None:
    text, mixture = None, _find_mixture(data)
    if mixture is not None:
        found = f"two encodings in one file: UTF-8 in row {mixture[0]}, another one in row {mixture[1]}"
        mend = 'save each part as "CSV UTF-8" before putting them together'
        log.add(Problem(file, found, "one encoding", mend, row=max(mixture)))
        return None
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    if text is None or not text.strip() or "\x00" in text:
        log.add(Problem(file, "no text", "a text table", "export it as .csv in UTF-8"))
        return None
    if encoding == "cp1252":
        said = "The text is not UTF-8 and was read as Western European (cp1252): look at its special letters."
        log.note("encoding", said)
    return text


def _find_mixture(data: bytes) -> tuple[int, int] | None:
    """Rows of UTF-8 and of another encoding: two files put together, and no reading is right for both."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data.isascii():
        return None
    try:
        data.decode("utf-8")
        return None
    except UnicodeDecodeError:
        pass
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
            return rows[True], rows[False]
    return None


def _find_delimiter(text: str) -> str:
    lines = [line for line in text[:20_000].splitlines() if line.strip()][:_SAMPLE]
    return max(
        ",;\t|", key=lambda mark: (float(np.median([line.count(mark) for line in lines])), mark == ";")
    )


def _read_regular(text: str, delimiter: str) -> list[np.ndarray] | None:
    """The fast way, for records of equal length and one line each; None where they are not."""
    width = text[: text.find("\n")].count(delimiter) + 1 if "\n" in text else 0
    if (
        width < 2
        or width > _MAX_COLUMNS
        or text.startswith(("\n", "\r"))
        or "\n\n" in text
        or "\r\n\r" in text
    ):
        return None
    names = [f"f{at}" for at in range(width)]
    quoted = '"' in text
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text.encode("utf-8")),
            pacsv.ReadOptions(column_names=names),
            pacsv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,
            ),
            pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, null_values=[]
            ),
        )
    except pa.ArrowInvalid:
        return None
    if quoted and table.num_rows != text.count("\n") + (not text.endswith("\n")):
        return None
    return [_strip(column) for column in table.columns]


def _strip(column: pa.ChunkedArray) -> np.ndarray:
    """Distinct words stripped once; the same word is the same object in every row."""
    encoded = pc.utf8_trim_whitespace(column).combine_chunks().dictionary_encode()
    words = np.array([*encoded.dictionary.to_pylist(), ""], dtype=object)
    return np.asarray(words[encoded.indices.to_numpy()], dtype=object)


def _read_ragged(text: str, delimiter: str, file: str, log: ProblemLog) -> list[np.ndarray]:
    """Record by record: titles and footers of other lengths, values with line breaks."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        mend = "look for a quotation mark that is never closed"
        log.add(Problem(file, f"text that is not a table ({error})", "a CSV table", mend))
        return []
    odd = text.count('"') % 2 == 1
    lines = [
        at for at, row in enumerate(rows) if odd and any("\n" in cell and delimiter in cell for cell in row)
    ]
    if lines:
        found = "a quotation mark that is never closed: whole lines became one cell"
        row = 1 + sum(1 + sum(cell.count("\n") for cell in row) for row in rows[: lines[0]])
        log.add(Problem(file, found, "a CSV table", "close the quotation mark, or remove it", row=row))
        return []
    width = max(map(len, rows), default=0)
    if width > _MAX_COLUMNS:
        found, mend = f"{width:,} columns", "one row per period and series, not a pivot"
        log.add(Problem(file, found, f"at most {_MAX_COLUMNS:,}", mend, row=1))
        return []
    columns = []
    for at in range(width):
        column = np.empty(len(rows), dtype=object)
        column[:] = [row[at].strip() if at < len(row) else "" for row in rows]
        columns.append(column)
    return columns
