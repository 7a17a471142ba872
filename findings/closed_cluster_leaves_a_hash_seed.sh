#!/usr/bin/env bash
# A Dask LocalCluster that was opened and closed leaves six variables in its parent's environment, a hash seed among them.
#
# Guess: thread limits are given to the workers, and the environment is as it was once the cluster is closed.
# What happens: they are set in the parent itself so that the workers inherit them, and stay. Whatever is started
# afterwards computes on one thread, and every later Python bears PYTHONHASHSEED=6640: what orders by a set
# is the same in every run from now on, so a test for that difference passes here and fails elsewhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check dask==2026.8.0 distributed==2026.8.0
cd "$folder"
cat > closed.py <<'PY'
import os
import subprocess
import sys

import distributed
from distributed import Client, LocalCluster

asked = [sys.executable, "-c", "print(hash('tea'))"]


def different():
    return len({subprocess.run(asked, capture_output=True, text=True, check=True).stdout for _ in range(4)})


if __name__ == "__main__":
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONHASHSEED"):
        os.environ.pop(name, None)
    before, hashes = dict(os.environ), different()
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        assert client.submit(sum, [1, 2]).result() == 3
    left = {name: value for name, value in os.environ.items() if before.get(name) != value and name != "__DASK_PARENT_PID"}
    print("distributed", distributed.__version__, "- left in the environment after closing:", left)
    print("different hashes of one word in four new Pythons: before", hashes, "- after", different())
    assert left["OMP_NUM_THREADS"] == left["MKL_NUM_THREADS"] == left["OPENBLAS_NUM_THREADS"] == "1"
    assert left["PYTHONHASHSEED"] == "6640" and hashes == 4 and different() == 1
    print("as described")
PY
"$folder/env/bin/python" closed.py
