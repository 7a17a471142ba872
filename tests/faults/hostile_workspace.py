"""A workspace with a given text in every text field that the data dictionary knows, and in the settings.

Each table has one row for each text at least. What a field must refer to (a product, a driver, an id) is
itself named by a hostile text, so that the references hold it too. Only the fields of `CLOSED` hold no free
text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from alignment_lib.inputs.dictionary import DIMENSION, DRIVER, Field, load_dictionary

__all__ = ["CLOSED", "find_unfilled", "make_hostile_workspace"]

CLOSED = {
    ("targets", "round"),
    ("decisions", "round"),
    ("workgroups", "kpi"),
    ("briefs", "regular_customers_informed"),
    ("assumptions", "driver"),
    ("costs", "currency"),
    ("opportunities", "currency"),
}
"""Names of rounds, a listed figure, a count with its date, a heading, which is hostile itself, a currency."""
LISTS = {"moves_from", "moves_to", "assumptions"}
"""Columns whose names are parted by semicolons: a text with one in it would be two of them."""
SETTINGS = """\
[business]
name = {name}
currency = "EUR"
[calendar]
grain = "month"
[sales]
source = {{ file = {file} }}
dimensions = [{dimension}, "sale_type"]
sale_type = "sale_type"
[drivers]
columns = {{ {driver} = "promotion" }}
[plan]
quarters = 1
[incentives]
pool = 1000.0
[[override]]
span = "2026Q1"
value = {total}
reason = {reason}
scope = {{ {dimension} = [{product}] }}
[names]
{names}
"""
EMPTY = {"depth", "elasticity", "moved_share", "pull_forward_share", "lever", "ramp"}
"""Numbers and choices that mean something for one kind of assumption alone."""


def make_hostile_workspace(folder: Path, texts: Sequence[str], dimension: str, driver: str) -> Path:
    """Write the workspace.

    Parameters
    ----------
    folder : Path
        To be made.
    texts : sequence of str
        One row for each in every table.
    dimension, driver : str
        Headings, hostile too; at most 60 characters.
    """
    folder.mkdir(parents=True)
    file = "sales.csv"
    _write_settings(folder, texts, file, dimension, driver)
    tables = {name: _rows(name, fields, texts) for name, fields in load_dictionary().items()}
    tables["sales"], tables["drivers"] = _sales(texts), _calendar(texts)
    tables["costs"] = _costs(texts)
    tables["assumptions"]["sale_type"] = [""] * len(texts)
    tables["assumptions"]["driver"] = [driver if at % 3 == 2 else "" for at in range(len(texts))]
    for name, rows in tables.items():
        heads = {DIMENSION: dimension, DRIVER: driver}
        table = [[heads.get(head, head) for head in rows], *zip(*rows.values(), strict=True)]
        out = io.StringIO()
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
        (folder / f"{name}.csv").write_text(out.getvalue(), encoding="utf-8")
    # Names of scenarios are short and on one line; whatever else they are is theirs.
    named = [at for at, text in enumerate(texts) if text.isprintable() and len(text) <= 55][:10]
    scenarios = {f"{texts[at]} {at}": {"reason": texts[at], "on": [_id(texts, at)]} for at in named}
    (folder / "scenarios.yaml").write_text(json.dumps(scenarios), encoding="utf-8")
    return folder


def find_unfilled(folder: Path, texts: Sequence[str], dimension: str) -> set[tuple[str, str]]:
    """Text fields of the dictionary that do not hold every text, but for those of a closed list."""
    unfilled = set()
    for name, fields in load_dictionary().items():
        table = pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False)
        for field in fields:
            if field.type != "text" or (name, field.column) in CLOSED:
                continue
            column = dimension if field.column == DIMENSION else field.column
            held = "\n".join(table.get(column, pd.Series(dtype=str)))
            wanted = [text for text in texts if not (field.column in LISTS and ";" in text)]
            if not all(text in held for text in wanted):
                unfilled.add((name, field.column))
    return unfilled


def _write_settings(folder: Path, texts: Sequence[str], file: str, dimension: str, driver: str) -> None:
    said = {
        "name": texts[0],
        "file": file,
        "dimension": dimension,
        "driver": driver,
        "reason": f"because {texts[-1]}",
        "product": texts[0],
    }
    quoted = {key: json.dumps(text, ensure_ascii=False) for key, text in said.items()}
    total = str(300.0)
    # Wide and narrow forms of one text look alike, and stay apart by decision.
    names = "\n".join(f'{json.dumps(text, ensure_ascii=False)} = "apart"' for text in dict.fromkeys(texts))
    (folder / "planning.toml").write_text(
        SETTINGS.format(**quoted, total=total, names=names), encoding="utf-8"
    )


def _months() -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range("2022-01-01", "2025-12-01", freq="MS")]


def _sales(texts: Sequence[str]) -> dict[str, list[str]]:
    """One product for each text over four years."""
    months, noise = _months(), np.random.default_rng(1)
    rows = [(month, text, at) for at, text in enumerate(texts) for month in months]
    units = (100 + noise.normal(0, 5, len(rows))).round()
    return {
        "period": [month for month, _, _ in rows],
        DIMENSION: [text for _, text, _ in rows],
        "sale_type": [("new", "repeat")[at % 2] for _, _, at in rows],
        "units": [f"{amount:.0f}" for amount in units],
        "revenue": [f"{10 * amount:.0f}" for amount in units],
    }


def _calendar(texts: Sequence[str]) -> dict[str, list[str]]:
    """A promotion of each product in spring and autumn, also in the quarter planned."""
    months = [*_months(), "2026-01-01", "2026-02-01", "2026-03-01"]
    return {
        "period": months * len(texts),
        DIMENSION: [text for text in texts for _ in months],
        DRIVER: [str(int(month[5:7] in ("03", "10"))) for month in months] * len(texts),
    }


def _costs(texts: Sequence[str]) -> dict[str, list[str]]:
    """For each text what its goods cost, and what its claim is paid with."""
    blank, count = [""] * len(texts), len(texts)
    return {
        DIMENSION: [*texts, *blank],
        "cost": [*texts, *blank],
        "unit_cost": [*["4"] * count, *blank],
        "funding": [*blank, *["1"] * count],
        "pays_for": [*blank, *(_id(texts, at) for at in range(count))],
        "paid_by": [*blank, *texts],
    }


def _id(texts: Sequence[str], at: int) -> str:
    return f"A{at} {texts[at % len(texts)]}"


def _rows(table: str, fields: Sequence[Field], texts: Sequence[str]) -> dict[str, list[str]]:
    """One row for each text, by column."""
    return {
        field.column: [_value(table, field, texts, at) for at in range(len(texts))]
        for field in fields
        if field.column not in EMPTY
    }


def _value(table: str, field: Field, texts: Sequence[str], at: int) -> str:
    text = texts[at]
    if field.column in LISTS and ";" in text:
        return ""
    make = _MADE.get(f"{table}.{field.column}") or _MADE.get(field.column)
    if make is not None:
        return make(texts, at)
    if field.type == "choice":
        return field.choices[at % len(field.choices)]
    if field.type == "text":
        return text
    return field.example


_MADE: dict[str, Callable[[Sequence[str], int], str]] = {
    "assumptions.id": _id,
    "opportunities.currency": lambda texts, at: "EUR",
    "briefs.assumption": _id,
    "decisions.assumptions": _id,
    "assumptions.kind": lambda texts, at: ("market_shift", "consumer_shift", "promotion")[at % 3],
    "assumptions.unit": lambda texts, at: "percent",
    "assumptions.start": lambda texts, at: "2025-11-01" if at % 4 == 3 else "2026-02-01",
    "assumptions.end": lambda texts, at: "2025-11-30" if at % 4 == 3 else "2026-02-28",
    "assumptions.recorded": lambda texts, at: "2025-09-20",
    "low": lambda texts, at: "-20" if at % 5 == 4 else "2",
    "expected": lambda texts, at: "-12.5" if at % 5 == 4 else "5",
    "high": lambda texts, at: "-5" if at % 5 == 4 else "8",
    "accepted_marketing": lambda texts, at: f"{texts[at]} 2025-09-21",
    "accepted_sales": lambda texts, at: f"{texts[at]} 2025-09-22",
    "agreed_by_sales": lambda texts, at: f"{texts[at]} 2025-12-03",
    "regular_customers_informed": lambda texts, at: "240 2025-12-04",
    "lead_id": lambda texts, at: f"L{at} {texts[at]}",
    "created": lambda texts, at: f"2025-1{at % 2}-06 09:30",
    "accepted_at": lambda texts, at: "" if at % 3 == 0 else "2025-11-07 11:00",
    "rejected_at": lambda texts, at: "2025-11-08 10:00" if at % 3 == 0 else "",
    "opportunity_at": lambda texts, at: "" if at % 3 == 0 else "2025-11-10 15:00",
    "closed_at": lambda texts, at: "" if at % 3 == 0 else "2025-11-20 12:00",
    "leads.outcome": lambda texts, at: ("", "won", "lost")[at % 3],
    "contacts.at": lambda texts, at: "2025-11-09 12:15",
    "spend.period": lambda texts, at: "2025-10-01",
    "capacity.period": lambda texts, at: "2025-10-01",
    "funnel.period": lambda texts, at: "2025-10-01",
    "transactions.date": lambda texts, at: "2025-10-08",
    "briefs.published": lambda texts, at: "2025-12-02",
    "acknowledged": lambda texts, at: "2025-12-05",
    "research.date": lambda texts, at: "2025-11-15",
    "forecasts.period": lambda texts, at: f"2026-0{at % 3 + 1}-01",
    "forecasts.recorded": lambda texts, at: "2025-12-15",
    "targets.round": lambda texts, at: "2026Q1",
    "targets.measure": lambda texts, at: "units",
    "targets.target": lambda texts, at: "310",
    "decisions.round": lambda texts, at: "2025Q4",
    "decisions.date": lambda texts, at: "2025-10-14",
    "due": lambda texts, at: "2025-12-28",
    "workgroups.kpi": lambda texts, at: "share of leads first contacted within 24 hours",
    "workgroups.start": lambda texts, at: "2025-10-01",
    "workgroups.end": lambda texts, at: "2026-06-30",
}
"""Columns, of one table or of all, that cannot hold the bare text or the dictionary's example."""
