"""The register of assumptions: what was claimed in three earlier rounds and is claimed in this one.

Owners differ on purpose. Trade marketing claims about twice what promotions bring; sales planning and
key accounts claim too little of what is good and too much of what is bad; digital marketing is about
right. The truth of each claim stands in `data.generator.actions`, the promotion calendar or the price
list.
"""

from __future__ import annotations

import pandas as pd

__all__ = ["COLUMNS", "assumptions_table"]

COLUMNS = [
    "id", "kind", "title", "owner", "function", "start", "end", "unit", "low", "expected", "high", "status",
    "rationale", "evidence", "recorded", "accepted_marketing", "accepted_sales", "product", "channel",
    "sale_type", "ramp", "mechanic", "depth", "elasticity", "moves_from", "moves_to", "moved_share",
    "pull_forward_share", "analog", "replaces", "driver", "lever",
]  # fmt: skip

Row = dict[str, object]
_SIGNED = {
    "2025Q2": {"accepted_marketing": "head of marketing 2025-03-26", "accepted_sales": "head of sales 2025-03-27"},
    "2025Q3": {"accepted_marketing": "head of marketing 2025-06-25", "accepted_sales": "head of sales 2025-06-26"},
    "2025Q4": {"accepted_marketing": "head of marketing 2025-09-24", "accepted_sales": "head of sales 2025-09-25"},
    "2026Q1": {"accepted_marketing": "head of marketing 2025-12-17", "accepted_sales": "head of sales 2025-12-18"},
}


def _claim(
    what: str, owner: str, days: str, unit: str, claimed: tuple[float, float, float], status: str, recorded: str,
    rationale: str, evidence: str = "", **more: object,
) -> Row:  # fmt: skip
    """One row: `what` is ``id | kind | title``, `owner` ``role, function``, `days` ``start to end``."""
    number, kind, title = (part.strip() for part in what.split("|"))
    role, function = (part.strip() for part in owner.split(","))
    start, end = days.split(" to ")
    low, expected, high = claimed
    row: Row = {"id": number, "kind": kind, "title": title, "owner": role, "function": function}
    row |= {"start": start, "end": end, "unit": unit, "low": low, "expected": expected, "high": high}
    row |= {"status": status, "rationale": rationale, "evidence": evidence, "recorded": recorded}
    if status == "accepted":
        row |= _SIGNED[f"20{number[1:5]}"]
    return row | more


def _round_2025q2() -> list[Row]:
    return [
        _claim("R25Q2-1 | promotion | House Blend front page and newsletter before Easter", "trade marketing, marketing",
               "2025-04-07 to 2025-04-20", "percent", (45, 70, 95), "accepted", "2025-03-17",
               "Doubled newsletter circulation and Easter demand", "drivers: feature", product="House Blend",
               mechanic="feature", pull_forward_share=0.10),
        _claim("R25Q2-2 | promotion | Espresso Machine price cut 15 %", "trade marketing, marketing",
               "2025-05-05 to 2025-05-18", "percent", (50, 85, 120), "accepted", "2025-03-17",
               "Deepest spring offer in the market", "drivers: price_cut", product="Espresso Machine",
               mechanic="price_cut", depth=0.15, pull_forward_share=0.15, moves_from="Compact Machine",
               moved_share=0.10),
        _claim("R25Q2-3 | digital | Reminder to reorder in the app", "digital marketing, marketing",
               "2025-04-14 to 2026-03-29", "percent", (2, 5, 8), "accepted", "2025-03-18",
               "Split test on a tenth of the users", "split test February 2025", channel="mobile app",
               sale_type="repeat", lever="visits"),
        _claim("R25Q2-4 | one_off | First order of a hotel group", "key accounts, sales",
               "2025-05-19 to 2025-05-25", "units", (40, 60, 80), "accepted", "2025-03-20",
               "Letter of intent; fewer machines are safe", "letter of intent", product="Espresso Machine",
               channel="partner", sale_type="new"),
        _claim("R25Q2-5 | price_change | Single Origin list price +5 %", "sales planning, sales",
               "2025-05-26 to 2025-06-29", "percent", (-20, -15, -10), "accepted", "2025-03-20",
               "Shops expect customers to go down to House Blend", "drivers: price", product="Single Origin",
               driver="price"),
        _claim("R25Q2-6 | market_shift | Roadworks before the largest shops", "sales planning, sales",
               "2025-04-21 to 2025-06-29", "percent", (-8, -5, -2), "accepted", "2025-03-21",
               "Two streets closed until the end of June", channel="shop"),
        _claim("R25Q2-7 | promotion | Single Origin triple points", "customer marketing, marketing",
               "2025-06-09 to 2025-06-22", "percent", (18, 28, 40), "accepted", "2025-03-18",
               "As in the two summers before", "drivers: loyalty", product="Single Origin", mechanic="loyalty",
               pull_forward_share=0.25),
    ]  # fmt: skip


def _round_2025q3() -> list[Row]:
    return [
        _claim("R25Q3-1 | delisting | Filter Machine leaves the range", "sales planning, sales",
               "2025-06-30 to 2026-06-28", "percent", (-100, -100, -100), "accepted", "2025-06-16",
               "Old model; some buyers will take the Compact Machine", "", product="Filter Machine",
               moves_to="Compact Machine", moved_share=0.20),
        _claim("R25Q3-2 | promotion | House Blend summer price cut 20 %", "trade marketing, marketing",
               "2025-07-14 to 2025-07-27", "percent", (70, 110, 150), "accepted", "2025-06-16",
               "Fills the summer gap", "drivers: price_cut", product="House Blend", mechanic="price_cut",
               depth=0.20, pull_forward_share=0.15),
        _claim("R25Q3-3 | promotion | Compact Machine back-to-office feature", "trade marketing, marketing",
               "2025-08-18 to 2025-08-31", "percent", (40, 70, 100), "accepted", "2025-06-17",
               "Offices fill again after the holidays", "drivers: feature", product="Compact Machine",
               mechanic="feature", pull_forward_share=0.05),
        _claim("R25Q3-4 | digital | Shorter checkout on the web", "digital marketing, marketing",
               "2025-07-21 to 2026-06-28", "percent", (3, 6, 9), "accepted", "2025-06-17",
               "Half the steps; abandoned baskets fell in the test", "split test May 2025", channel="web",
               sale_type="new", lever="conversion"),
        _claim("R25Q3-5 | new_product | Barista Blend", "brand marketing, marketing",
               "2025-09-08 to 2025-12-28", "units", (900, 1500, 2100), "accepted", "2025-06-18",
               "Premium blend for espresso at home", "analog: Decaf Blend", product="Barista Blend",
               sale_type="upsell", ramp="s-curve", analog="Decaf Blend", moves_from="Single Origin",
               moved_share=0.20),
        _claim("R25Q3-6 | one_off | University canteens stock up", "key accounts, sales",
               "2025-09-01 to 2025-09-07", "units", (100, 160, 220), "accepted", "2025-06-19",
               "Tender won; first delivery before term", "tender", product="House Blend", channel="partner",
               sale_type="repeat"),
        _claim("R25Q3-7 | one_off | Free delivery over the summer", "brand marketing, marketing",
               "2025-07-07 to 2025-08-31", "percent", (2, 6, 10), "proposed", "2025-06-19",
               "Delivery cost is the first reason to leave the basket", "", channel="web",
               accepted_marketing="head of marketing 2025-06-25"),
    ]  # fmt: skip


def _round_2025q4() -> list[Row]:
    return [
        _claim("R25Q4-1 | promotion | House Blend Advent points", "trade marketing, marketing",
               "2025-11-24 to 2025-12-07", "percent", (30, 50, 70), "accepted", "2025-09-15",
               "Members shop for gifts anyway", "drivers: loyalty", product="House Blend", mechanic="loyalty",
               pull_forward_share=0.10),
        _claim("R25Q4-2 | promotion | Compact Machine price cut 20 % in the last week of November",
               "trade marketing, marketing", "2025-11-24 to 2025-11-30", "percent", (90, 135, 180), "accepted",
               "2025-09-15", "Largest shopping week of the year", "drivers: price_cut", product="Compact Machine",
               mechanic="price_cut", depth=0.20, pull_forward_share=0.15),
        _claim("R25Q4-3 | digital | Gift finder in the app", "digital marketing, marketing",
               "2025-11-03 to 2025-12-21", "percent", (4, 8, 12), "accepted", "2025-09-16",
               "Last year's visitors asked for it", "survey of app users", channel="mobile app", sale_type="new",
               lever="conversion"),
        _claim("R25Q4-4 | market_shift | A competitor for machines closes", "sales planning, sales",
               "2025-10-13 to 2026-09-27", "percent", (1, 3, 5), "accepted", "2025-09-18",
               "Three of their shops are near ours", "", product="Espresso Machine"),
        _claim("R25Q4-5 | consumer_shift | Shop customers move to the app", "digital marketing, marketing",
               "2025-09-29 to 2025-12-28", "percent", (-5, -3, -1), "accepted", "2025-09-16",
               "Click and collect opens in all shops", "", channel="shop", ramp="linear", moves_to="mobile app",
               moved_share=1.0),
        _claim("R25Q4-6 | promotion | Barista Blend introduction on the front page", "brand marketing, marketing",
               "2025-10-20 to 2025-11-02", "percent", (30, 60, 90), "accepted", "2025-09-17",
               "New product, full front page", "drivers: feature", product="Barista Blend", mechanic="feature"),
        _claim("R25Q4-7 | price_change | Care Kit list price +8 %", "sales planning, sales",
               "2025-11-03 to 2025-12-28", "percent", (-12, -8, -4), "rejected", "2025-09-18",
               "Margin; refused because of the Advent season", "drivers: price", product="Care Kit",
               driver="price"),
    ]  # fmt: skip


def _round_2026q1() -> list[Row]:
    return [
        _claim("R26Q1-01 | market_shift | Coffee outside the home recovers", "market research, marketing",
               "2025-12-29 to 2027-01-03", "percent", (1, 2, 3), "accepted", "2025-12-08",
               "Panel reading for the autumn, offices fuller than a year ago", "ST1", ramp="linear"),
        _claim("R26Q1-02 | promotion | House Blend January front page and newsletter", "trade marketing, marketing",
               "2026-01-19 to 2026-02-01", "percent", (50, 80, 110), "proposed", "2025-12-08",
               "Best page of the month, twice the circulation", "drivers: feature", product="House Blend",
               mechanic="feature", pull_forward_share=0.10, accepted_marketing="head of marketing 2025-12-17"),
        _claim("R26Q1-03 | promotion | Espresso Machine spring price cut 15 %", "trade marketing, marketing",
               "2026-03-09 to 2026-03-22", "percent", (25, 43, 60), "accepted", "2025-12-08",
               "Set at what the last three such cuts brought", "drivers: price_cut", product="Espresso Machine",
               mechanic="price_cut", depth=0.15, pull_forward_share=0.30, moves_from="Compact Machine",
               moved_share=0.14),
        _claim("R26Q1-04 | promotion | Single Origin triple points in February", "customer marketing, marketing",
               "2026-02-16 to 2026-03-01", "percent", (18, 28, 38), "accepted", "2025-12-09",
               "Three earlier rounds of points", "drivers: loyalty", product="Single Origin", mechanic="loyalty",
               pull_forward_share=0.25),
        _claim("R26Q1-05 | price_change | House Blend list price +4 %", "sales planning, sales",
               "2026-02-02 to 2027-01-03", "percent", (3, 4, 5), "accepted", "2025-12-09",
               "Green coffee; the volume follows by the elasticity of the study", "ST2; drivers: price",
               product="House Blend", elasticity=-1.3, driver="price"),
        _claim("R26Q1-06 | new_product | Cold Brew Pack", "brand marketing, marketing",
               "2026-05-04 to 2027-01-03", "units", (3000, 4500, 6000), "proposed", "2025-12-10",
               "Ready for the summer; larger than Barista Blend", "ST1; analog: Barista Blend",
               product="Cold Brew Pack", sale_type="cross_sell", ramp="s-curve", analog="Barista Blend",
               moves_from="Single Origin", moved_share=0.25),
        _claim("R26Q1-07 | delisting | Decaf Blend leaves the shops", "sales planning, sales",
               "2026-09-28 to 2027-01-03", "percent", (-100, -100, -100), "draft", "2025-12-11",
               "Shelf space for the Cold Brew Pack", "", product="Decaf Blend", channel="shop",
               moves_to="House Blend", moved_share=0.40),
        _claim("R26Q1-08 | new_channel | House Blend on a marketplace", "digital marketing, marketing",
               "2026-04-06 to 2027-01-03", "units", (900, 1500, 2100), "proposed", "2025-12-10",
               "Offer from the operator; first category partner", "operator's forecast", product="House Blend",
               channel="marketplace", sale_type="new", ramp="s-curve", moves_from="web", moved_share=0.20,
               accepted_marketing="head of marketing 2025-12-17"),
        _claim("R26Q1-09 | digital | One-tap reorder in the app", "digital marketing, marketing",
               "2026-01-12 to 2027-01-03", "percent", (3, 6, 9), "accepted", "2025-12-10",
               "Test group ordered more often", "ST2", channel="mobile app", sale_type="repeat",
               lever="conversion"),
        _claim("R26Q1-10 | digital | Faster product pages on the web", "digital marketing, marketing",
               "2026-02-09 to 2027-01-03", "percent", (1, 3, 5), "proposed", "2025-12-10",
               "Half the loading time on phones", "", channel="web", sale_type="new", lever="visits"),
        _claim("R26Q1-11 | consumer_shift | More shop customers move to the app", "digital marketing, marketing",
               "2025-12-29 to 2026-12-27", "percent", (-5, -3, -1), "accepted", "2025-12-10",
               "Click and collect goes on", "ST1", channel="shop", ramp="linear", moves_to="mobile app",
               moved_share=1.0),
        _claim("R26Q1-12 | one_off | A hotel group opens three houses", "key accounts, sales",
               "2026-02-23 to 2026-03-01", "units", (60, 90, 120), "accepted", "2025-12-11",
               "Signed for two houses, the third is likely", "contract", product="Espresso Machine",
               channel="partner", sale_type="new"),
        _claim("R26Q1-13 | one_off | Vending corners at ten stations", "brand marketing, marketing",
               "2026-02-02 to 2026-06-28", "percent", (150, 250, 400), "proposed", "2025-12-12",
               "Half a million commuters see the code for the app", "", channel="mobile app", sale_type="new"),
        _claim("R26Q1-14 | market_shift | A competitor opens next to the largest shops", "sales planning, sales",
               "2026-03-02 to 2027-01-03", "percent", (-8, -5, -2), "proposed", "2025-12-11",
               "Shop staff expect to lose passing trade", "", channel="shop", ramp="linear"),
        _claim("R26Q1-15 | promotion | Iced coffee summer feature", "trade marketing, marketing",
               "2026-06-15 to 2026-06-28", "percent", (40, 60, 80), "draft", "2025-12-12",
               "First idea, no page booked", "", product="Single Origin", mechanic="feature"),
        _claim("R26Q1-16 | promotion | Care Kit at half price", "trade marketing, marketing",
               "2026-02-09 to 2026-02-22", "percent", (100, 150, 200), "rejected", "2025-12-08",
               "Refused: below cost, and last summer's buyers stocked up", "drivers: price_cut",
               product="Care Kit", mechanic="price_cut", depth=0.50, pull_forward_share=0.30),
        _claim("R26Q1-17 | promotion | House Blend newsletter to members in late January",
               "customer marketing, marketing", "2026-01-26 to 2026-02-01", "percent", (15, 25, 35), "proposed",
               "2025-12-12", "Members read it twice as often", "drivers: feature", product="House Blend",
               mechanic="feature"),
    ]  # fmt: skip


def assumptions_table() -> pd.DataFrame:
    """Return the whole register in the columns of the contract, ordered by id."""
    rows = _round_2025q2() + _round_2025q3() + _round_2025q4() + _round_2026q1()
    table = pd.DataFrame(rows).reindex(columns=COLUMNS)
    return table.sort_values("id", ignore_index=True)
