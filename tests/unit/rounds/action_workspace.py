"""A small round with a driver calendar: monthly, four products in two channels, prices and promotions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

__all__ = ["write_action_workspace", "write_busy_workspace"]

SETTINGS = """
[business]
name = "Small Shop"
currency = "EUR"
[calendar]
grain = "month"
[sales]
dimensions = ["product", "channel"]
measure = "units"
[drivers]
columns.price = "price"
columns.deal = "promotion"
columns.feature = "promotion"
[plan]
quarters = 2
seed = 7
"""
_REGISTER = """\
id,kind,title,owner,function,start,end,unit,low,expected,high,status,accepted_marketing,accepted_sales,\
product,channel,mechanic,depth
D1,promotion,Tea deal,trade,marketing,2026-02-01,2026-02-28,percent,10,30,50,accepted,{both},Tea,,deal,0.2
D2,promotion,Tea leaflet,trade,marketing,2026-02-01,2026-03-31,percent,5,20,30,proposed,,,Tea,web,deal,
F1,promotion,Cake feature,trade,marketing,2026-03-01,2026-03-31,percent,5,25,40,proposed,,,Cake,,feature,
P1,price_change,Milk dearer,price,marketing,2026-04-01,2026-06-30,percent,-9,-6,-2,accepted,{both},Milk,,,
M1,market_shift,Rival closes,research,marketing,2026-01-01,2026-06-30,percent,1,2,4,proposed,,,,,,
O1,one_off,Hotel order,key,sales,2026-02-01,2026-02-28,units,20,40,60,proposed,,,Rice,shop,,
""".replace("{both}", "trade 2025-12-01,sales 2025-12-01")


def write_action_workspace(folder: Path) -> Path:
    """Write the workspace's files into `folder`, which is made."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    months = pd.date_range("2020-01-01", "2026-06-01", freq="MS")
    sales, drivers = [], []
    for number, product in enumerate(["Cake", "Milk", "Rice", "Tea"]):
        for channel, share in (("shop", 1.0), ("web", 0.5)):
            for place, month in enumerate(months):
                past = month < pd.Timestamp("2026-01-01")
                deal = float((place + 2 * number) % 7 == 0 if past else (product, month.month) == ("Tea", 2))
                feature = float((place + number) % 5 == 0 if past else (product, month.month) == ("Cake", 3))
                price = 10.0 + number + (0.6 if product == "Milk" and not past and month.month >= 4 else 0.0)
                price *= 0.8 if deal else 1.0
                drivers.append([f"{month:%Y-%m-%d}", product, channel, round(price, 2), deal, feature])
                if past:
                    usual = (10.0 + number) / price
                    units = 200 * share * (1 + 0.2 * np.sin(place * np.pi / 6)) * usual**1.5 * 1.2**feature
                    units *= float(np.exp(rng.normal(0, 0.05)))
                    revenue = round(units * price, 2)
                    sales.append([f"{month:%Y-%m-%d}", product, channel, round(units), revenue])
    columns = ["period", "product", "channel"]
    pd.DataFrame(sales, columns=[*columns, "units", "revenue"]).to_csv(folder / "sales.csv", index=False)
    named = pd.DataFrame(drivers, columns=[*columns, "price", "deal", "feature"])
    named.to_csv(folder / "drivers.csv", index=False)
    (folder / "planning.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "assumptions.csv").write_text(_REGISTER, encoding="utf-8")
    (folder / "targets.csv").write_text("round,measure,target\n2026Q1,units,4400\n", encoding="utf-8")
    return folder


_MORE = """\
D3,promotion,May deal,trade,marketing,2026-05-01,2026-05-31,percent,10,25,50,accepted,{both},Tea,,deal,0.2
L1,promotion,Old deal,trade,marketing,2025-05-01,2025-05-31,percent,10,25,50,accepted,{both},Tea,,deal,0.2
""".replace("{both}", "trade 2025-12-01,sales 2025-12-01")


def write_busy_workspace(folder: Path) -> Path:
    """The same with a second deal of the same product, and with one that is over."""
    write_action_workspace(folder)
    register, drivers = folder / "assumptions.csv", folder / "drivers.csv"
    register.write_text(register.read_text(encoding="utf-8") + _MORE, encoding="utf-8")
    table = pd.read_csv(drivers)
    may = (table["period"] == "2026-05-01") & (table["product"] == "Tea")
    table.loc[may, "deal"] = 0.5
    table.to_csv(drivers, index=False)
    return folder
