"""One page over all rounds and units found in an output folder."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from alignment_lib.answers.company import (
    RATES_FILE,
    CompanyRates,
    UnitFigures,
    read_rates,
    together_table,
    units_table,
)
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.tables import Written, render_table
from alignment_lib.answers.wording import write_count
from alignment_lib.inputs.periods.round_days import published_title
from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot, is_sealed
from alignment_lib.publishing.plain_page import PagePart, render_page
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.folder_names import is_unit_name
from alignment_lib.rounds.files.lease import hold_lease
from alignment_lib.rounds.files.round_log import round_status

__all__ = ["write_index"]

_PAGES = {
    "report.html": "",
    "plan.xlsx": "Excel",
    "meeting.html": "Meeting pack",
    "briefs.html": "Briefs",
    "review.html": "Review",
    "watch.html": "Watch",
}
"""Files that the page links, with the word for each; the report is linked by the unit's name."""
_BESIDE = (".meeting", ".review", ".watch")
"""Endings of the folders that stand beside a unit's own."""
_RATES_FAULT = (
    f'{RATES_FILE} is not read: it needs a line such as currency = "EUR" and, under [rates], a number above '
    "zero for each other currency."
)
_LEASE = ".index~lock"
_PATIENCE = 60.0
"""Seconds to wait for another run that writes the page."""


def write_index(output: Path) -> Path:
    """Write ``index.html`` over every round and unit below `output` and return its path.

    A lease is held while it is read and the page is put in place, so that of two runs ending
    together the later one sees both; the page is replaced in one step.
    """
    with hold_lease(output / _LEASE, _PATIENCE):
        rounds = _find_rounds(output)
        page = output / "index.html"
        rates = read_rates(output)
        fault = _RATES_FAULT if rates is None and (output / RATES_FILE).exists() else ""
        replace_file(page, _render(rounds, rates, fault))
    return page


def _find_rounds(output: Path) -> dict[str, list[dict[str, Any]]]:
    """Units of each round, the latest round first; folders whose names are not ours are passed over."""
    rounds: dict[str, list[dict[str, Any]]] = {}
    for folder in sorted(output.iterdir(), reverse=True):
        if folder.is_symlink() or not folder.is_dir() or not is_round_name(folder.name):
            continue
        names = [unit.name for unit in folder.iterdir() if unit.is_dir() and is_unit_name(_name_unit(unit))]
        units = sorted({_name_unit(folder / name) for name in names})
        if units:
            rounds[folder.name] = [_read_unit(folder / name) for name in units]
    return rounds


def _name_unit(folder: Path) -> str:
    """The unit that a folder is of: its own, or that of its meeting or review."""
    if folder.suffix in _BESIDE and not (folder / MANIFEST).exists():
        return folder.stem
    return folder.name


def _read_unit(folder: Path) -> dict[str, Any]:
    """What the page says of one snapshot; one that cannot be read is said to be so."""
    status = "unreadable" if folder.is_dir() else ""
    unit: dict[str, Any] = {"name": folder.name, "round": folder.parent.name, "status": status}
    places = [folder, *(folder.with_name(folder.name + ending) for ending in _BESIDE)]
    unit["files"] = {
        name: f"{place.name}/{name}" for place in places for name in _PAGES if (place / name).is_file()
    }
    try:
        data = (folder / MANIFEST).read_bytes()
        manifest = json.loads(data) if is_sealed(folder, data) else {}
        answer = {
            key: math.nan if value is None else float(value) for key, value in manifest["answer"].items()
        }
        unit |= {
            "business": str(manifest["business"]),
            "unit": str(manifest["currency"] if manifest["measure"] == "revenue" else manifest["measure"]),
            "as_of": pd.Timestamp(manifest["as_of"]),
            "answer": answer,
            "figures": _figures(folder, manifest, answer),
            "status": round_status(folder, str(manifest["status"])),
            "title": published_title(manifest, folder.parent.name),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return unit


def _figures(folder: Path, manifest: dict[str, Any], answer: dict[str, float]) -> UnitFigures:
    """What the unit brings to the sums of all units."""
    in_money = manifest["measure"] == "revenue"
    money = answer["plan"] if in_money else answer.get("revenue", math.nan)
    target = answer.get("target", math.nan) if in_money else math.nan
    seed = manifest.get("parameters", {}).get("seed")
    draws = _read_draws(folder) if in_money else None
    return UnitFigures(folder.name, str(manifest["currency"]), money, target, seed, draws)


def _read_draws(folder: Path) -> np.ndarray | None:
    try:
        return np.asarray(Snapshot(folder).read("draws")["total"], dtype=float)
    except AlignmentError:
        return None


def _render(rounds: dict[str, list[dict[str, Any]]], rates: CompanyRates | None, fault: str) -> bytes:
    units = {unit["name"] for found in rounds.values() for unit in found}
    said = f"{write_count(len(rounds), 'round')}, {write_count(len(units), 'business unit')}"
    field = tag("input", type="search", autocomplete="off")
    lead = [tag("p", f"{said}."), tag("label", "Find a unit, business or status", field, class_="search")]
    lead += [tag("p", fault, class_="note")] if fault else []
    lead += [] if rounds else [tag("p", "No round has been published here yet.", class_="hint")]
    parts = [_render_round(name, found, rates) for name, found in rounds.items()]
    return render_page("Planning rounds", "", [], lead, parts)


def _render_round(name: str, units: list[dict[str, Any]], rates: CompanyRates | None) -> PagePart:
    figures = [unit["figures"] for unit in units if "figures" in unit]
    together: Html | None = None
    if len(figures) > 1 and any(math.isfinite(one.money) for one in figures):
        together = render_table(together_table(name, figures, rates))
    elif len(figures) > 1:
        together = tag("p", "No unit has a price, so there is no sum over all of them.", class_="note")
    titles = [unit["title"] for unit in units if "title" in unit] or [name]
    table = render_table(units_table(name, [unit | _link(unit) for unit in units]))
    return PagePart(f"round-{name}", " · ".join(dict.fromkeys(titles)), [together, table])


def _link(unit: dict[str, Any]) -> dict[str, Any]:
    """The unit's name with its report behind it, and links to its other files."""
    to = {name: f"{quote(unit['round'])}/{quote(place)}" for name, place in unit["files"].items()}
    report = to.get("report.html")
    links = [join([tag("a", _PAGES[page], href=place), " "]) for page, place in to.items() if _PAGES[page]]
    name = Written(tag("a", unit["name"], href=report)) if report else unit["name"]
    return {"name": name, "links": Written(join(links))}
