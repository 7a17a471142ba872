#!/usr/bin/env bash
# matplotlib's hashsalt does not make one figure one file: saved again, a figure with tight layout is another SVG.
#
# Guess: with svg.hashsalt set and the date left out, the same figure gives the same bytes each time it is saved.
# What happens: tight layout starts from the margins of the last drawing and ends a last digit beside them. Ids of clip paths
# are hashes of those numbers, so that a difference nobody can see changes ids all over the file; the files
# differ from saving to saving. Without a layout engine they are equal.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check matplotlib==3.10.8 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import hashlib
import io

import matplotlib
from matplotlib.figure import Figure

matplotlib.rcParams.update({"svg.hashsalt": "x", "svg.fonttype": "none"})


def draw(layout):
    figure = Figure(figsize=(6, 4), layout=layout)
    for at, axes in enumerate(figure.subplots(1, 2)):
        axes.plot([1, 2, 3], [1000 * at, 2000, 3000], label="sales of tea")
        axes.set(ylabel="units", title="A rather long title of a chart")
        axes.legend(loc="best")
    return figure


def save(figure):
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return hashlib.sha256(file.getvalue()).hexdigest()[:8]


print("matplotlib", matplotlib.__version__)
seen = {}
for layout in (None, "tight"):
    one = draw(layout)
    seen[layout] = [save(one) for _ in range(4)]
    print(f"layout {layout}: one figure saved four times {seen[layout]}, drawn anew {save(draw(layout))}")
    assert save(draw(layout)) == seen[layout][0]
assert len(set(seen[None])) == 1 and len(set(seen["tight"])) > 1
print("as described")
PY
