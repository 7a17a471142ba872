#!/usr/bin/env bash
# statsforecast's Croston models count a month that nobody knows as a month in which something was sold.
#
# Guess: a missing value among intermittent sales is skipped, counts as no sale, or makes the forecast missing, as
# every other model of the library does (they raise, or answer with missing values).
# What happens: "is not zero" is true of a missing value, so it enters the times between sales but not their size.
# A part sold once a quarter, with one month of each quarter unknown, is forecast at twice its rate.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import numpy as np
import statsforecast
from statsforecast import models

whole = np.array([3.0, 0.0, 0.0] * 60)
holes = np.array([3.0, 0.0, np.nan] * 60)
print("statsforecast", statsforecast.__version__)
for maker in (models.CrostonClassic, models.CrostonSBA, models.CrostonOptimized):
    known = float(maker().forecast(y=whole, h=1)["mean"][0])
    unknown = float(maker().forecast(y=holes, h=1)["mean"][0])
    print(f"{maker.__name__}: 3 pieces every third month, forecast {known:.2f} a month; one month of three"
          f" unknown: {unknown:.2f}")
    assert 0.9 < known < 1.1 and unknown > 1.8 * known, (known, unknown)
average = models.HistoricAverage().forecast(y=holes, h=1)["mean"][0]
print("HistoricAverage on the same values:", average)
assert np.isnan(average)
print("as described")
PY
