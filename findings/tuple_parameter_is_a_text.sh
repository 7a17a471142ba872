#!/usr/bin/env bash
# papermill hands a tuple to a notebook as the text that shows it, one within a list as well.
#
# Guess: parameters={"dimensions": ("store", "brand")} arrives as a tuple or a list, as list and dict do; what cannot be
# handed over is refused.
# What happens: the notebook gets "('store', 'brand')". Its length is 18, "store" in it is true, a loop over it goes
# letter by letter. A list arrives as a list.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check papermill==2.7.0 nbformat==5.11.1 ipykernel==7.4.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import warnings

import nbformat
import papermill

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
cells = [nbformat.v4.new_code_cell("given = None", metadata={"tags": ["parameters"]}), nbformat.v4.new_code_cell("given")]
book = nbformat.v4.new_notebook(cells=cells)
book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(book, "in.ipynb")


def arrives(value):
    ran = papermill.execute_notebook("in.ipynb", None, parameters={"given": value}, progress_bar=False)
    return eval(ran.cells[-1].outputs[0]["data"]["text/plain"])


print("papermill", papermill.__version__)
seen = {str(value): arrives(value) for value in (["store", "brand"], ("store", "brand"), [("A", 1), ("B", 2)])}
for given, came in seen.items():
    print(given, "arrives as", repr(came))
assert list(seen.values()) == [["store", "brand"], "('store', 'brand')", ["('A', 1)", "('B', 2)"]]
print("as described")
PY
