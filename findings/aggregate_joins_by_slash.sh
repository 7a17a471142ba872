#!/usr/bin/env bash
# hierarchicalforecast gives two different shops one name, and with it one row of sums for two.
#
# Guess: `aggregate` keeps the members of every level apart, whatever characters their names hold.
# What happens: the id of a node is its names joined by "/", unescaped. Region "A" with shop "b/c" and region "A/b"
# with shop "c" become the same id: the table of sums holds it twice for each period, the summing matrix has one
# bottom series where there are two, and nothing is said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check hierarchicalforecast==1.5.3 pandas==2.3.3
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import hierarchicalforecast
import pandas as pd
from hierarchicalforecast.utils import aggregate

sales = pd.DataFrame({"ds": pd.to_datetime(["2025-01-01"] * 2), "country": "X", "region": ["A", "A/b"],
                      "shop": ["b/c", "c"], "y": [1.0, 2.0]})
made, summing, tags = aggregate(sales, [["country"], ["country", "region", "shop"]])
print("hierarchicalforecast", hierarchicalforecast.__version__)
print(made.to_string(index=False))
twice = made.duplicated(["unique_id", "ds"]).sum()
print("ids that stand twice in one period:", twice, "- rows of the summing matrix over two shops:", list(summing["unique_id"]))
assert twice == 1 and list(summing["unique_id"]) == ["X", "X/A/b/c"]
print("as described")
PY
