#!/usr/bin/env bash
# Chronos-2 refuses to forecast with a model that knows three quantiles, and answers a history of nothing but gaps.
#
# Guess: a model saved with the quantiles 0.1, 0.5 and 0.9 answers when asked for its median; a series without one
# known value gives missing values or an error.
# What happens: `predict` checks the quantiles it would need to go on beyond its longest output (nine of them by
# default) before it looks how far is asked, so even one step inside that length is refused until
# `unrolled_quantiles` is named. And a history of missing values alone is forecast: numbers, no word.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 chronos-forecasting==2.3.2 transformers==5.24.0 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import warnings

import chronos
import numpy as np
import torch
from chronos.chronos2 import Chronos2CoreConfig, Chronos2Model, Chronos2Pipeline

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def tiny(quantiles):
    torch.manual_seed(0)
    config = Chronos2CoreConfig(
        d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, architectures=["Chronos2Model"],
        chronos_pipeline_class="Chronos2Pipeline",
        chronos_config={"context_length": 128, "output_patch_size": 8, "input_patch_size": 8,
                        "input_patch_stride": 8, "quantiles": quantiles, "use_reg_token": True,
                        "use_arcsinh": True, "max_output_patches": 8, "time_encoding_scale": 128})
    return Chronos2Pipeline(Chronos2Model(config).eval())


print("chronos-forecasting", chronos.__version__)
series = [np.arange(30.0)]
three = tiny([0.1, 0.5, 0.9])
try:
    three.predict(series, prediction_length=1)
    raise SystemExit("one step was forecast")
except ValueError as fault:
    print("three quantiles, one step of at most 64:", str(fault)[:100])
assert three.predict(series, prediction_length=1, unrolled_quantiles=[0.1, 0.5, 0.9])[0].shape == (1, 3, 1)
nine = tiny([round(0.1 * k, 1) for k in range(1, 10)])
said = nine.predict_quantiles([np.full(30, np.nan)], prediction_length=4, quantile_levels=[0.5])[1][0]
print("30 missing values, median of the next four:", said.numpy().round(4).tolist())
assert torch.isfinite(said).all()
print("as described")
PY
