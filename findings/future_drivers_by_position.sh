#!/usr/bin/env bash
# statsforecast takes the future's driver columns by their position and never looks at the future's dates.
#
# Guess: the table of the future is matched to the history by column names and by dates, for it carries both; a table
# with its columns in another order gives the same forecast, one of other dates is refused.
# What happens: the columns go in as they stand. Prices read as advertising and advertising as prices forecast sales of
# -19,700 where 300 are sold, without a word; and prices dated ten weeks later are used as those of the next
# four weeks. The sister library matches the same two tables by name.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 mlforecast==1.1.0 scikit-learn==1.9.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import warnings

import numpy as np
import pandas as pd
import statsforecast
from mlforecast import MLForecast
from sklearn.linear_model import LinearRegression
from statsforecast import StatsForecast
from statsforecast.models import AutoARIMA

warnings.simplefilter("ignore")
draw = np.random.default_rng(0)
past = pd.DataFrame({"unique_id": "tea", "ds": pd.date_range("2023-01-02", periods=104, freq="W-MON")})
past["price"], past["ads"] = draw.uniform(5, 10, 104), draw.uniform(0, 1000, 104)
past.insert(2, "y", 300 - 20 * past["price"] + 0.1 * past["ads"])
coming = pd.DataFrame({"unique_id": "tea", "ds": pd.date_range("2024-12-30", periods=4, freq="W-MON"),
                       "price": [5.0, 10, 5, 10], "ads": [0.0, 0, 1000, 1000]})
turned = coming[["unique_id", "ds", "ads", "price"]]
later = coming.assign(ds=coming["ds"] + pd.Timedelta(weeks=10))

def by_position(table):
    made = StatsForecast([AutoARIMA()], freq="W-MON").forecast(df=past, h=4, X_df=table)
    return made["AutoARIMA"].round().tolist()

def by_name(table):
    model = MLForecast([LinearRegression()], freq="W-MON", lags=[1]).fit(past, static_features=[])
    return model.predict(4, X_df=table)["LinearRegression"].round().tolist()

right = (300 - 20 * coming["price"] + 0.1 * coming["ads"]).tolist()
print("statsforecast", statsforecast.__version__, "- what prices and advertising make of the next four weeks:", right)
print("statsforecast:", by_position(coming), "- columns turned:", by_position(turned))
print("statsforecast, dates ten weeks later:", by_position(later))
print("mlforecast:", by_name(coming), "- columns turned:", by_name(turned))
assert by_position(coming) == by_position(later) == right
assert min(by_position(turned)) < -10_000
assert by_name(coming) == by_name(turned) == right
print("as described")
PY
