#!/usr/bin/env bash
# statsforecast's SeasonalNaive(52) repeats the wrong weeks where rows are missing; mlforecast refuses the table.
#
# Guess: both take a date column and a frequency, so both see that three weeks have no row: they fill, or refuse.
# What happens: StatsForecast uses the dates to name the future only and counts values by position. Three missing
# weeks shift last year's peak by three weeks. The sister library stops on the very same table and says why.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 mlforecast==1.1.0 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import warnings

import mlforecast
import pandas as pd
import statsforecast
from mlforecast import MLForecast
from sklearn.linear_model import LinearRegression
from statsforecast import StatsForecast
from statsforecast.models import SeasonalNaive

warnings.simplefilter("ignore")
weeks = pd.date_range("2024-01-01", periods=100, freq="W-MON")
sales = pd.DataFrame({"unique_id": "tea", "ds": weeks, "y": 10.0})
sales.loc[[48, 49], "y"] = 90.0  # the two weeks of Advent 2024
whole, gappy = sales, sales.drop(index=[70, 71, 72])

def peak(table):
    made = StatsForecast(models=[SeasonalNaive(52)], freq="W-MON").forecast(df=table, h=4)
    return [str(day.date()) for day in made.loc[made["SeasonalNaive"] > 50, "ds"]]

print("statsforecast", statsforecast.__version__, "mlforecast", mlforecast.__version__)
print("every week there: peak planned for", peak(whole))
print("three weeks of summer without rows: peak planned for", peak(gappy) or "no week of the next four")
assert peak(whole) == ["2025-12-01", "2025-12-08"], peak(whole)
assert peak(gappy) != peak(whole)
try:
    MLForecast(models=[LinearRegression()], freq="W-MON", lags=[1, 52]).fit(gappy)
    raise SystemExit("mlforecast took the table")
except ValueError as fault:
    print("mlforecast:", str(fault).splitlines()[0])
print("as described")
PY
