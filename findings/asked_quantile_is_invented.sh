#!/usr/bin/env bash
# gluonts answers for a quantile that a forecast never held, below zero where all it holds is above; its mean is a median.
#
# Guess: a forecast stored as its 10 %, 50 % and 90 % points answers between them and refuses beyond; its mean is
# refused, for nobody stored one. The median of four samples 1, 2, 10, 100 is 6.
# What happens: beyond the outer points a tail is made up from the two nearest: the 1 % point of sales of 10 to 40 is
# minus 4.3. The mean is the median, with a line in the log. A median of samples is one of them: 10.
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
import numpy as np
import pandas as pd
from gluonts.model.forecast import QuantileForecast, SampleForecast

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
start = pd.Period("2026-01", "M")
stored = QuantileForecast(np.array([[10.0], [20.0], [40.0]]), start, ["0.1", "0.5", "0.9"])
said = {level: round(float(stored.quantile(level)[0]), 2) for level in (0.01, 0.05, 0.1, 0.5, 0.9, 0.99)}
drawn = SampleForecast(np.array([[1.0], [2.0], [10.0], [100.0]]), start)
print("gluonts", gluonts.__version__, "- stored: 10, 20 and 40 at 0.1, 0.5 and 0.9")
print("asked for:", said, "- mean:", stored.mean.tolist())
print("median of the samples 1, 2, 10, 100:", drawn.quantile(0.5).tolist(), "- numpy:", np.median([1, 2, 10, 100]))
assert said[0.1] == 10 and said[0.01] < -4 and said[0.99] > 60
assert stored.mean.tolist() == [20.0] and drawn.quantile(0.5).tolist() == [10.0]
print("as described")
PY
