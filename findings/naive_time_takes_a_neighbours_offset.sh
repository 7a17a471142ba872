#!/usr/bin/env bash
# pandas gives a time without an offset the offset of the time that stands above it.
#
# Guess: with utc=True a time that names no zone is taken as UTC (as the manual says), whatever stands beside it.
# What happens with format="ISO8601": the offset last read is applied to the naive times below it in the same list.
# The very same two texts in the other order give another moment; a contact of 09:00 moves by ten hours, over
# midnight, because of the row above.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check pandas==2.3.3 numpy==2.4.6
cd "$folder"
"$folder/env/bin/python" - <<'PY'
import pandas as pd

offset, naive = "2026-04-08T08:30:00+10:00", "2026-04-01 09:00"
below = pd.to_datetime([offset, naive], format="ISO8601", utc=True)[1]
above = pd.to_datetime([naive, offset], format="ISO8601", utc=True)[0]
alone = pd.to_datetime([naive], format="ISO8601", utc=True)[0]
print("pandas", pd.__version__)
print(f"{naive!r} alone: {alone}; above a time with an offset: {above}; below it: {below}")
assert str(alone) == str(above) == "2026-04-01 09:00:00+00:00"
assert str(below) == "2026-03-31 23:00:00+00:00"
print("as described")
PY
