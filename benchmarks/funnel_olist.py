"""Real leads: the Olist marketing funnel through a documented mapping.

Run: ``python benchmarks/funnel_olist.py [folder]``. The data are read where they lie and never copied.

Mapping to the canonical `leads` table:

=====================================  ==========================================================
marketing_qualified_leads              leads
=====================================  ==========================================================
mql_id                                 lead_id
first_contact_date                     created (a day: the hour is not known)
origin (empty becomes ``unknown``)     source
landing_page_id                        campaign
closed_deals.won_date                  closed_at, outcome ``won``; no row: still open *or* lost
closed_deals.declared_monthly_revenue  not used (45 of 842 above 0): amounts are unknown
=====================================  ==========================================================

Deals are recorded from December 2017 only. Leads created before the first recorded deal are left out
where conversion or lag is estimated, because their earlier deals are missing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from alignment_lib.funnel.cohorts import conversion_by_cohort, estimate_conversion, fit_lag
from alignment_lib.funnel.leads import FunnelLeads, prepare_leads
from alignment_lib.funnel.stages import funnel_summary
from alignment_lib.funnel.win_model import calibrate_wins, fit_wins
from alignment_lib.inputs.periods.calendar import Calendar

FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "olist_funnel"


def read_olist(folder: Path = FOLDER) -> tuple[pd.DataFrame, pd.Timestamp, pd.Timestamp]:
    """Leads in canonical form, the last day known, and the first day on which deals were recorded."""
    leads = pd.read_csv(folder / "marketing_qualified_leads.csv.gz", keep_default_na=False)
    deals = pd.read_csv(folder / "closed_deals.csv.gz", keep_default_na=False, usecols=["mql_id", "won_date"])
    deals["won_date"] = pd.to_datetime(deals["won_date"])
    merged = leads.merge(deals, on="mql_id", how="left", validate="one_to_one")
    table = pd.DataFrame(
        {
            "lead_id": merged["mql_id"],
            "created": pd.to_datetime(merged["first_contact_date"]),
            "source": merged["origin"].replace("", "unknown"),
            "campaign": merged["landing_page_id"],
            "closed_at": merged["won_date"],
            "outcome": merged["won_date"].notna().map({True: "won", False: ""}),
        }
    )
    return table, deals["won_date"].max().normalize(), deals["won_date"].min().normalize()


def since(leads: FunnelLeads, day: pd.Timestamp) -> FunnelLeads:
    """The same leads, those created before `day` left out."""
    kept = leads.table[leads.table["created"] >= day].reset_index(drop=True)
    return FunnelLeads(
        kept, leads.now, leads.dimensions, leads.recorded, leads.promise, leads.merges, leads.notices
    )


def main() -> None:
    """Print what the funnel says of the Olist leads."""
    table, last_day, recorded_from = read_olist(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    leads, calendar = prepare_leads(table, last_day), Calendar("month")
    print(f"{len(table):,} leads to {last_day:%Y-%m-%d}, {int(leads.table['is_won'].sum())} won")
    for notice in leads.notices:
        print(f"  {notice.code} ({notice.count}): {notice.text}")
    usable = since(leads, recorded_from)
    lag = fit_lag(usable)
    print(f"{len(usable.table):,} leads created since deals are recorded ({recorded_from:%Y-%m-%d})")
    print(f"won within {lag.horizon_days} days: {lag.conversion:.1%} ± {1.645 * lag.standard_error[-1]:.1%}")
    print(f"lag: half within {lag.quantile(0.5):.0f} days, nine tenths within {lag.quantile(0.9):.0f}")
    print(conversion_by_cohort(usable, lag, calendar, "month", by=()).round(3).to_string(index=False))
    source = usable.table["source"].cat.remove_unused_categories()
    rates = estimate_conversion(
        source.cat.codes.to_numpy(), len(source.cat.categories), usable.table["is_won"].to_numpy(),
        lag.share_by(usable.table["age_days"].to_numpy()),
    )  # fmt: skip
    print(rates.assign(source=source.cat.categories).round(3).to_string(index=False))
    model = fit_wins(usable, lag, seed=1)
    print("win model:", "none" if model is None else f"{model.leads:,} leads, {model.won} won")
    bins, summary = calibrate_wins(usable, lag, seed=1)
    print(bins.round(3).to_string(index=False), {name: round(value, 4) for name, value in summary.items()})
    _, notices = funnel_summary(leads, calendar)
    print([notice.text for notice in notices])


if __name__ == "__main__":
    main()
