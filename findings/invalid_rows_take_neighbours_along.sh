#!/usr/bin/env bash
# pandera's drop_invalid_rows drops valid rows of other shops, and the first of two orders with one number.
#
# Guess: of six rows one is below zero, so five come back. Of two rows with one id the first stays, as with
# drop_duplicates.
# What happens: rows are dropped by their label. Tables joined by concat bear each label once a part, so that an
# invalid row takes the row of that label out of every part; and both rows of an id are invalid, so that the
# order disappears altogether. Neither is said.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pandera==0.35.0 pandas==2.3.3 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import pandas as pd
import pandera
import pandera.pandas as pa

units = pa.DataFrameSchema({"units": pa.Column(float, pa.Check.ge(0))}, drop_invalid_rows=True)
north = pd.DataFrame({"shop": "north", "units": [1.0, 2.0, -3.0]})
south = pd.DataFrame({"shop": "south", "units": [4.0, 5.0, 6.0]})
joined = pd.concat([north, south])
kept = units.validate(joined, lazy=True)
counted = units.validate(joined.reset_index(drop=True), lazy=True)
print("pandera", pandera.__version__)
print("six rows, one below zero; kept:", kept["units"].tolist(), "- rows numbered anew, kept:", counted["units"].tolist())
orders = pa.DataFrameSchema({"order": pa.Column(str, unique=True)}, drop_invalid_rows=True)
once = orders.validate(pd.DataFrame({"order": ["A1", "A2", "A1"]}), lazy=True)
print("orders A1, A2, A1; kept:", once["order"].tolist())
assert kept["units"].tolist() == [1, 2, 4, 5] and counted["units"].tolist() == [1, 2, 4, 5, 6]
assert once["order"].tolist() == ["A2"]
print("as described")
PY
