#!/usr/bin/env bash
# A column of pandas' weeks in a Parquet file is a column of numbers to duckdb and polars, and pyarrow changes its mind.
#
# Guess: periods are written as dates, or refused; the week of 5 January 2026 is a date to whoever reads the file.
# What happens: the week is 2924 and January is 672 (counts since 1970; the frequency stands aside in a note that only
# pandas reads). pyarrow gives whole numbers, too, until pandas has written such a file in the same process; from
# then on the same file has another type.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pandas==2.3.3 pyarrow==26.0.1 numpy==2.4.6 duckdb==2.0.1 polars==2.1.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import pandas as pd

table = pd.DataFrame({"week": pd.period_range("2026-01-05", periods=1, freq="W-SUN"),
                      "month": pd.period_range("2026-01", periods=1, freq="M")})
table.to_parquet("plan.parquet")
PY
"$folder/env/bin/python" - <<'PY'
import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

before = str(pq.read_table("plan.parquet").schema.field("week").type)
by_duckdb = duckdb.sql("select week, month from 'plan.parquet'").fetchall()
by_polars = [int(pl.read_parquet("plan.parquet")[name].to_physical()[0]) if hasattr(pl.Series, "to_physical") else None for name in ("week", "month")]
pd.DataFrame({"month": pd.period_range("2025-01", periods=1, freq="M")}).to_parquet("other.parquet")
after = str(pq.read_table("plan.parquet").schema.field("week").type)
print("pandas", pd.__version__, "duckdb", duckdb.__version__, "polars", pl.__version__)
print("the week of 5 January 2026 and January: duckdb", by_duckdb, "- polars", by_polars)
print("pyarrow's type of the week:", before, "- after pandas wrote another file:", after)
assert by_duckdb == [(2924, 672)] and by_polars == [2924, 672]
assert before == "int64" and "period" in after
print("as described")
PY
