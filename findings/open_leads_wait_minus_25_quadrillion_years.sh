#!/usr/bin/env bash
# lifelines counts a lead that is still open as minus 9,223,372,036,854,775,808 days when dates are written day first.
#
# Guess: dayfirst=True says how the two columns of dates are written; fill_date="2025-06-01" is ISO and means 1 June.
# What happens: dayfirst holds for the fill date, too, which is written into the column of ends first. Alone there it is
# read as 6 January; beside a date such as 20.02.2025 it no longer fits the column's form, becomes "no date", and
# the missing date becomes the smallest whole number. A warning says that some starts lie after their ends; the
# Kaplan-Meier fitter takes the number, and the open lead is never at risk.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check lifelines==0.30.3 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import warnings
from importlib.metadata import version

import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.utils import datetimes_to_durations

warnings.simplefilter("ignore")
began, ended = ["01.02.2025", "01.02.2025", "01.02.2025"], ["20.02.2025", None, None]
print("lifelines", version("lifelines"), "- three leads of 1 February; one closes on the 20th, two are open on 1 June")
seen = {}
for name, day in (("as text", "2025-06-01"), ("as a date", pd.Timestamp("2025-06-01"))):
    days, closed = datetimes_to_durations(began, ended, fill_date=day, dayfirst=True)
    share = 1 - KaplanMeierFitter().fit(days, closed).predict(30)
    seen[name] = days.tolist(), round(float(share), 3)
    print(f"fill date {name}: days {days.tolist()}, converted within 30 days {share:.0%}")
alone, _ = datetimes_to_durations(["01.02.2025"], [None], fill_date="2025-06-01", dayfirst=True)
print("an open lead alone, fill date as text: days", alone.tolist(), "- there are 120 to 1 June")
assert seen["as a date"] == ([19.0, 120.0, 120.0], 0.333)
assert seen["as text"] == ([19.0, -2.0**63, -2.0**63], 1.0)
assert alone.tolist() == [-26.0]
print("as described")
PY
