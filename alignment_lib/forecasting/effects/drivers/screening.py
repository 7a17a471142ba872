"""Drivers that can say nothing: never given, never moving, moving with another, or too many to tell apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = ["screen_drivers", "steady_promotions"]

_MOST_DRIVERS = 40
_PERIODS_PER_DRIVER = 4
_SAME = 0.9995
_FLAT = 1e-9
_STEADY = 0.9
"""A promotion on in more than this share of cells has no "without" to be measured against."""


def steady_promotions(
    raw: Mapping[str, np.ndarray], kinds: Mapping[str, str], known: int
) -> tuple[dict[str, str], list[Notice]]:
    """Declared promotions that are hardly ever off but vary: their reference is the usual value, not zero.

    Opening days declared as a promotion are the case in point: the plan without them would be a plan
    with closed doors.

    Returns
    -------
    kinds : dict of str to str
        As given, such promotions as ``market``.
    notices : list of Notice
    """
    result, notices = dict(kinds), []
    for name, kind in kinds.items():
        past = raw[name][:, :known]
        given = np.isfinite(past)
        share = float((np.abs(np.nan_to_num(past)) > 0).sum()) / max(int(given.sum()), 1)
        if kind != "promotion" or share <= _STEADY or np.nanmax(past) - np.nanmin(past) < _FLAT:
            continue
        result[name] = "market"
        text = (
            f"Driver {name!r} is declared a promotion but is on in {Said(share):.0%} of the history, so "
            "there is no time without it to compare with; it is read as a market driver, and its usual value "
            "is taken as the reference."
        )
        notices.append(Notice("driver_steady", text, 1))
    return result, notices


def screen_drivers(
    raw: Mapping[str, np.ndarray], kinds: Mapping[str, str], known: int, sales: np.ndarray
) -> tuple[dict[str, str], list[Notice]]:
    """Drivers that can say nothing, and why.

    Parameters
    ----------
    raw : mapping of str to ndarray, shape (series, known + horizon)
        Values as given; NaN where none.
    kinds : mapping of str to {"price", "promotion", "market"}
    known : int
        Periods of history.
    sales : ndarray, shape (series, known)

    Returns
    -------
    unused : dict of str to str
        The reason, by driver.
    notices : list of Notice
        One for each reason.
    """
    unused: dict[str, str] = {}
    moves: dict[str, np.ndarray] = {}
    seen = np.isfinite(sales)
    for name, kind in kinds.items():
        past = np.where(seen, raw[name][:, :known], np.nan)
        if kind == "promotion":
            past = np.where(seen, np.nan_to_num(raw[name][:, :known]), np.nan)
        reason = _says_nothing(name, kind, past, np.isfinite(raw[name]).any())
        if not reason:
            move = np.nan_to_num(past - _row_mean(past))
            twin = next((other for other, m in moves.items() if _cosine(move, m) > _SAME), None)
            reason = (
                f"moves exactly with {twin!r}, so the two cannot be told apart; {twin!r} carries both"
                if twin
                else ""
            )
            if not reason:
                moves[name] = move
        if reason:
            unused[name] = reason
    unused |= _too_many(moves, sales)
    groups: dict[str, list[str]] = {}
    for name, reason in unused.items():
        groups.setdefault(reason, []).append(name)
    notices = [
        Notice(
            "driver_unused", f"{_listed(names)}: no effect was estimated, because it {reason}.", len(names)
        )
        for reason, names in groups.items()
    ]
    return unused, notices


def _says_nothing(name: str, kind: str, past: np.ndarray, given: bool) -> str:
    del name
    if not given:
        return "has no values"
    known = past[np.isfinite(past)]
    if kind == "price":
        known = known[known > 0]
    if not known.size:
        return "starts after the history"
    spread = np.nan_to_num(past - _row_mean(past))
    if np.abs(spread).max() > 1e-9 * max(1.0, float(np.abs(known).max())):
        return ""
    if kind == "promotion":
        return "is on in every period of the history" if known.max() > 0 else "never happened in the history"
    return "never varies in the history"


def _too_many(moves: Mapping[str, np.ndarray], sales: np.ndarray) -> dict[str, str]:
    """Where drivers outnumber what the periods can tell apart, keep those that move most with sales."""
    most = min(_MOST_DRIVERS, max(3, sales.shape[1] // _PERIODS_PER_DRIVER))
    if len(moves) <= most:
        return {}
    logs = np.log1p(np.clip(sales, 0, None))
    target = np.nan_to_num(logs - _row_mean(logs))
    score = {name: abs(_cosine(move, target, signed=True)) for name, move in moves.items()}
    ranked = sorted(score, key=lambda name: (-score[name], name))
    reason = (
        f"is one of {len(moves)} drivers where {sales.shape[1]} periods can tell about {most} apart, "
        "and moves less with sales than those kept"
    )
    return dict.fromkeys(ranked[most:], reason)


def _row_mean(values: np.ndarray) -> np.ndarray:
    count = np.isfinite(values).sum(axis=1, keepdims=True)
    return np.asarray(
        np.where(np.isfinite(values), values, 0.0).sum(axis=1, keepdims=True) / np.maximum(count, 1)
    )


def _cosine(a: np.ndarray, b: np.ndarray, signed: bool = False) -> float:
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    value = float((a * b).sum()) / size if size > 0 else 0.0
    return value if signed else abs(value)


def _listed(names: list[str], most: int = 8) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
