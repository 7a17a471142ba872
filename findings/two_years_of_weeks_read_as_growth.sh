#!/usr/bin/env bash
# statsforecast's AutoETS, told of a yearly season, plans the way from winter to summer as growth that goes on.
#
# Guess: with two years of weeks and season_length=52 the automatic choice finds the season that fills the chart; with
# less than two years it refuses one or stays near the level.
# What happens: the choice weighs 52 seasonal values against as few years by AICc and takes a trend without a season,
# from 60 weeks as from 110: a steady business of 100 a week is planned at 151 and 170. Named as "AAA" the same code
# finds the season at once (at 53 weeks it raises). At 78 weeks it plans a decline instead.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check statsforecast==2.1.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import numpy as np
import statsforecast
from statsforecast.models import AutoETS

draw = np.random.default_rng(0)
print("statsforecast", statsforecast.__version__, "- sales around 100 a week, 130 in spring and 70 in autumn, every year")
seen = {}
for weeks in (60, 78, 110):
    time = np.arange(weeks + 52)
    sales = 100 + 30 * np.sin(2 * np.pi * time / 52) + draw.normal(0, 1, weeks + 52)
    planned = {name: AutoETS(season_length=52, model=name).forecast(y=sales[:weeks], h=52)["mean"] for name in ("ZZZ", "AAA")}
    seen[weeks] = {name: float(values.mean()) for name, values in planned.items()}
    print(f"{weeks} weeks: next year's mean {sales[weeks:].mean():.0f}, chosen automatically {seen[weeks]['ZZZ']:.0f}, named AAA {seen[weeks]['AAA']:.0f}")
assert all(abs(means["AAA"] - 100) < 3 for means in seen.values())
assert seen[60]["ZZZ"] > 140 and seen[110]["ZZZ"] > 140 and seen[78]["ZZZ"] < 80
print("as described")
PY
