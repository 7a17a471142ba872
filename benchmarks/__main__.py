"""Every benchmark, one after the other, each in a process of its own: ``python -m benchmarks [NAME …]``.

Those that write their own section of docs/benchmarks.md do; what the others print becomes theirs.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.page import Section, write_section

ROOT = Path(__file__).resolve().parent.parent
WRITE_THEMSELVES = (
    "baseline",
    "effects",
    "effects_markdowns",
    "revenue_prices",
    "run_speed",
    "large_units",
    "planning_coverage",
    "decisions_truth",
    "explorer_speed",
    "watch_truth",
)
PRINTED = {
    "check_speed": "alignment check on 1,000,000 sales rows",
    "workbook_speed": "a workbook of 1,000,000 order lines",
    "import_speed": "alignment import of 1,000,000 order lines",
    "planning_recompute": "Change one assumption, plan and bridge again",
    "planning_simulation": "Odds by simulation",
    "decisions_speed": "Consequences of every open decision, processor time",
    "next_test_power": "What a holdout says it sees, against known worlds",
    "response": "Response to spend on worlds with a known truth",
    "kept_history": "Keeping and comparing what rounds read, 913 series × 119 weeks",
    "pipeline": "Open opportunities on systems with a known truth",
    "funnel_recovery": "Known funnel effects, found again",
    "weak_points": "Weak points that are not noise",
    "funnel_million": "1,000,000 leads",
    "funnel_olist": "A real funnel: Olist",
    "words_speed": "An analyst's words",
    "demo_report": "The report of one demo unit",
    "batch_speed": "Many demo units",
    "import_proposals": "Columns of exports, proposed",
    "charts": "A chart of a page, both widths, processor time",
}


def run(name: str) -> int:
    """Run one benchmark; what it prints goes to the screen, and to the page where it is not there yet."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    sys.stdout.write(f"{name}\n{done.stdout}\n")
    if name in PRINTED and done.returncode == 0:
        write_section(Section(name, PRINTED[name], f"```\n{done.stdout.strip()}\n```"))
    return done.returncode


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; returns how many failed."""
    known = (*WRITE_THEMSELVES, *PRINTED)
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.stderr.write(f"no benchmark is called {unknown[0]}; there are: {', '.join(known)}\n")
        return 2
    return min(1, sum(run(name) != 0 for name in names or known))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
