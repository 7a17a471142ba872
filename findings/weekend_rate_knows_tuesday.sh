#!/usr/bin/env bash
# CurrencyConverter's fallback makes a weekend's rate from the rate of the Tuesday after.
#
# Guess: fallback_on_missing_rate=True takes the last rate that was known, as books and central banks do.
# What happens: the default method draws a straight line between the rates before and after. Amounts of Easter Saturday
# are converted with a share of a rate that was published three days later, so that a plan worked out again as of that
# day cannot be had. fallback_on_missing_rate_method="last_known" does what was guessed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check currencyconverter==0.18.23
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import datetime as dt
from importlib.metadata import version

from currency_converter import CurrencyConverter

line = CurrencyConverter(fallback_on_missing_rate=True)
known = CurrencyConverter(fallback_on_missing_rate=True, fallback_on_missing_rate_method="last_known")
print("currencyconverter", version("currencyconverter"), "- 1,000 EUR in USD over Easter 2023")
seen = {}
for day in [dt.date(2023, 4, 6) + dt.timedelta(days=k) for k in range(6)]:
    seen[day] = [round(one.convert(1000, "EUR", "USD", date=day), 2) for one in (line, known)]
    print(f"{day:%a %d %B}: by default {seen[day][0]:.2f}, last known {seen[day][1]:.2f}")
thursday, saturday, tuesday = (seen[dt.date(2023, 4, day)] for day in (6, 8, 11))
assert thursday == [1091.5, 1091.5] and tuesday == [1090.5, 1090.5]
assert saturday[1] == 1091.5 and 1091.0 < saturday[0] < 1091.2
print("as described")
PY
