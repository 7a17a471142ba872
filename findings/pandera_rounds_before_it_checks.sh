#!/usr/bin/env bash
# pandera lets a return of 0.4 units pass the check "never below zero".
#
# Guess: a column of type int with a check "at least 0" refuses -0.4, and refuses 3.7 as no whole number.
# What happens: with coerce=True the values are cut to whole numbers first and checked afterwards: -0.4 becomes 0
# and passes, 3.7 becomes 3, True becomes 1. The frame that comes back has another sum and no note of it.
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

schema = pa.DataFrameSchema({"units": pa.Column(int, pa.Check.ge(0), coerce=True)})
sales = pd.DataFrame({"units": [3.7, -0.4, -0.9, 12.0]})
checked = schema.validate(sales)
print("pandera", pandera.__version__)
print("given", sales["units"].tolist(), "sum", round(sales["units"].sum(), 1))
print("passed as", checked["units"].tolist(), "sum", checked["units"].sum())
assert checked["units"].tolist() == [3, 0, 0, 12]
try:
    pa.DataFrameSchema({"units": pa.Column(float, pa.Check.ge(0))}).validate(sales)
    raise SystemExit("a column of floats passed")
except pa.errors.SchemaError:
    print("the same check on floats refuses it")
print("as described")
PY
