#!/usr/bin/env bash
# LightGBM on Dask learns half of the history when the rows are sorted by time, as sales tables are.
#
# Guess: data-parallel training on two workers finds nearly the trees of one machine; the order of the rows does not
# matter, for the histograms of both workers are added up.
# What happens: each worker chooses the cut points of its share of the columns from its own rows alone. Sorted by
# time, the worker that owns the column of time knows one half of the years; the other half falls in one bin. The
# error there is more than twenty times that of one machine. Rows shuffled beforehand: the same as on one machine.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check lightgbm==4.7.0 dask==2026.8.0 distributed==2026.8.0 pandas==2.3.3 pyarrow==26.0.1 numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import logging
import warnings

import dask.array as da
import lightgbm as lgb
import numpy as np
from distributed import Client, LocalCluster

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
rows = 4000
week = np.arange(rows, dtype=float)
draw = np.random.default_rng(0)
features = np.c_[week, draw.uniform(size=rows)]
sales = 100 * np.sin(week / rows * 12) + draw.normal(0, 1, rows)
halves = {"first half": slice(0, rows // 2), "second half": slice(rows // 2, rows)}


def errors(model):
    off = model.predict(features) - sales
    return {name: round(float(np.sqrt(np.mean(off[part] ** 2))), 1) for name, part in halves.items()}


alone = errors(lgb.LGBMRegressor(n_estimators=200, verbose=-1, n_jobs=1).fit(features, sales))
found = {}
with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
    for name, order in (("sorted by time", np.arange(rows)), ("shuffled", draw.permutation(rows))):
        x, y = da.from_array(features[order], chunks=(rows // 2, 2)), da.from_array(sales[order], chunks=rows // 2)
        trained = lgb.DaskLGBMRegressor(n_estimators=200, verbose=-1, client=client).fit(x, y)
        found[name] = errors(trained.to_local())
print("lightgbm", lgb.__version__, "- typical error, sales between -100 and 100")
print("one machine:", alone)
for name, measured in found.items():
    print(f"two workers, rows {name}: {measured}")
assert max(alone.values()) < 2 and max(found["shuffled"].values()) < 2
assert max(found["sorted by time"].values()) > 20 * max(alone.values())
print("as described")
PY
