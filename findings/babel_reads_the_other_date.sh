#!/usr/bin/env bash
# babel reads a date that its locale cannot mean by exchanging day and month, without a word.
#
# Guess: `parse_date("13/2/2025", locale="en_US")` raises: there is no thirteenth month. One column of dates is
# read in one order, or not at all.
# What happens: a month above twelve makes it exchange the two silently, value by value. A column written day first
# and read as American gives eleven days of February as other months and the rest right: no row is refused.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check babel==2.19.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import babel
from babel.dates import ParseError, parse_date

written = [f"{day}/2/2025" for day in range(1, 29)]  # the days of February, day first
read = [parse_date(text, locale="en_US") for text in written]
february = sum(day.month == 2 for day in read)
print("babel", babel.__version__)
print(f"28 days of February 2025 read as en_US: {february} in February, {28 - february} elsewhere, 0 refused")
print("for example:", {text: str(day) for text, day in zip(written[10:14], read[10:14], strict=True)})
assert february == 17 and str(read[12]) == "2025-02-13" and str(read[10]) == "2025-11-02"
try:
    parse_date("31.04.2025", locale="de")
    raise SystemExit("a 31st of April was read")
except ParseError as fault:
    print("but:", fault)
print("as described")
PY
