#!/usr/bin/env bash
# python-calamine runs the words of an .ods cell together where a tab or a line break stands, and reads 36 hours as text.
#
# Guess: a name of two lines or with a tab comes back with a line break, a tab or at least a space, as from .xlsx;
# a duration is a timedelta, as from .xlsx.
# What happens: "Green", break, "tea" is read as "Greentea": another product than in the .xlsx of the same sheet. Two
# paragraphs and runs of spaces are kept. A duration of 36:30 is the text PT36H30M00S, one of 8:30 a time of day.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 odfpy==1.4.1 openpyxl==3.1.5
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import datetime as dt

import openpyxl
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import LineBreak, P, S, Tab
from python_calamine import CalamineWorkbook

document, table = OpenDocumentSpreadsheet(), Table(name="sales")
document.spreadsheet.addElement(table)
book = openpyxl.Workbook()


def words(*paragraphs):
    cell = TableCell(valuetype="string")
    for parts in paragraphs:
        paragraph = P()
        for part in parts:
            paragraph.addText(part) if isinstance(part, str) else paragraph.addElement(part)
        cell.addElement(paragraph)
    return cell


def duration(iso, shown):
    cell = TableCell(valuetype="time", timevalue=iso)
    cell.addElement(P(text=shown))
    return cell


rows = [("line break", words(["Green", LineBreak(), "tea"]), "Green\ntea"), ("tab", words(["Green", Tab(), "tea"]), "Green\ttea"),
        ("two paragraphs", words(["Green"], ["tea"]), "Green\ntea"), ("two spaces", words(["Green", S(c=2), "tea"]), "Green  tea"),
        ("36:30", duration("PT36H30M00S", "36:30"), dt.timedelta(hours=36.5)), ("8:30", duration("PT08H30M00S", "08:30"), dt.timedelta(hours=8.5))]
for _, cell, plain in rows:
    row = TableRow()
    row.addElement(cell)
    table.addElement(row)
    book.active.append([plain])
    if isinstance(plain, dt.timedelta):
        book.active.cell(book.active.max_row, 1).number_format = "[h]:mm"
document.save("sales.ods")
book.save("sales.xlsx")
read = {kind: [row[0] for row in CalamineWorkbook.from_path(f"sales.{kind}").get_sheet_by_index(0).to_python()] for kind in ("ods", "xlsx")}
print("python-calamine 0.9.1")
for at, (name, _, _) in enumerate(rows):
    print(f"{name}: .ods {read['ods'][at]!r}, .xlsx {read['xlsx'][at]!r}")
assert read["ods"] == ["Greentea", "Greentea", "Green\ntea", "Green  tea", "PT36H30M00S", dt.time(8, 30)]
assert read["xlsx"] == ["Green\ntea", "Green\ttea", "Green\ntea", "Green  tea", dt.timedelta(hours=36.5), dt.timedelta(hours=8.5)]
print("as described")
PY
