#!/usr/bin/env bash
# python-calamine reads a cell that holds #N/A or #DIV/0! exactly as an empty one.
#
# Guess: an error in a cell comes back as its mark, as openpyxl gives it, or as an error.
# What happens: it is the empty string, the same value as a cell nobody filled in. A reader that takes empty cells
# for "nothing sold" loses the row in silence.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check python-calamine==0.9.1 openpyxl==3.1.5
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import zipfile

import openpyxl
import python_calamine
from python_calamine import CalamineWorkbook

book = openpyxl.Workbook()
book.active.append(["product", "units"])
for row in (["Tea", 12], ["Coffee", "#N/A"], ["Cocoa", "#DIV/0!"], ["Milk", None], ["Water", 7]):
    book.active.append(row)
book.save("sales.xlsx")
with zipfile.ZipFile("sales.xlsx") as parts:
    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
assert 't="e"' in sheet, "the file holds error cells"
fast = CalamineWorkbook.from_path("sales.xlsx").get_sheet_by_index(0).to_python()
slow = [[cell.value for cell in row] for row in openpyxl.load_workbook("sales.xlsx", data_only=True).active]
print("python-calamine", python_calamine.__version__ if hasattr(python_calamine, "__version__") else "0.9.1")
for one, other in zip(fast[1:], slow[1:], strict=True):
    print(f"{one[0]}: calamine {one[1]!r}, openpyxl {other[1]!r}")
assert [row[1] for row in fast[2:5]] == ["", "", ""]
assert [row[1] for row in slow[2:5]] == ["#N/A", "#DIV/0!", None]
print("as described")
PY
