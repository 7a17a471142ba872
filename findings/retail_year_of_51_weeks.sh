#!/usr/bin/env bash
# retailcalendar gives the year after a 53rd week 51 weeks, and draws twelve months of 52 over them.
#
# Guess: a 4-5-4 package counts years of 52 or 53 weeks. 2023 had the 53rd, so 2024 runs from 4 February 2024 to
# 1 February 2025, as the National Retail Federation published it, and 2025 begins the day after.
# What happens: 2023 is right. 2024 ends on 25 January 2025 after 51 weeks, but its months run to 1 February; 2025
# begins on 26 January, in the middle of 2024's last month, and has 53 weeks. So it goes after every long year.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check retailcalendar==1.0.0
cd "$folder"
"$folder/env/bin/python" - <<'PY'
from importlib.metadata import version

from retailcalendar import Cal454

print("retailcalendar", version("retailcalendar"))
weeks, drawn = {}, {}
for year in range(2022, 2027):
    first, last = Cal454.year_start_date(year), Cal454.year_end_date(year)
    months = Cal454(year)
    weeks[year] = ((last - first).days + 1) // 7
    drawn[year] = ((months.month_end_dates()[-1] - months.month_start_dates()[0]).days + 1) // 7
    print(f"{year}: {first} to {last}, {weeks[year]} weeks; its twelve months have {drawn[year]}, until {months.month_end_dates()[-1]}")
assert weeks == {2022: 52, 2023: 53, 2024: 51, 2025: 53, 2026: 52}, weeks
assert drawn == {2022: 52, 2023: 53, 2024: 52, 2025: 52, 2026: 52}, drawn
print("as described")
PY
