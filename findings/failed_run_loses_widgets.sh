#!/usr/bin/env bash
# A notebook that fails in its last cell keeps its sliders when papermill ran it and loses all when nbclient did.
#
# Guess: papermill runs notebooks by nbclient, so what a failed run leaves is the same; the slider shown above the
# failing cell is in both, or in neither.
# What happens: nbclient stores the state of widgets after the last cell only, so an error leaves outputs that point
# to widgets the file no longer holds; papermill catches the error first and the state is written. With errors
# allowed nbclient keeps them, too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check papermill==2.7.0 nbclient==0.11.0 nbformat==5.11.1 ipywidgets==8.1.9 ipykernel==7.4.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import copy
import logging
import warnings

import nbclient
import nbformat
import papermill

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
cells = [nbformat.v4.new_code_cell("import ipywidgets\nipywidgets.IntSlider(7)"), nbformat.v4.new_code_cell("1 / 0")]
book = nbformat.v4.new_notebook(cells=cells)
book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}

def shown(notebook):
    return any("widget-view" in kind for out in notebook.cells[0].outputs for kind in out.get("data", {}))

by_client = copy.deepcopy(book)
try:
    nbclient.NotebookClient(by_client).execute()
except nbclient.exceptions.CellExecutionError:
    pass
nbformat.write(book, "in.ipynb")
try:
    papermill.execute_notebook("in.ipynb", "out.ipynb", progress_bar=False)
except papermill.PapermillExecutionError:
    pass
by_papermill = nbformat.read("out.ipynb", as_version=4)
# papermill puts a cell of its own above a failed notebook.
by_papermill.cells = [cell for cell in by_papermill.cells if "IntSlider" in cell.source]
allowed = copy.deepcopy(book)
nbclient.NotebookClient(allowed, allow_errors=True).execute()
print("nbclient", nbclient.__version__, "papermill", papermill.__version__)
for name, made in (("nbclient", by_client), ("papermill", by_papermill), ("nbclient, errors allowed", allowed)):
    print(f"{name}: slider among the outputs {shown(made)}, its state in the file {'widgets' in made.metadata}")
assert shown(by_client) and shown(by_papermill) and shown(allowed)
assert "widgets" not in by_client.metadata
assert "widgets" in by_papermill.metadata and "widgets" in allowed.metadata
print("as described")
PY
