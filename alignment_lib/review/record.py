"""The record: each claim of a closed round, what came true, and what that says of the next claim.

Owners are roles. Tables stand in the order of their names and rank nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Notice, counted
from alignment_lib.inputs.written_numbers import PER_CENT, Said

__all__ = ["SIZES", "Record", "record", "summarise_record"]

_BOUND = 1.645
_TOLERANCE_SHARE = 0.2
_CLEAR_SHARE = 0.5
_PRIOR_CASES = 3.0
_CLAIM_SPREAD = 0.5
SIZES = ((10.0, "small"), (50.0, "medium"), (float("inf"), "large"))
"""Upper bounds, in percent of the baseline, of the classes of size; other units have no class."""

_TABLE = [
    *(
        "round",
        "assumption",
        "owner",
        "function",
        "kind",
        "unit",
        "claim",
        "actual",
        "standard_error",
        "verdict",
    ),
    *(
        "title",
        "mechanic",
        "direction",
        "size",
        "claim_low",
        "claim_high",
        "bias",
        "overclaim_share",
        "is_clear",
        "hit",
    ),
    *("value_added", "value_added_sales", "sales_per_unit", "method", "shared_with", "sentence"),
]
_SUMMARY = [
    *(
        "group",
        "name",
        "cases",
        "clear_cases",
        "is_enough",
        "overclaim_share",
        "overclaim_shrunk",
        "overclaim_error",
    ),
    *("realised_share", "hits", "hit_rate", "hit_rate_shrunk", "value_added_sales", "sentence"),
]


@dataclass(frozen=True)
class Record:
    """Scored claims.

    Attributes
    ----------
    table : DataFrame
        ``record.parquet``, one row per scored assumption: ``round, assumption, owner, function, kind, unit,
        claim, actual`` (what came true, in the claim's unit), ``standard_error, verdict`` (at the time) and
        ``title, mechanic, direction`` (up, down), ``size, claim_low, claim_high, bias`` (claim less actual),
        ``overclaim_share`` (1 - actual / claim), ``is_clear, hit, value_added`` (in its unit: how much nearer
        the claim brought the plan), ``value_added_sales, sales_per_unit, method, shared_with, sentence``.
    owners : DataFrame
        `summarise_record` by owner, kind, direction, size and mechanic.
    notices : tuple of Notice
        What could not be scored; with no closed round, what will appear and when.
    """

    table: pd.DataFrame
    owners: pd.DataFrame
    notices: tuple[Notice, ...] = ()


def record(
    register: pd.DataFrame, outcomes: pd.DataFrame, minimum: int = 3, next_close: pd.Timestamp | None = None
) -> Record:
    """Score every claim of closed rounds.

    Parameters
    ----------
    register : DataFrame
        ``round`` and the canonical register's columns of closed rounds, with ``verdict`` of their evidence.
        The same id in a later round is another row. Drafts and rejected rows are not scored.
    outcomes : DataFrame
        ``round, assumption, actual`` (in the claim's unit), ``standard_error``; optionally
        ``sales_per_unit`` (sales in the measure or money per unit of claim), ``method, shared_with``. From
        the effect methods, or `measure_outcomes`.
    minimum : int
        Cases below which a summary is marked as not enough.
    next_close : Timestamp, optional
        When the present round closes, named where there is nothing yet.

    Notes
    -----
    A hit: the outcome, give or take 1.645 of its standard errors, meets the claimed range; without a range,
    the claim give or take a fifth of itself. An outcome whose 90 % error reaches half of the claim
    cannot tell: it is no hit and no miss, and enters the bias with the little weight its error leaves it.
    """
    counted = (
        register[register["status"].isin(["proposed", "accepted"])] if "status" in register else register
    )
    columns = ["round", "assumption", "actual", "standard_error", "sales_per_unit", "method", "shared_with"]
    found = outcomes.reindex(columns=columns)
    if not len(counted):
        when = f" on {next_close:%Y-%m-%d}" if next_close is not None else ""
        text = (
            f"No round has closed yet. When the present one does{when}, each of its claims appears here with "
            "what came true and its error, and after three cases per role the bias the next plan allows for."
        )
        empty = pd.DataFrame(columns=_TABLE)
        return Record(empty, summarise_record(empty, minimum), (Notice("no_closed_round", text),))
    named = counted.rename(columns={"id": "assumption", "low": "claim_low", "high": "claim_high"})
    merged = named.merge(found, on=["round", "assumption"], how="left")
    unknown = int(merged["actual"].isna().sum())
    notices = []
    if unknown:
        text = "Claims of closed rounds whose outcome cannot be told from sales yet; they are not scored."
        notices.append(Notice("claims_not_scored", text, unknown))
    table = _score(merged[merged["actual"].notna()].copy())
    table = table.sort_values(["round", "assumption"], ignore_index=True)
    return Record(table, summarise_record(table, minimum), tuple(notices))


def _score(rows: pd.DataFrame) -> pd.DataFrame:
    rows["claim"] = rows["expected"].astype(float)
    for name in ("verdict", "title", "mechanic", "method", "shared_with"):
        rows[name] = rows[name].fillna("").astype(str) if name in rows else ""
    for name in ("claim_low", "claim_high"):
        rows[name] = rows[name].astype(float) if name in rows else np.nan
    error = rows["standard_error"].fillna(0.0)
    rows["direction"] = np.where(rows["claim"] < 0, "down", "up")
    rows["size"] = [_size(unit, claim) for unit, claim in zip(rows["unit"], rows["claim"], strict=True)]
    rows["bias"] = rows["claim"] - rows["actual"]
    rows["overclaim_share"] = 1.0 - rows["actual"] / rows["claim"].where(rows["claim"] != 0)
    slack = _TOLERANCE_SHARE * rows["claim"].abs()
    low = rows["claim_low"].fillna(rows["claim"] - slack) - _BOUND * error
    high = rows["claim_high"].fillna(rows["claim"] + slack) + _BOUND * error
    rows["is_clear"] = _BOUND * error < _CLEAR_SHARE * rows["claim"].abs()
    rows["hit"] = (rows["actual"] >= low) & (rows["actual"] <= high) & rows["is_clear"]
    rows["value_added"] = rows["actual"].abs() - rows["bias"].abs()
    rows["sales_per_unit"] = rows["sales_per_unit"].astype(float)
    rows["value_added_sales"] = rows["value_added"] * rows["sales_per_unit"].abs()
    rows["sentence"] = [_sentence(row) for row in rows.to_dict("records")]
    return rows[_TABLE]


def _size(unit: str, claim: float) -> str:
    if unit != "percent":
        return ""
    return next(name for bound, name in SIZES if abs(claim) <= bound)


def _sentence(row: dict[Any, Any]) -> str:
    sign = PER_CENT if row["unit"] == "percent" else f" {row['unit']}"
    error = f" ± {Said(row['standard_error']):,.0f}" if pd.notna(row["standard_error"]) else ""
    verdict = f"; the verdict then was {row['verdict']}" if row["verdict"] else ""
    came = f"{Said(row['actual']):+,.0f}{error} came true{verdict}"
    unclear = "" if row["is_clear"] else " Its error reaches half of the claim: too uncertain to tell."
    return f"{row['assumption']} claimed {Said(row['claim']):+,.0f}{sign}; {came}.{unclear}"


def summarise_record(table: pd.DataFrame, minimum: int = 3) -> pd.DataFrame:
    """Bias, hits and value added by owner, function, kind, direction, size and mechanic, shrunken.

    A case's overclaim (1 - actual / claim) has its own error; groups are combined by precision with the
    spread between cases and between groups by DerSimonian and Laird (1986, Controlled Clinical Trials 7),
    and drawn toward all cases together, which are themselves drawn toward no bias by a prior (Efron and
    Morris 1975, JASA 70). Hit rates are drawn toward the overall one by the weight of three cases (beta
    prior).

    Returns
    -------
    DataFrame
        ``group`` (what is summarised by), ``name, cases, clear_cases, is_enough`` (by clear cases),
        ``overclaim_share`` (plain mean),
        ``overclaim_shrunk, overclaim_error, realised_share`` (1 - shrunken overclaim: what to multiply a
        claim by), ``hits, hit_rate, hit_rate_shrunk, value_added_sales, sentence``; in order of name.
    """
    scored = table[table["overclaim_share"].notna()] if len(table) else table
    if not len(scored):
        return pd.DataFrame(columns=_SUMMARY)
    value = scored["overclaim_share"].to_numpy(dtype=float)
    error = (scored["standard_error"] / scored["claim"].abs()).fillna(_CLAIM_SPREAD).to_numpy(dtype=float)
    within = _spread(value, error)
    variance = error**2 + within + 1e-12
    pooled_weight = (1.0 / variance).sum() + 1.0 / _CLAIM_SPREAD**2
    centre = float((value / variance).sum() / pooled_weight)
    clear = int(scored["is_clear"].sum())
    rate = float(scored["hit"].sum() / clear) if clear else 0.5
    parts = []
    for group in ("owner", "function", "kind", "direction", "size", "mechanic"):
        names = scored[group].astype(str)
        parts.append(_group_rows(scored, group, names, value, variance, centre, rate))
    result = pd.concat(parts, ignore_index=True)
    result["is_enough"] = result["clear_cases"] >= minimum
    result["sentence"] = [_summary_sentence(row, minimum) for row in result.to_dict("records")]
    return result[_SUMMARY]


def _spread(value: np.ndarray, error: np.ndarray) -> float:
    """Variance beyond the errors, by the method of moments of DerSimonian and Laird."""
    weight = 1.0 / (error**2 + 1e-12)
    mean = (weight * value).sum() / weight.sum()
    excess = (weight * (value - mean) ** 2).sum() - (len(value) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(excess / scale, 0.0)) if scale > 0 else 0.0


def _group_rows(
    scored: pd.DataFrame,
    group: str,
    names: pd.Series,
    value: np.ndarray,
    variance: np.ndarray,
    centre: float,
    rate: float,
) -> pd.DataFrame:
    levels, codes = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    weight = np.bincount(codes, weights=1.0 / variance)
    mean = np.bincount(codes, weights=value / variance) / weight
    between = _spread(mean, np.sqrt(1.0 / weight)) if len(levels) > 1 else _CLAIM_SPREAD**2
    prior = 1.0 / max(between, 1e-6)
    cases = np.bincount(codes)
    hits = np.bincount(codes, weights=scored["hit"].to_numpy(dtype=float))
    added = scored["value_added_sales"].fillna(0.0).to_numpy(dtype=float)
    rows = pd.DataFrame({"group": group, "name": levels, "cases": cases})
    rows["overclaim_share"] = np.bincount(codes, weights=value) / cases
    rows["overclaim_shrunk"] = (weight * mean + prior * centre) / (weight + prior)
    rows["overclaim_error"] = 1.0 / np.sqrt(weight + prior)
    rows["realised_share"] = 1.0 - rows["overclaim_shrunk"]
    clear = np.bincount(codes, weights=scored["is_clear"].to_numpy(dtype=float))
    rows["clear_cases"] = clear.astype(np.int64)
    rows["hits"], rows["hit_rate"] = hits.astype(np.int64), hits / np.where(clear > 0, clear, np.nan)
    rows["hit_rate_shrunk"] = (hits + _PRIOR_CASES * rate) / (clear + _PRIOR_CASES)
    rows["value_added_sales"] = np.bincount(codes, weights=added)
    return rows[rows["name"] != ""]


def _summary_sentence(row: dict[Any, Any], minimum: int) -> str:
    hits = f"{row['name']}: {counted(row['hits'], 'hit')} in {counted(row['clear_cases'], 'clear case')}"
    text = f"{hits}; {Said(row['realised_share']):.0%} came true"
    if not row["is_enough"]:
        return f"{text} after shrinkage (fewer than {minimum} clear cases: not yet a record)."
    return f"{text} after shrinkage."
