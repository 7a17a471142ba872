"""Workbooks as packages: opened only where they unpack to something a person could have filled in.

``.xlsx``, ``.xlsm`` and ``.ods`` are zip archives of XML. Every part is read once, under a limit, and refused
where it would unpack to more than its entry says or declares XML entities.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass

from alignment_lib.inputs.problems import Problem, ProblemLog

__all__ = ["Package", "open_package"]

_MAX_UNPACKED = 500_000_000
_MAX_RATIO = 200
_SURELY_SMALL = 50_000_000
_BROKEN = (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, zlib.error, ValueError)
_KINDS = (
    (b"\xd0\xcf\x11\xe0", 'save it as "Excel workbook (.xlsx)" without a password'),
    (b"<", "it is a web page named as a workbook: open it in a spreadsheet and save it as .xlsx"),
)


@dataclass(frozen=True)
class Package:
    """The parts of a workbook, read on demand."""

    data: bytes
    sizes: dict[str, int]

    def __contains__(self, name: str) -> bool:
        return name in self.sizes

    def part(self, name: str) -> bytes:
        """One part whole.

        Raises
        ------
        BadZipFile
            A part that is damaged, or unpacks to more than its entry states: readers that trust the
            entry less would be led to unpack it without end.
        """
        with zipfile.ZipFile(io.BytesIO(self.data)) as package:
            info = package.getinfo(name)
            stated = info.file_size
            info.file_size = stated + 1
            content = package.open(info).read()
        if len(content) != stated:
            raise zipfile.BadZipFile(f"{name} is not of the size it states")
        return content


def open_package(data: bytes, file: str, log: ProblemLog) -> Package | None:
    """Refuse what is no workbook, or would unpack to something absurd."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = package.infolist()
            heads = [
                package.open(info).read(2048) for info in infos if info.filename.endswith((".xml", ".rels"))
            ]
    except _BROKEN:
        mend = next((mend for start, mend in _KINDS if data.lstrip().startswith(start)), _KINDS[0][1])
        log.add(Problem(file, "a file that is not an .xlsx workbook", "an .xlsx file", mend))
        return None
    unpacked = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if unpacked > _MAX_UNPACKED or (unpacked > _SURELY_SMALL and unpacked > _MAX_RATIO * packed):
        found = f"a workbook that unpacks to {unpacked / 1e6:,.0f} MB"
        log.add(Problem(file, found, "at most 500 MB", "save the table as CSV or Parquet"))
        return None
    if any(b"<!DOCTYPE" in head or b"<!ENTITY" in head for head in heads):
        log.add(Problem(file, "XML entities", "a workbook as a spreadsheet saves it", "save it again"))
        return None
    return Package(data, {info.filename: info.file_size for info in infos})
