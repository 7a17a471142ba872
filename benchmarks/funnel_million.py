"""One million leads: funnel and handling in time and memory.

Run: ``python benchmarks/funnel_million.py [leads]``. Reach: 20 s and 2 GB for 1,000,000 leads on two cores.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import conversion_by_cohort, fit_lag
from alignment_lib.funnel.handling import lead_handling
from alignment_lib.funnel.leads import prepare_leads
from alignment_lib.funnel.quality import lead_quality
from alignment_lib.funnel.stages import funnel_summary
from alignment_lib.funnel.win_model import fit_wins
from alignment_lib.inputs.periods.calendar import Calendar

AS_OF = pd.Timestamp("2025-12-28")
SOURCES = [f"source {number}" for number in range(12)]


def draw_tables(count: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leads over two years with some 1.8 contacts each, as the canonical tables hold them."""
    rng = np.random.default_rng(seed)
    created = AS_OF - pd.to_timedelta(rng.integers(0, 730 * 86_400, count), unit="s")
    names = np.array([f"L{number:07d}" for number in range(count)], dtype=object)
    source = rng.integers(0, len(SOURCES), count)
    wait = rng.lognormal(2.5, 1.0, count)
    reached = rng.random(count) < 0.85
    logit = -1.2 + 0.15 * (source - 6) - 0.7 * np.log1p(wait / 24)
    won = reached & (rng.random(count) < 1 / (1 + np.exp(-logit)))
    closed = created + pd.to_timedelta(wait, unit="h") + pd.to_timedelta(rng.gamma(2.0, 7.0, count), unit="D")
    rejected = ~won & (rng.random(count) < 0.08)
    ended = (won | (rng.random(count) < 0.8)) & (closed <= AS_OF)
    leads = pd.DataFrame(
        {
            "lead_id": names,
            "created": created,
            "source": np.array(SOURCES, dtype=object)[source],
            "campaign": np.array([f"campaign {number}" for number in range(40)], dtype=object)[
                rng.integers(0, 40, count)
            ],
            "device": np.where(rng.random(count) < 0.4, "mobile", "web"),
            "customer": "",
            "product": np.array(["A", "B", "C", "D"], dtype=object)[rng.integers(0, 4, count)],
            "accepted_at": pd.Series(created + pd.Timedelta(hours=4)).where(~rejected),
            "rejected_at": pd.Series(created + pd.Timedelta(hours=9)).where(rejected),
            "rejected_reason": np.where(rejected, "no need", ""),
            "opportunity_at": pd.Series(closed - pd.Timedelta(days=1)).where(won & ended),
            "closed_at": pd.Series(closed).where(ended),
            "outcome": np.where(ended, np.where(won, "won", "lost"), ""),
            "amount": np.where(won & ended, 500.0, np.nan),
            "handler": np.array(["inside sales", "field sales", "partner desk"], dtype=object)[
                rng.integers(0, 3, count)
            ],
        }
    )
    times = rng.integers(1, 4, count)
    place = np.repeat(np.arange(count), times)
    first = np.r_[True, place[1:] != place[:-1]]
    later = np.where(first, 0.0, rng.gamma(2.0, 24.0, len(place)))
    at = created.to_numpy()[place] + pd.to_timedelta(wait[place] + later, unit="h").to_numpy()
    contacts = pd.DataFrame(
        {"lead_id": names[place], "at": at, "reached": (reached[place] & first).astype(float)}
    )
    contacts["call_quality"] = rng.random(len(place))
    return leads, contacts[contacts["at"] <= AS_OF].reset_index(drop=True)


def main() -> None:
    """Print seconds by step and the peak of memory."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    leads, contacts = draw_tables(count)
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    calendar, steps, begun = Calendar("week"), {}, time.perf_counter()
    worked = time.process_time()

    def lap(name: str) -> None:
        nonlocal begun
        steps[name], begun = time.perf_counter() - begun, time.perf_counter()

    prepared = prepare_leads(leads, AS_OF, contacts, dimensions=["product"])
    lap("prepare")
    lag = fit_lag(prepared)
    lap("lag")
    funnel_summary(prepared, calendar, by=("source", "device"))
    lap("funnel")
    conversion_by_cohort(prepared, lag, calendar)
    lap("cohorts")
    model = fit_wins(prepared, lag, seed=1)
    lap("win model")
    lead_handling(prepared, model, calendar, cycle="quarter", by=("handler", "source"))
    lap("handling")
    lead_quality(prepared, lag, model, calendar, seed=1, cycle="quarter")
    lap("quality")
    worked = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    for name, seconds in steps.items():
        print(f"{name:12s} {seconds:6.2f} s")
    print(f"{'total':12s} {sum(steps.values()):6.2f} s for {count:,} leads, {len(contacts):,} contacts")
    print(f"{'processor':12s} {worked:6.2f} s, what is left of it on a machine with nothing else to do")
    print(f"peak memory  {peak:6.2f} GB, of which the drawn tables {base:.2f} GB")


if __name__ == "__main__":
    main()
