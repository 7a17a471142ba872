#!/usr/bin/env bash
# gluonts dates a table of Monday weeks six days early as soon as it finds the frequency itself.
#
# Guess: it infers W-MON from Monday dates, as pandas does, so the first week is that of Monday 6 January.
# What happens: the dates' "W-MON" (Mondays) is handed on as a period's "W-MON" (weeks that END on Monday). The series
# begins on Tuesday 31 December, and each forecast is dated on the Tuesday six days before the week it is
# for. The blunter freq="W", which means Sundays elsewhere, gives Mondays here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check gluonts==0.17.0 packaging==26.4 pandas==2.3.3 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import warnings

import gluonts
import pandas as pd
from gluonts.dataset.pandas import PandasDataset
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
weeks = pd.date_range("2025-01-06", periods=52, freq="W-MON")
sales = pd.DataFrame({"target": 1.0}, index=weeks)
print("gluonts", gluonts.__version__, "- weeks from", weeks[0].date(), "to", weeks[-1].date())
seen = {}
for asked in (None, "W"):
    table = PandasDataset(sales, target="target", freq=asked)
    (entry,) = list(table)
    (made,) = list(SeasonalNaivePredictor(prediction_length=1, season_length=1).predict(table))
    seen[asked] = entry["start"].start_time, made.index.to_timestamp()[0]
    print(f"freq={asked!r}:", "first week", f"{seen[asked][0]:%A %d %B %Y},", "first forecast", f"{seen[asked][1]:%A %d %B %Y}")
assert [f"{day:%a %Y-%m-%d}" for day in seen[None]] == ["Tue 2024-12-31", "Tue 2025-12-30"]
assert [f"{day:%a %Y-%m-%d}" for day in seen["W"]] == ["Mon 2025-01-06", "Mon 2026-01-05"]
print("as described")
PY
