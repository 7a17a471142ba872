#!/usr/bin/env bash
# PyMC-Marketing's Weibull adstock puts all of a two-week effect into one week, whatever its parameters say.
#
# Guess: with type "PDF" the weights are the density at weeks 1, 2, ..., divided by their sum: 55 % and 45 % for a slow
# decay (scale 5, shape 1) over two weeks.
# What happens: the densities are stretched from 0 to 1 before they are divided. The smallest weight is always nought:
# a window of eight weeks works for seven, one of two weeks gives 100 % and 0 % for any decay, so its parameters
# cannot be learnt. The same in 1.3.0 (which needs a newer Python).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pymc-marketing==0.19.2
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import warnings

import numpy as np

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import pymc_marketing
import pytensor.xtensor as ptx
from pymc_marketing.mmm.transformers import weibull_adstock
from scipy.stats import weibull_min

print("pymc-marketing", pymc_marketing.__version__, "- share of the effect in each week, in per cent")
seen = {}
for window in (2, 4, 8):
    for scale, shape in ((1, 1), (5, 1), (20, 3)):
        spent = ptx.as_xtensor(np.r_[100.0, np.zeros(window - 1)], dims=("date",))
        came = weibull_adstock(spent, lam=scale, k=shape, l_max=window, type="PDF", normalize=True, dim="date").eval()
        density = weibull_min.pdf(np.arange(1, window + 1), shape, scale=scale)
        seen[window, scale, shape] = came
        print(f"{window} weeks, scale {scale}, shape {shape}: {came.round(1).tolist()}, density {(100 * density / density.sum()).round(1).tolist()}")
assert all(abs(np.sort(came)[0]) < 1e-9 and abs(came.sum() - 100) < 1e-9 for came in seen.values())
assert np.allclose(seen[2, 1, 1], [100, 0]) and np.allclose(seen[2, 5, 1], [100, 0]) and np.allclose(seen[2, 20, 3], [0, 100])
print("as described")
PY
