"""A small workspace with a line that nets returns: more comes back than is sold in most of its months."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["ROUND", "make_netting_unit"]

ROUND = "2026Q1"
_SETTINGS = """[business]
name = "Machines and what comes back"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["line", "channel"]
[plan]
quarters = 2
"""
_BOTH = "brand 2025-12-01,sales 2025-12-01"
_ASSUMPTIONS = f"""\
id,kind,title,owner,function,start,end,unit,low,expected,high,status,line,moves_from,moved_share,\
pull_forward_share,accepted_marketing,accepted_sales
A1,promotion,Winter,brand,marketing,2026-02-01,2026-03-31,percent,10,25,40,accepted,Printer,,,0.2,{_BOTH}
A2,market_shift,Offices shrink,sales,sales,2026-01-01,2026-06-30,percent,-12,-5,0,accepted,,,,,{_BOTH}
A3,one_off,Tender,sales,sales,2026-03-01,2026-03-31,units,20,60,110,proposed,Printer,Cartridge,0.3,,,
A4,one_off,Recall,service,sales,2026-02-01,2026-03-31,units,-90,-60,-20,accepted,Returned,,,,{_BOTH}
"""


def make_netting_unit(folder: Path) -> Path:
    """Monthly sales of three lines in two channels, January 2022 to January 2026."""
    folder.mkdir(parents=True)
    (folder / "planning.toml").write_text(_SETTINGS)
    (folder / "assumptions.csv").write_text(_ASSUMPTIONS)
    (folder / "targets.csv").write_text(
        f"round,measure,line,channel,target\n{ROUND},units,,,850\n{ROUND},units,Printer,,600\n"
    )
    months = pd.date_range("2022-01-01", "2026-01-01", freq="MS")
    noise, season = np.random.default_rng(4), np.sin(2 * np.pi * months.month / 12)
    parts = []
    for line, level, spread in (("Printer", 100, 8), ("Cartridge", 60, 6), ("Returned", -9, 14)):
        for channel, share in (("shop", 1.0), ("web", 0.7)):
            sold = share * (level * (1 + 0.1 * season) + noise.normal(0, spread, len(months)))
            parts.append(
                pd.DataFrame({"period": months, "line": line, "channel": channel, "units": sold.round()})
            )
    pd.concat(parts).to_csv(folder / "sales.csv", index=False, date_format="%Y-%m-%d")
    return folder
