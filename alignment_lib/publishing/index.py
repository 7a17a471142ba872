"""One page over all rounds and units found in an output folder."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.ink.lettering import font_of_page
from alignment_lib.answers.markup import Html, escape, join, tag
from alignment_lib.answers.tables import Column, Table, render_table
from alignment_lib.answers.wording import (
    Scale,
    choose_scale,
    humanise,
    join_words,
    write_count,
    write_date,
    write_odds,
    write_share,
)
from alignment_lib.inputs.periods.round_days import published_title
from alignment_lib.inputs.periods.round_names import is_round_name
from alignment_lib.inputs.problems import AlignmentError
from alignment_lib.inputs.snapshots import MANIFEST, Snapshot, is_sealed
from alignment_lib.publishing.company import (
    RATES_FILE,
    CompanyRates,
    Together,
    UnitFigures,
    read_rates,
    roll_up,
)
from alignment_lib.publishing.report.report import read_asset, script_policy
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.folder_names import is_unit_name
from alignment_lib.rounds.files.lease import hold_lease
from alignment_lib.rounds.files.round_log import round_status

__all__ = ["write_index"]

_HEADINGS = ("Unit", "Status", "Plan", "Target", "Plan less target", "Chance of target", "As of", "Files")
_NUMERIC = frozenset(_HEADINGS[2:6])
_PAGES = {
    "report.html": "",
    "plan.xlsx": "Excel",
    "meeting.html": "Meeting pack",
    "briefs.html": "Briefs",
    "review.html": "Review",
}
"""Files that the page links, with the word for each; the report is linked by the unit's name."""
_BESIDE = (".meeting", ".review")
"""Endings of the folders that stand beside a unit's own."""
_MOST_NAMED = 5
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
        replace_file(page, _render(rounds, rates, fault).encode("utf-8"))
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


def _render(rounds: dict[str, list[dict[str, Any]]], rates: CompanyRates | None, fault: str) -> str:
    style, script = read_asset("report.css"), read_asset("report.js")
    units = {unit["name"] for found in rounds.values() for unit in found}
    said = f"{write_count(len(rounds), 'round')}, {write_count(len(units), 'business unit')}"
    box = tag(
        "label",
        "Find a unit, business or status",
        tag("input", type="search", autocomplete="off"),
        class_="search",
    )
    body = [tag("h1", "Planning rounds"), tag("p", f"{said}."), box]
    body += [tag("p", fault, class_="note")] if fault else []
    body += [_render_round(name, found, rates) for name, found in rounds.items()]
    if not rounds:
        body.append(tag("p", "No round has been published here yet.", class_="hint"))
    links = (tag("li", tag("a", name, href=f"#round-{name}")) for name in rounds)
    nav = tag("nav", tag("ul", *links), aria_label="Rounds")
    main = tag("main", *body)
    style = f"{style}\n{font_of_page(str(main))}"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(script_policy([script]))}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>Planning rounds</title>\n<style>\n{style}\n</style>\n</head>\n<body>\n"
        f"<header></header>\n{nav}\n{main}\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _render_company(name: str, units: list[dict[str, Any]], rates: CompanyRates | None) -> Html | None:
    """All units of a round together, by currency."""
    figures = [unit["figures"] for unit in units if "figures" in unit]
    if len(figures) < 2:
        return None
    if not any(math.isfinite(one.money) for one in figures):
        return tag("p", "No unit has a price, so there is no sum over all of them.", class_="note")
    sums = roll_up(figures, rates)
    rows = pd.DataFrame(
        {
            "what": [_name_sum(one) for one in sums],
            "units": [len(one.units) for one in sums],
            "plan": [one.plan for one in sums],
            "target": [one.target for one in sums],
            "gap": [one.plan - one.target for one in sums],
            "odds": [one.probability for one in sums],
        }
    )
    columns = [
        Column("what", "Currency"),
        Column("units", "Units", "number"),
        Column("plan", "Plan", "number"),
    ]
    if rows["target"].notna().any():
        columns += [
            Column("target", "Target", "number"),
            Column("gap", "Plan less target", "number", signed=True),
        ]
        columns.append(Column("odds", "Chance of target", "odds"))
    notes = [
        f"Without a price, so not in the sums: {_name_some(one.unpriced)}." for one in sums if one.unpriced
    ]
    if any(one.converted for one in sums) and rates is not None:
        worth = [
            f"1 {code} = {rate:g} {rates.currency}"
            for code, rate in sorted(rates.rates.items())
            if code != rates.currency
        ]
        dated = f" of {rates.as_of}" if rates.as_of else ""
        notes.append(f"Converted at the rates stated in company.toml{dated}: {join_words(worth)}.")
    elif len(sums) > 1:
        stated = rates.rates if rates is not None else {}
        missing = [one.currency for one in sums if one.currency not in stated]
        reason = f"company.toml states no rate for {join_words(missing)}" if stated else "no rates are stated"
        notes.append(f"Currencies are kept apart: {reason}.")
    if rows["odds"].isna().any():
        notes.append(
            "A chance is given only where every unit plans in money, with a target and the same seed."
        )
    return render_table(
        Table(
            f"All units of {name} together, in money",
            columns,
            rows,
            Scale(1.0, 0, ""),
            None,
            " ".join(dict.fromkeys(notes)),
        )
    )


def _name_some(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    more = len(names) - _MOST_NAMED
    return join_words([*names[:_MOST_NAMED], f"{more} more"] if more > 0 else list(names))


def _name_sum(one: Together) -> str:
    return f"All, in {one.currency}" if one.converted else one.currency


def _render_round(name: str, units: list[dict[str, Any]], rates: CompanyRates | None) -> Html:
    head = tag(
        "tr",
        *(
            tag("th", tag("span", heading), scope="col", class_="number" if heading in _NUMERIC else "words")
            for heading in _HEADINGS
        ),
    )
    caption = tag("caption", f"{write_count(len(units), 'unit')} in {name}")
    rows = tag("tbody", *(_render_unit(unit) for unit in units))
    grid = tag("table", caption, tag("thead", head), rows, class_="sortable searched")
    box = tag("div", grid, class_="scroll", tabindex="0", role="region", aria_label=f"Units of {name}")
    titles = [unit["title"] for unit in units if "title" in unit] or [name]
    return tag(
        "section",
        tag("h2", " · ".join(dict.fromkeys(titles)), id=f"title-{name}"),
        _render_company(name, units, rates),
        box,
        id=f"round-{name}",
        aria_labelledby=f"title-{name}",
    )


def _render_unit(unit: dict[str, Any]) -> Html:
    to = {name: f"{quote(unit['round'])}/{quote(place)}" for name, place in unit["files"].items()}
    name: Html | str = unit["name"]
    if "report.html" in to:
        name = tag("a", unit["name"], href=to["report.html"])
    business = tag("small", unit["business"]) if unit.get("business") else None
    links = [join([tag("a", _PAGES[page], href=place), " "]) for page, place in to.items() if _PAGES[page]]
    status = None
    if unit["status"]:
        tone = "good" if unit["status"] in ("signed", "locked") else "wait"
        status = tag("span", humanise(unit["status"]), class_=f"mark {tone}")
    as_of = unit.get("as_of")
    date = (
        tag("td", write_date(as_of), class_="words", data_value=as_of.isoformat())
        if as_of is not None
        else tag("td")
    )
    first = tag("th", name, business, scope="row")
    return tag(
        "tr", first, tag("td", status, class_="words"), *_render_answer(unit), date, tag("td", join(links))
    )


def _render_answer(unit: dict[str, Any]) -> list[Html]:
    answer = unit.get("answer")
    if answer is None:
        said = "run this unit again" if unit["status"] else "planned elsewhere"
        return [tag("td", said, class_="words"), *(tag("td") for _ in range(3))]
    scale = choose_scale([answer["plan"], answer["target"]], unit["unit"], each=True)
    gap = answer["plan"] - answer["target"]
    tone = "" if not math.isfinite(gap) or not gap else " good" if gap > 0 else " bad"
    share = gap / answer["target"] if math.isfinite(gap) and answer["target"] else math.nan
    return [
        _number(scale.say(answer["plan"]), answer["plan"]),
        _number(scale.write(answer["target"]), answer["target"]),
        _number(write_share(share, signed=True), share, tone),
        _number(write_odds(answer["probability"]), answer["probability"]),
    ]


def _number(text: str, value: float, tone: str = "") -> Html:
    return tag(
        "td", text, class_=f"number{tone}", data_value=f"{value:.10g}" if math.isfinite(value) else None
    )
