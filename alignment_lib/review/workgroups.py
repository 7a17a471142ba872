"""Working groups: their charter, where their figure stands, and which groups the review proposes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["METHODS", "propose_workgroups", "workgroup_status"]

METHODS = {
    "DMAIC": ("define", "measure", "analyse", "improve", "control"),
    "agile": ("backlog", "sprint", "review", "retrospective"),
    "other": ("plan", "do", "check", "act"),
}
"""Stages of each method: DMAIC (Six Sigma), agile (Scrum Guide 2020), and the Deming cycle for any other."""

_CHARTER = [
    *("group", "topic", "leader", "members", "kpi", "baseline", "target", "method", "stage", "start", "end"),
    *("resources", "status"),
]
_BOUND = 1.645
_GREEN, _AMBER = 0.9, 0.6


def workgroup_status(
    workgroups: pd.DataFrame, values: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Each group with a light from its own figure.

    The figure should have gone the share of the way from baseline to target that the time has gone from
    start to end: green at 90 % of that or more, amber at 60 %, red below; a group not begun, or without data,
    has no light and says why.

    Parameters
    ----------
    workgroups : DataFrame
        Canonical table.
    values : DataFrame
        ``group, date, value`` of its KPI, from the data that defines it.

    Returns
    -------
    DataFrame
        The charter's columns, ``latest, latest_on, time_share, progress_share, light`` (``green, amber,
        red`` or blank), ``checklist`` (stages, those behind in brackets), ``sentence``.
    """
    known = values[values["date"] <= as_of].sort_values("date", kind="stable") if len(values) else values
    latest = {str(row["group"]): row for row in known.to_dict("records")}
    rows = [_status_row(row, latest.get(str(row["group"])), as_of) for row in workgroups.to_dict("records")]
    extra = ["latest", "latest_on", "time_share", "progress_share", "light", "checklist", "sentence"]
    table = pd.DataFrame(rows, columns=[*_CHARTER, *extra])
    missing = int(((table["status"] == "running") & table["latest"].isna()).sum()) if len(table) else 0
    notices = (
        (Notice("kpi_without_data", "Running groups whose figure has no data yet.", missing),)
        if missing
        else ()
    )
    return table, notices


def _status_row(
    row: Mapping[Any, Any], latest: Mapping[Any, Any] | None, as_of: pd.Timestamp
) -> dict[str, Any]:
    result: dict[str, Any] = {name: row.get(name) for name in _CHARTER}
    value = float(latest["value"]) if latest is not None else float("nan")
    time = _time_share(row.get("start"), row.get("end"), as_of)
    way = float(row["target"]) - float(row["baseline"]) if _numbers(row) else float("nan")
    progress = (value - float(row["baseline"])) / way if way else float("nan")
    light = _light(str(row.get("status") or "proposed"), time, progress)
    method = str(row.get("method") or "other")
    result |= {
        "latest": value,
        "latest_on": latest["date"] if latest is not None else pd.NaT,
        "time_share": time,
        "progress_share": progress,
        "light": light,
        "checklist": _checklist(method, str(row.get("stage") or "")),
    }
    result["sentence"] = _status_sentence(result)
    return result


def _numbers(row: Mapping[Any, Any]) -> bool:
    return all(row.get(name) is not None and pd.notna(row[name]) for name in ("baseline", "target"))


def _time_share(start: Any, end: Any, as_of: pd.Timestamp) -> float:
    if start is None or end is None or pd.isna(start) or pd.isna(end) or start >= end:
        return float("nan")
    return float(np.clip((as_of - start) / (end - start), 0.0, 1.0))


def _light(status: str, time: float, progress: float) -> str:
    if status in ("proposed", "stopped") or not np.isfinite(progress):
        return ""
    needed = 1.0 if status == "done" or not np.isfinite(time) else time
    if progress >= _GREEN * needed:
        return "green"
    return "amber" if progress >= _AMBER * needed else "red"


def _checklist(method: str, stage: str) -> str:
    stages = METHODS.get(method, METHODS["other"])
    # "sprint 2" stands in the stage "sprint".
    places = [number for number, name in enumerate(stages) if stage.casefold().startswith(name)]
    place = places[0] if places else -1
    return " → ".join(f"[{name}]" if number < place else name for number, name in enumerate(stages))


def _status_sentence(row: Mapping[str, Any]) -> str:
    if not np.isfinite(row["progress_share"]):
        return f"{row['group']}: {row['kpi']} has no data yet."
    start, target = Said(row["baseline"]), Said(row["target"])
    way = f"{Said(row['progress_share']):.0%} of the way from {start:g} to {target:g}"
    if row["progress_share"] < 0:
        way = f"farther from the target of {target:g} than at the start ({start:g})"
    time = f" with {Said(row['time_share']):.0%} of its time gone" if row["time_share"] > 0 else ""
    return f"{row['group']}: {row['kpi']} is {Said(row['latest']):.3g}, {way}{time}."


def propose_workgroups(
    record: pd.DataFrame | None,
    quality: pd.DataFrame | None,
    price_effects: pd.DataFrame | None,
    as_of: pd.Timestamp,
    existing: Iterable[str] = (),
    days: int = 120,
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """Groups that the review calls for, each with its charter filled in and its reason.

    A mechanic (or kind, where none is stated) whose claims came true below their lower error bound in two
    rounds or more; a source whose accepted share fell two cohorts running, by five points or more in all; a
    price effect farther from the pool than 1.645 standard errors.

    Parameters
    ----------
    record : DataFrame, optional
        `Record.table`.
    quality : DataFrame, optional
        `LeadQuality.table` by source and cohort: ``cohort, source, decided, accepted_share``.
    price_effects : DataFrame, optional
        ``scope, estimate, pool, standard_error``: own elasticities and the pool's.
    existing : iterable of str
        KPIs of groups that run already: not proposed again.

    Returns
    -------
    DataFrame
        The canonical charter's columns, ``status`` ``proposed``, and ``reason``.
    """
    found = [*_below_claims(record), *_rising_rejections(quality), *_odd_prices(price_effects)]
    taken = {str(name).casefold() for name in existing}
    fresh = [row for row in found if row["kpi"].casefold() not in taken]
    rows = [
        {
            **row,
            "group": f"P{number}",
            "stage": METHODS[row["method"]][0],
            "start": as_of.normalize() + pd.Timedelta(days=14),
            "end": as_of.normalize() + pd.Timedelta(days=14 + days),
            "resources": "half a day a week of each member",
            "status": "proposed",
        }
        for number, row in enumerate(sorted(fresh, key=lambda row: (row["topic"], row["kpi"])), start=1)
    ]
    notices = []
    if len(found) > len(fresh):
        text = "Groups not proposed because one with the same figure exists."
        notices.append(Notice("group_exists", text, len(found) - len(fresh)))
    return pd.DataFrame(rows, columns=[*_CHARTER, "reason"]), tuple(notices)


def _below_claims(record: pd.DataFrame | None) -> list[dict[str, Any]]:
    if record is None or not len(record):
        return []
    table = record.assign(subject=record["mechanic"].where(record["mechanic"] != "", record["kind"]))
    short = np.sign(table["claim"]) * (table["claim"] - table["actual"])
    below = table[short > _BOUND * table["standard_error"].fillna(0.0)]
    groups = []
    for subject, part in below.groupby("subject", sort=True):
        # One claim that reaches over two rounds fell short once.
        part = part.drop_duplicates("assumption")
        rounds = sorted(part["round"].unique())
        if len(rounds) < 2:
            continue
        whole = table[table["subject"] == subject]
        realised = float((whole["actual"] / whole["claim"]).mean())
        owners = sorted(set(part["owner"]))
        topic = {"price_change": "pricing", "new_product": "assortment", "new_channel": "channel"}
        groups.append(
            {
                "topic": topic.get(str(part["kind"].iloc[0]), "promotion"),
                "leader": owners[0],
                "members": "; ".join([*owners[1:], "sales", "finance"]),
                "kpi": f"share of the claim that comes true, {subject}",
                "baseline": round(realised, 4),
                "target": 0.9,
                "method": "DMAIC",
                "reason": f"{subject} stayed below its claims in {', '.join(rounds)}.",
            }
        )
    return groups


def _rising_rejections(quality: pd.DataFrame | None) -> list[dict[str, Any]]:
    if quality is None or not len(quality):
        return []
    groups = []
    known = quality[(quality["decided"] >= 20) & quality["accepted_share"].notna()]
    for source, part in known.sort_values("cohort").groupby("source", sort=True):
        shares = part["accepted_share"].tail(3).to_numpy(dtype=float)
        if len(shares) < 3 or not (np.diff(shares) < 0).all() or shares[0] - shares[-1] < 0.05:
            continue
        groups.append(
            {
                "topic": "process",
                "leader": "marketing",
                "members": "inside sales; service quality",
                "kpi": f"accepted share of leads, {source}",
                "baseline": round(float(shares[-1]), 4),
                "target": round(float(part["accepted_share"].max()), 4),
                "method": "DMAIC",
                "reason": f"Sales accepts fewer leads of {source} each quarter: "
                + ", ".join(f"{Said(share):.0%}" for share in shares)
                + ".",
            }
        )
    return groups


def _odd_prices(effects: pd.DataFrame | None) -> list[dict[str, Any]]:
    groups = []
    for row in [] if effects is None else effects.sort_values("scope").to_dict("records"):
        distance = abs(row["estimate"] - row["pool"])
        if not distance > _BOUND * row["standard_error"]:
            continue
        own, pool = Said(row["estimate"]), Said(row["pool"])
        text = f"Price effect of {row['scope']} is {own:.2f}, the pool's {pool:.2f}"
        groups.append(
            {
                "topic": "pricing",
                "leader": "marketing",
                "members": "sales; finance",
                "kpi": f"price elasticity, {row['scope']}",
                "baseline": round(float(row["estimate"]), 4),
                "target": round(float(row["pool"]), 4),
                "method": "agile",
                "reason": f"{text}, {distance / row['standard_error']:.1f} standard errors away.",
            }
        )
    return groups
