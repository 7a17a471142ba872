#!/usr/bin/env bash
# papermill gives one argument of the command line three values, and a type written in the notebook changes none.
#
# Guess: a parameters cell that says `unit: str = ""` receives text; at most, a number may arrive as a number.
# What happens: -p guesses by Python's literals (00123 is the number 123, 1_000 is 1000), -y reads YAML 1.1 (00123 is
# octal, 83; 12:30 is base sixty, 750; no is False), and only -r keeps what was typed. The annotation is not looked at.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check papermill==2.7.0 ipykernel==7.4.0 nbformat==5.11.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import json
import subprocess
import sys

import nbformat
import papermill

cell = nbformat.v4.new_code_cell('unit: str = ""', metadata={"tags": ["parameters"]})
book = nbformat.v4.new_notebook(cells=[cell])
book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(book, "in.ipynb")

def injected(*arguments):
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "--prepare-only", *arguments]
    subprocess.run(command, check=True, capture_output=True)
    cells = json.load(open("out.ipynb"))["cells"]
    source = "".join(next(c["source"] for c in cells if "injected-parameters" in c["metadata"].get("tags", [])))
    given = {}
    exec(source, given)
    return given["unit"]

print("papermill", papermill.__version__)
seen = {}
for text in ("00123", "1_000", "12:30", "no"):
    seen[text] = (injected("-p", "unit", text), injected("-y", f"unit: {text}"), injected("-r", "unit", text))
    print(f"{text}: -p gives {seen[text][0]!r}, -y gives {seen[text][1]!r}, -r gives {seen[text][2]!r}")
assert seen == {"00123": (123, 83, "00123"), "1_000": (1000, 1000, "1_000"),
                "12:30": ("12:30", 750, "12:30"), "no": ("no", False, "no")}, seen
print("as described")
PY
