"""Campaign briefs: whether sales knew, agreed and had read each promotion before it began."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.inputs.problems import Notice

__all__ = ["BRIEF_FIELDS", "brief_status"]

BRIEF_FIELDS = ("audience", "aim", "offer", "conditions", "script")
"""What one printed page tells the sales floor, in this order."""

_ROLE_SHARE = 0.1
_COLUMNS = [
    *("campaign", "assumption", "title", "start", "end", *BRIEF_FIELDS, "published", "days_ahead"),
    *("agreed_by", "agreed_on", "is_agreed", "sales_comment", "acknowledged_by", "acknowledged_on"),
    *("roles_missing", "customers_told", "customers_told_on", "missing_fields", "status", "weak_points"),
    *("leads", "leads_before", "before_share", "call_quality_before", "call_quality_after"),
    *("win_before", "win_after", "win_difference", "win_low", "win_high", "sentence"),
]


def brief_status(
    briefs: pd.DataFrame | None,
    assumptions: pd.DataFrame,
    as_of: pd.Timestamp,
    leads: FunnelLeads | None = None,
    roles: Iterable[str] = (),
) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
    """One row per planned promotion or brief: the page, its state, its weak points and what came of it.

    A promotion is any `promotion` assumption not rejected. Its brief is the one that names its id. Leads of
    a campaign are *before* when first attempted (or, if never, created) before the brief was acknowledged;
    all are while it never was. The difference in win shares is given with its 90 % interval (Newcombe
    1998, Stat. Med. 17, method 10, on leads with an outcome) and is no proof of cause.

    Parameters
    ----------
    briefs : DataFrame or None
        Canonical table; ``agreed_by_sales`` and ``regular_customers_informed`` split by the reader into
        ``_by``/``_count`` and ``_on``, or whole texts.
    assumptions : DataFrame
        Canonical register.
    as_of : Timestamp
        Promotions that start later are still open, not late.
    leads : FunnelLeads, optional
        To set apart leads handled before the brief was acknowledged.
    roles : iterable of str
        Roles that must acknowledge; by default those that handled a tenth or more of the campaign's leads.

    Returns
    -------
    DataFrame
        Sorted by start and campaign. ``status``: ``ready``, ``open`` (gaps, start still ahead), ``late``
        (gaps, begun), ``no brief``. ``weak_points``: ``no brief; not agreed; agreed late; not acknowledged;
        regular customers not told; incomplete`` as far as they hold.
    """
    promotions = assumptions[
        (assumptions["kind"] == "promotion") & (assumptions.get("status", "") != "rejected")
    ]
    named = sorted(set(roles))
    given = [] if briefs is None else briefs.to_dict("records")
    by_id = {str(row.get("assumption") or ""): row for row in given}
    rows = []
    for promotion in promotions.to_dict("records"):
        brief = by_id.get(str(promotion["id"]))
        rows.append(_status_row(brief, promotion, as_of, named or _handling_roles(leads, brief)))
    known = {str(row["id"]) for row in promotions.to_dict("records")}
    loose = [row for row in given if str(row.get("assumption") or "") not in known]
    rows += [_status_row(row, {}, as_of, named or _handling_roles(leads, row)) for row in loose]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    if leads is not None and len(table):
        table = _with_leads(table, leads)
    table = table.sort_values(["start", "campaign", "assumption"], ignore_index=True, na_position="last")
    return table, _brief_notices(table, loose)


def _handling_roles(leads: FunnelLeads | None, brief: Mapping[Any, Any] | None) -> list[str]:
    """Roles that handle the campaign's leads; none are known before its first lead."""
    if leads is None or brief is None:
        return []
    handlers = leads.table.loc[leads.table["campaign"] == _text(brief, "campaign"), "handler"].astype(str)
    shares = handlers[handlers != ""].value_counts(normalize=True)
    return sorted(str(name) for name in shares.index[shares >= _ROLE_SHARE])


def _brief_notices(table: pd.DataFrame, loose: list[dict[Any, Any]]) -> tuple[Notice, ...]:
    found = []
    if loose:
        text = "Briefs that name no promotion of the register stand by themselves."
        found.append(Notice("brief_without_promotion", text, len(loose)))
    without = int((table["status"] == "no brief").sum())
    if without:
        found.append(
            Notice("promotion_without_brief", "Planned promotions of which sales have no brief.", without)
        )
    return tuple(found)


def _status_row(
    brief: Mapping[Any, Any] | None, promotion: Mapping[Any, Any], as_of: pd.Timestamp, roles: list[str]
) -> dict[str, Any]:
    start = promotion.get("start", pd.NaT)
    row: dict[str, Any] = {
        "campaign": _text(brief, "campaign") or str(promotion.get("title", "")),
        "assumption": str(promotion.get("id", "") or _text(brief, "assumption")),
        "title": str(promotion.get("title", "")),
        "start": start,
        "end": promotion.get("end", pd.NaT),
        **{name: _text(brief, name) for name in BRIEF_FIELDS},
        "published": _date(brief, "published"),
        "sales_comment": _text(brief, "sales_comment"),
    }
    agreed_by, agreed_on = _split(brief, "agreed_by_sales", "_by")
    told, told_on = _split(brief, "regular_customers_informed", "_count")
    acknowledged = _date(brief, "acknowledged")
    by = [part.strip() for part in _text(brief, "acknowledged_by").split(";") if part.strip()]
    row |= {
        "days_ahead": (start - row["published"]).days if _both(start, row["published"]) else np.nan,
        "agreed_by": agreed_by,
        "agreed_on": agreed_on,
        "is_agreed": bool(agreed_by) and pd.notna(agreed_on),
        "acknowledged_by": "; ".join(by),
        "acknowledged_on": acknowledged,
        "roles_missing": "; ".join(sorted(set(roles) - set(by))) if brief is not None else "",
        "customers_told": float(told) if told.replace(".", "", 1).isdigit() else np.nan,
        "customers_told_on": told_on,
        "missing_fields": "; ".join(name for name in BRIEF_FIELDS if not row[name])
        if brief is not None
        else "",
    }
    points = _weak_points(brief, row)
    begun = pd.notna(start) and start <= as_of
    row["weak_points"] = "; ".join(points)
    row["status"] = "no brief" if brief is None else "ready" if not points else "late" if begun else "open"
    row["sentence"] = _sentence(row)
    return row


def _weak_points(brief: Mapping[Any, Any] | None, row: Mapping[str, Any]) -> list[str]:
    if brief is None:
        return ["no brief"]
    late = row["is_agreed"] and _both(row["start"], row["agreed_on"]) and row["agreed_on"] >= row["start"]
    read_late = _both(row["start"], row["acknowledged_on"]) and row["acknowledged_on"] > row["start"]
    told_late = _both(row["start"], row["customers_told_on"]) and row["customers_told_on"] > row["start"]
    points = {
        "not agreed": not row["is_agreed"],
        "agreed late": bool(late),
        "not acknowledged": pd.isna(row["acknowledged_on"]) or bool(row["roles_missing"]),
        "acknowledged late": bool(read_late),
        "regular customers not told": not (row["customers_told"] > 0),
        "regular customers told late": bool(told_late),
        "incomplete": bool(row["missing_fields"]),
    }
    return [name for name, holds in points.items() if holds]


def _sentence(row: Mapping[str, Any]) -> str:
    if row["status"] == "ready":
        return f"{row['campaign']}: agreed, read by all roles, regular customers told."
    return f"{row['campaign']}: {row['weak_points'].replace('; ', ', ')}."


def _text(row: Mapping[Any, Any] | None, name: str) -> str:
    value = None if row is None else row.get(name)
    return "" if value is None or pd.isna(value) else str(value).strip()


def _date(row: Mapping[Any, Any] | None, name: str) -> Any:
    value = _text(row, name)
    return pd.to_datetime(value, errors="coerce") if value else pd.NaT


def _split(row: Mapping[Any, Any] | None, name: str, first: str) -> tuple[str, Any]:
    """Role (or count) and date: from the reader's two columns, or from a text whose last word is the date."""
    if row is not None and f"{name}_on" in row:
        return _text(row, name + first), _date(row, f"{name}_on")
    head, _, tail = _text(row, name).rpartition(" ")
    return head.strip(), pd.to_datetime(tail, errors="coerce") if tail else pd.NaT


def _both(one: Any, other: Any) -> bool:
    return bool(pd.notna(one) and pd.notna(other))


def _with_leads(table: pd.DataFrame, leads: FunnelLeads) -> pd.DataFrame:
    figures = [_lead_figures(row, leads.table) for row in table.to_dict("records")]
    measured = pd.DataFrame(figures, index=table.index)
    return table.drop(columns=list(measured.columns)).join(measured)[_COLUMNS]


def _lead_figures(row: Mapping[Any, Any], table: pd.DataFrame) -> dict[str, float]:
    chosen = table[(table["campaign"] == row["campaign"]) & table["is_accepted"]]
    handled = chosen["created"] + pd.to_timedelta(chosen["wait_hours"].fillna(0.0), unit="h")
    known = row["acknowledged_on"]
    before = (handled < known).to_numpy() if pd.notna(known) else np.ones(len(chosen), dtype=bool)
    ended = (chosen["is_won"] | chosen["is_lost"]).to_numpy()
    won = chosen["is_won"].to_numpy()
    talk = chosen["call_quality"].to_numpy()
    counts = [(int((won & part & ended).sum()), int((part & ended).sum())) for part in (before, ~before)]
    difference, low, high = _newcombe(*counts[0], *counts[1])
    return {
        "leads": len(chosen),
        "leads_before": int(before.sum()) if len(chosen) else 0,
        "before_share": float(before.mean()) if len(chosen) else np.nan,
        "call_quality_before": _mean(talk[before]),
        "call_quality_after": _mean(talk[~before]),
        "win_before": counts[0][0] / counts[0][1] if counts[0][1] else np.nan,
        "win_after": counts[1][0] / counts[1][1] if counts[1][1] else np.nan,
        "win_difference": difference,
        "win_low": low,
        "win_high": high,
    }


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _newcombe(won: int, leads: int, other_won: int, other_leads: int) -> tuple[float, float, float]:
    """Difference of two shares (first less second) with Newcombe's 90 % bounds, NaN where one is empty."""
    if not leads or not other_leads:
        return float("nan"), float("nan"), float("nan")
    one, low, high = _wilson(won, leads)
    two, other_low, other_high = _wilson(other_won, other_leads)
    below = np.hypot(one - low, other_high - two)
    above = np.hypot(high - one, two - other_low)
    return one - two, float(one - two - below), float(one - two + above)


def _wilson(won: int, leads: int) -> tuple[float, float, float]:
    share, z2 = won / leads, 1.6448536**2
    middle = (share + z2 / (2 * leads)) / (1 + z2 / leads)
    spread = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * leads)) / leads) / (1 + z2 / leads)
    return share, float(middle - spread), float(middle + spread)
