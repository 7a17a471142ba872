#!/usr/bin/env bash
# statsmodels' Holt and SimpleExpSmoothing cannot be built with their own defaults; ExponentialSmoothing can.
#
# Guess: leaving every optional argument out works, as the signature (initialization_method=None) says and as it
# did for years in the textbook line `Holt(y).fit()`.
# What happens (0.15.0): the default None is handed on to a check that wants a string: TypeError before any fitting.
# The general class beside them has another default and fits.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsmodels==0.15.0 numpy==2.4.6 scipy==1.17.1 pandas==2.3.3
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import inspect

import numpy as np
import statsmodels
from statsmodels.tsa.holtwinters import ExponentialSmoothing, Holt, SimpleExpSmoothing

values = np.arange(10.0) + 1
print("statsmodels", statsmodels.__version__)
for maker in (Holt, SimpleExpSmoothing):
    default = inspect.signature(maker).parameters["initialization_method"].default
    try:
        maker(values)
        raise SystemExit(f"{maker.__name__} was built")
    except TypeError as fault:
        print(f"{maker.__name__}(values), whose default is {default}: TypeError: {fault}")
        assert default is None
fitted = ExponentialSmoothing(values, trend="add").fit().forecast(2)
named = Holt(values, initialization_method="estimated").fit().forecast(2)
print("ExponentialSmoothing(values, trend='add'):", fitted.round(2), "- Holt with a method named:", named.round(2))
assert np.allclose(fitted, [11, 12], atol=0.01) and np.allclose(named, [11, 12], atol=0.01)
print("as described")
PY
