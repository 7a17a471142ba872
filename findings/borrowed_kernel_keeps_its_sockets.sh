#!/usr/bin/env bash
# nbclient closes everything it opens, unless the kernel's manager is yours: then each run leaves a thread and ten files.
#
# Guess: who passes a KernelManager shuts that manager down; the client that nbclient made for the run is nbclient's, and
# closed by it.
# What happens: with a manager of one's own the client stays open after the run, and shutting the kernel down does not
# close it. papermill, which hands the manager on, does not even keep the client. A month of daily reports in one
# process ends at the limit of open files.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check nbclient==0.11.0 papermill==2.7.0 nbformat==5.11.1 ipykernel==7.4.0 jupyter-client==8.10.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import gc
import logging
import os
import threading
import warnings

import nbclient
import nbformat
import papermill
from jupyter_client.manager import KernelManager

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
nbformat.write(book, "in.ipynb")


def own():
    nbclient.NotebookClient(nbformat.read("in.ipynb", as_version=4)).execute()


def borrowed():
    manager = KernelManager()
    nbclient.NotebookClient(nbformat.read("in.ipynb", as_version=4), km=manager).execute()
    manager.shutdown_kernel(now=True)


def by_papermill():
    manager = KernelManager()
    papermill.execute_notebook("in.ipynb", None, progress_bar=False, km=manager)
    manager.shutdown_kernel(now=True)


def left():
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


print("nbclient", nbclient.__version__, "papermill", papermill.__version__)
grown = {}
for name, run in (("a manager of its own", own), ("a manager it was given", borrowed), ("papermill, given a manager", by_papermill)):
    run()
    first = left()
    for _ in range(4):
        run()
    grown[name] = [after - before for before, after in zip(first, left(), strict=True)]
    print(f"{name}: four more runs leave {grown[name][0]} threads and {grown[name][1]} open files")
assert grown["a manager of its own"] == [0, 0]
assert all(grown[name][0] >= 3 and grown[name][1] >= 20 for name in list(grown)[1:]), grown
print("as described")
PY
