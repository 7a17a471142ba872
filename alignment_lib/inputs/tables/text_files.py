"""Reading ``.csv`` and ``.csv.gz``: everything as text, row numbers as an editor counts them."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from alignment_lib.inputs.configuration.format_settings import FormatSettings
from alignment_lib.inputs.problems import Problem, ProblemLog, counted
from alignment_lib.inputs.tables.headers import name_columns
from alignment_lib.inputs.tables.raw import RawTable, clip

__all__ = ["MAX_COLUMNS", "MAX_TEXT_BYTES", "read_csv"]

MAX_TEXT_BYTES = 2_000_000_000
"""Largest text accepted after unpacking."""
MAX_COLUMNS = 1_000
_MOST_MARKS = 20 * MAX_COLUMNS
"""Delimiters of a header beyond which not even quoted ones can make it a table."""
_MAX_RATIO = 100
_SURELY_SMALL = 30_000_000
_BLOCK = 8_000_000
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def read_csv(data: bytes, file: str, form: FormatSettings, log: ProblemLog) -> RawTable | None:
    """Read a text table; faults go to `log` and the result is None where nothing can be read."""
    text = _read_text(data, file, form, log)
    if text is None:
        return None
    marks = _first_line(text).count(form.delimiter.encode())
    if marks > _MOST_MARKS:
        log.add(_too_wide(file, marks + 1))
        return None
    header = _first_record(text, form.delimiter)
    if header is None:
        log.add(Problem(file, "an empty file", "a header row and data", "export the table again"))
        return None
    if not _check_shape(header, file, form, log):
        return None
    return _parse(data, text, header, file, form, log)


def _read_text(content: bytes, file: str, form: FormatSettings, log: ProblemLog) -> bytes | None:
    """The file's text as UTF-8 bytes without a byte-order mark."""
    data = _unpack(content, file, log)
    if data is None:
        return None
    if form.encoding not in ("utf-16",) and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        log.add(_encoding_problem(file, 'UTF-16 text (Excel\'s "Unicode Text")', form.encoding, 1))
        return None
    try:
        text = data.decode(form.encoding)
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        byte = data[error.start : error.start + 1].hex().upper()
        log.add(_encoding_problem(file, f"a byte (0x{byte}) that is not {form.encoding}", form.encoding, row))
        return None
    if "\0" in text:
        found = "zero bytes: this is not a text file"
        log.add(Problem(file, found, "a CSV text file", "export the table again as CSV"))
        return None
    if form.encoding == "utf-8":
        return data.removeprefix(b"\xef\xbb\xbf")
    return text.removeprefix("\ufeff").encode("utf-8")


def _encoding_problem(file: str, found: str, encoding: str, row: int) -> Problem:
    mend = (
        'save it as "CSV UTF-8" in your spreadsheet, or declare the encoding it has in planning.toml, '
        'for example [format] encoding = "cp1252"'
    )
    return Problem(file, found, f"{encoding} text", mend, row=row)


def _unpack(content: bytes, file: str, log: ProblemLog) -> bytes | None:
    """The text's bytes, unpacked under a limit so that a packed bomb never fills memory."""
    limit = MAX_TEXT_BYTES
    too_big = Problem(
        file, "more data than can be read at once", "at most 2 GB of text", "split the file, or use Parquet"
    )
    if not file.lower().endswith(".gz"):
        if len(content) > limit:
            log.add(too_big)
            return None
        return content
    chunks: list[bytes] = []
    total = 0
    try:
        packed = io.BytesIO(content)
        with gzip.open(packed) as stream:
            while chunk := stream.read(1 << 22):
                total += len(chunk)
                # A table packs ten to fifty times; what goes on unpacking far beyond that was made to.
                if total > limit or total > max(_SURELY_SMALL, _MAX_RATIO * packed.tell()):
                    log.add(too_big if total > limit else _packed_bomb(file))
                    return None
                chunks.append(chunk)
    except (OSError, EOFError, zlib.error):
        log.add(Problem(file, "a damaged gzip file", "a whole .csv.gz", "pack the file again"))
        return None
    return b"".join(chunks)


def _packed_bomb(file: str) -> Problem:
    found = f"a file that unpacks to more than {_MAX_RATIO} times its size"
    return Problem(file, found, "a packed table", "save it unpacked, or as Parquet")


def _first_record(text: bytes, delimiter: str) -> list[str] | None:
    """Fields of the first record that is not blank."""
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    try:
        for record in csv.reader(stream, delimiter=delimiter):
            if record:
                return record
    except csv.Error:
        return [""]
    return None


def _first_line(text: bytes) -> bytes:
    """The first line that is not blank: a million columns are not taken apart only to be counted."""
    start = len(text) - len(text.lstrip(b"\r\n")) if text[:1] in (b"\r", b"\n") else 0
    stop = text.find(b"\n", start)
    return text[start:] if stop < 0 else text[start:stop]


def _too_wide(file: str, columns: int) -> Problem:
    mend = "one row per period and series, not a pivot"
    return Problem(file, f"{columns:,} columns", f"at most {MAX_COLUMNS:,}", mend, row=1)


def _check_shape(header: list[str], file: str, form: FormatSettings, log: ProblemLog) -> bool:
    """Whether the header can be one of this delimiter."""
    if len(header) > MAX_COLUMNS:
        log.add(_too_wide(file, len(header)))
        return False
    others = [mark for mark in _DELIMITERS if mark != form.delimiter and mark in header[0]]
    if len(header) == 1 and others:
        declared = others[0].replace("\t", "\\t")
        log.add(
            Problem(
                file,
                f"columns parted by {_DELIMITERS[others[0]]}: {clip(header[0])}",
                f"columns parted by {_DELIMITERS[form.delimiter]}",
                f'declare delimiter = "{declared}" under [format] in planning.toml',
                row=1,
            )
        )
        return False
    return True


def _parse(
    data: bytes, text: bytes, header: list[str], file: str, form: FormatSettings, log: ProblemLog
) -> RawTable | None:
    width = len(header)
    ragged: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        ragged.append(row.actual_columns)
        return "skip"

    quoted = b'"' in text
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text),
            pacsv.ReadOptions(autogenerate_column_names=True, block_size=_BLOCK),
            pacsv.ParseOptions(
                delimiter=form.delimiter,
                newlines_in_values=quoted,
                quote_char='"' if quoted else False,
                invalid_row_handler=skip,
            ),
            pacsv.ConvertOptions(
                column_types={f"f{at}": pa.string() for at in range(width)},
                strings_can_be_null=False,
                null_values=[],
            ),
        )
    except pa.ArrowInvalid as error:
        found = f"text that is not a table ({clip(str(error), 90)})"
        log.add(Problem(file, found, "a CSV table", "look for a quotation mark that is never closed"))
        return None
    locate = _locator(data, file, form, width, simple=_is_simple(text, table.num_rows))
    if ragged:
        log.add(_ragged_problem(data, file, form, width, ragged))
    table = table.slice(1)
    columns = [table.column(at) for at in range(width)]
    return _without_blanks(file, header, columns, locate, log)


def _without_blanks(
    file: str,
    header: list[str],
    columns: list[pa.ChunkedArray],
    locate: Callable[[int], int],
    log: ProblemLog,
) -> RawTable | None:
    """Leave out rows in which every cell is blank, as a spreadsheet's trailing ``,,,`` leaves them."""
    rows = len(columns[0])
    blank = pc.equal(columns[0], "")
    for column in columns[1:]:
        if not pc.any(blank).as_py():
            break
        blank = pc.and_(blank, pc.equal(column, ""))
    left_out = int(pc.sum(blank).as_py() or 0)
    row_of = locate
    if left_out:
        kept = pc.indices_nonzero(pc.invert(blank))
        columns = [column.take(kept) for column in columns]
        places = kept.to_numpy()

        def row_of(position: int) -> int:
            return locate(int(places[position]))

    named = name_columns(header, columns, file, "", log)
    return RawTable(file, "", named, rows - left_out, row_of, left_out)


def _is_simple(text: bytes, rows: int) -> bool:
    """Whether every line is one record, so that positions and lines run in step."""
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    return lines == rows


def _locator(data: bytes, file: str, form: FormatSettings, width: int, simple: bool) -> Callable[[int], int]:
    if simple:
        return lambda position: position + 2

    @cache
    def starts() -> list[int]:
        return [line for line, fields in _records(data, file, form) if fields == width][1:]

    def row_of(position: int) -> int:
        lines = starts()
        return lines[position] if position < len(lines) else position + 2

    return row_of


def _records(data: bytes, file: str, form: FormatSettings) -> list[tuple[int, int]]:
    """Line on which each record starts and its number of fields; a second, slow reading for messages."""
    text = _read_text(data, file, form, ProblemLog())
    if text is None:
        return []
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    reader = csv.reader(stream, delimiter=form.delimiter)
    found: list[tuple[int, int]] = []
    line = 1
    try:
        for record in reader:
            if record:
                found.append((line, len(record)))
            line = reader.line_num + 1
    except csv.Error:
        pass
    return found


def _ragged_problem(data: bytes, file: str, form: FormatSettings, width: int, ragged: list[int]) -> Problem:
    first = next(
        ((line, fields) for line, fields in _records(data, file, form) if fields != width), (0, ragged[0])
    )
    mend = "put text that holds the delimiter in quotation marks, or remove the extra cells"
    if first[1] < width:
        mend = "write the missing cells, empty where nothing is known"
    return Problem(
        file,
        counted(first[1], "cell"),
        f"{width}, as in the header",
        mend,
        row=first[0],
        count=len(ragged),
    )
