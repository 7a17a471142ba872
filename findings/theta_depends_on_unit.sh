#!/usr/bin/env bash
# statsforecast's optimised theta forecasts other sales when the same sales are written in thousands or millions.
#
# Guess: a forecast of 1,000 times the values is 1,000 times the forecast, as it is for ETS and CES.
# What happens: the search for theta's parameters ends by a tolerance that is not relative to the values. Written
# large the search runs to its end; written small (a share, millions of euros, values divided by their mean) it
# stops where it began and the "optimised" model equals the one with fixed parameters, without a word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1
"$folder/env/bin/python" - <<'PY'
import numpy as np
import statsforecast
from statsforecast import models

generator = np.random.default_rng(3)
sales = np.cumsum(generator.normal(0.3, 1, 40)) + 50 + generator.normal(0, 1, 40)

def last(maker, scale):
    return float(maker(season_length=1).forecast(y=sales * scale, h=6)["mean"][-1] / scale)

print("statsforecast", statsforecast.__version__)
seen = {}
for scale in (0.001, 1, 1000):
    for maker in (models.DynamicOptimizedTheta, models.DynamicTheta, models.AutoETS, models.AutoCES):
        seen[maker.__name__, scale] = last(maker, scale)
        print(f"sales times {scale}: {maker.__name__} says {seen[maker.__name__, scale]:.3f}, in the first unit")
small, large = (seen["DynamicOptimizedTheta", k] for k in (0.001, 1000))
assert abs(small / large - 1) > 0.01, (small, large)
assert abs(small - seen["DynamicTheta", 0.001]) < 1e-3
for name in ("AutoETS", "AutoCES"):
    assert abs(seen[name, 0.001] / seen[name, 1000] - 1) < 1e-4
print("as described")
PY
