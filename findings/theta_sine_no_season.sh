#!/usr/bin/env bash
# statsforecast's theta models take a noiseless yearly sine of two to three years for a series without a season.
#
# Guess: a wave without any noise is the easiest season there is, so every seasonal model finds it.
# What happens: the theta family first tests for a season by the autocorrelation at one year against a limit that
# grows with the autocorrelations of the eleven lags below it. A smooth wave makes those large, so the cleaner
# the wave, the higher the limit: 36 months of a pure sine fail the test, a lone December peak of the same length
# passes it. The forecast is then (nearly) flat, while ETS and CES repeat the wave whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 numpy==2.4.6 pandas==2.3.3 scipy==1.17.1
"$folder/env/bin/python" - <<'PY'
import numpy as np
import statsforecast
from statsforecast import models

def swing(model, values):
    return float(np.ptp(model.forecast(y=values, h=12)["mean"]))

makers = {"DynamicOptimizedTheta": models.DynamicOptimizedTheta, "AutoTheta": models.AutoTheta,
          "AutoCES": models.AutoCES, "AutoETS": models.AutoETS}
print("statsforecast", statsforecast.__version__)
seen = {}
for months in (24, 36, 48):
    wave = 100 + 20 * np.sin(2 * np.pi * np.arange(months) / 12)
    for name, maker in makers.items():
        seen[name, months] = swing(maker(season_length=12), wave)
        print(f"{months} months of a sine from 80 to 120, {name}: forecast moves by {seen[name, months]:.1f}")
peak = np.full(36, 100.0)
peak[11::12] = 400.0
found = swing(models.DynamicOptimizedTheta(season_length=12), peak)
print(f"36 months, flat but for December at 400, DynamicOptimizedTheta: forecast moves by {found:.1f}")
assert all(seen[name, n] < 10 for name in ("DynamicOptimizedTheta", "AutoTheta") for n in (24, 36)), seen
assert all(seen[name, n] > 39 for name in ("AutoCES", "AutoETS") for n in (24, 36, 48)), seen
assert seen["DynamicOptimizedTheta", 48] > 39 and found > 290, (seen, found)
print("as described")
PY
