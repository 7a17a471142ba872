#!/usr/bin/env bash
# nbval's strict mode passes a chart that shows something else, and any notebook that was committed without outputs.
#
# Guess: --nbval compares what is stored with what comes out: a changed picture fails, a stored picture as PNG like
# one as SVG; a cell that prints although nothing is stored fails.
# What happens: image/png is never compared, so that a bar chart of other figures passes; the same chart as SVG fails.
# And where a cell has no stored output there is nothing to compare: it passes whatever it shows.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check nbval==0.11.0 nbclient==0.11.0 nbformat==5.11.1 ipykernel==7.4.0 matplotlib==3.11.2 pytest==9.2.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import subprocess
import sys
import warnings

import nbclient
import nbformat

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
DRAW = """
import io
from IPython.display import Image, SVG, display
import matplotlib
from matplotlib.figure import Figure
matplotlib.rcParams["svg.hashsalt"] = "x"
figure, file = Figure(), io.BytesIO()
figure.subplots().bar(["tea", "coffee"], {values})
figure.savefig(file, format="{kind}", metadata={{{plain}}})
display({show}(file.getvalue()))
"""


def notebook(*sources):
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def passes(made):
    nbformat.write(made, "test.ipynb")
    run = subprocess.run([sys.executable, "-m", "pytest", "--nbval", "-q", "test.ipynb"], capture_output=True, text=True)
    return run.returncode == 0


seen = {}
for kind, show, plain in (("png", "Image", ""), ("svg", "SVG", '"Date": None')):
    stored = notebook(DRAW.format(kind=kind, show=show, plain=plain, values=[1, 2]))
    nbclient.NotebookClient(stored).execute()
    seen[kind, "unchanged"] = passes(stored)
    stored.cells[0].source = DRAW.format(kind=kind, show=show, plain=plain, values=[9, 1])
    seen[kind, "other figures"] = passes(stored)
seen["nothing stored", "prints"] = passes(notebook("print('a plan of', 6 * 7)", "1 / 3"))
print("nbval 0.11.0, strict")
for what, passed in seen.items():
    print(*what, "-", "passes" if passed else "fails")
assert seen["png", "unchanged"] and seen["png", "other figures"] and seen["nothing stored", "prints"]
assert seen["svg", "unchanged"] and not seen["svg", "other figures"]
print("as described")
PY
