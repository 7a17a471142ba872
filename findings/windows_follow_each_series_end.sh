#!/usr/bin/env bash
# statsforecast's cross_validation tests a discontinued product at other dates than the rest, and forecasts its past.
#
# Guess: the windows of a backtest are cut-off dates that hold for the whole table; a product that ended a year ago
# is left out of them or refused, and a forecast is of dates after the table's last.
# What happens: windows and forecasts are counted back from each series' own last row. One table of results holds
# cut-offs a year apart as the same two windows, and "the next two weeks" of the ended product lie in the past. A
# mean over cut-offs or a sum by date mixes them without a trace.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import pandas as pd
import statsforecast
from statsforecast import StatsForecast
from statsforecast.models import Naive

weeks = pd.date_range("2023-01-02", periods=104, freq="W-MON")
sold = pd.DataFrame({"unique_id": "sold", "ds": weeks, "y": 10.0})
ended = pd.DataFrame({"unique_id": "ended", "ds": weeks[:52], "y": 7.0})
engine = StatsForecast([Naive()], freq="W-MON")
tested = engine.cross_validation(df=pd.concat([sold, ended]), h=4, n_windows=2, step_size=4)
coming = engine.forecast(df=pd.concat([sold, ended]), h=2)
print("statsforecast", statsforecast.__version__, "- the table ends", weeks[-1].date())
cuts = {name: sorted(str(day.date()) for day in part["cutoff"].unique()) for name, part in tested.groupby("unique_id")}
firsts = {name: str(day.date()) for name, day in coming.groupby("unique_id")["ds"].min().items()}
print("cut-offs of the two windows:", cuts)
print("first week that is forecast:", firsts)
assert cuts == {"sold": ["2024-10-28", "2024-11-25"], "ended": ["2023-10-30", "2023-11-27"]}
assert firsts == {"sold": "2024-12-30", "ended": "2024-01-01"}
assert tested.groupby("cutoff")["unique_id"].nunique().max() == 1
print("as described")
PY
