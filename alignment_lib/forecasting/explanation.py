"""Why this forecast: members, weights, backtest errors and what was assumed, in the reader's words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.forecasting.combining.backtest import Origins
from alignment_lib.forecasting.combining.ensemble import Ensemble
from alignment_lib.forecasting.combining.reconciliation import Reconciled
from alignment_lib.forecasting.learning.adjustment import Scaled
from alignment_lib.forecasting.learning.global_learner import Learner
from alignment_lib.forecasting.past.cleaning import Cleaned
from alignment_lib.inputs.problems import Notice, counted

__all__ = ["explain_forecast", "list_candidates", "method_notices", "say_rests", "young_season_notices"]

_PLAIN = {
    "ended": "no longer sold: zero",
    "empty": "no value was ever reported: zero",
    "constant": "every value is the same: it is carried on",
}
_LONG_SEASON = 24
_HAVE = ("have", "has")
_ALL_BUT_ALL = 0.995
_OBVIOUS = ("naive", "growth", "rate", "recent", "half naive", "half growth")
"""What is obvious, in the order in which it is shown before what is not."""


def explain_forecast(
    keys: pd.DataFrame, classes: np.ndarray, cleaned: Cleaned, ensemble: Ensemble, reconciled: Reconciled
) -> pd.DataFrame:
    """One row per series and member: ``member, weight, backtest_error, naive_error, reason``.

    Errors are mean absolute scaled errors over the scored origins; NaN where a member was not backtested
    on the series itself (slow members are backtested on a sample).
    """
    blocks = []
    missing = np.full(len(keys), np.nan)
    naive = ensemble.member_errors.get("naive", missing)
    size = cleaned.values.shape[1] - cleaned.start
    for class_name, choice in ensemble.choices.items():
        mine = classes == class_name
        plain = _PLAIN.get(class_name)
        for member, weights in _weights_of(ensemble, class_name, plain, len(keys)).items():
            rows = np.flatnonzero(mine & (weights > 0))
            block = keys.iloc[rows].reset_index(drop=True)
            reason = plain or f"{class_name}: {choice.reason}"
            said = [ensemble.notes.get(int(row), reason) for row in rows]
            reasons = np.where(size[rows] < 4, "under four values: their median", said)
            blocks.append(
                block.assign(
                    member=member,
                    weight=weights[rows],
                    backtest_error=ensemble.member_errors.get(member, missing)[rows],
                    naive_error=naive[rows],
                    reason=np.where(plain is not None, reason, reasons) + _suffix(reconciled, plain),
                    order=rows,
                )
            )
    table = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame()
    if table.empty:
        return table
    table = table.sort_values(["order", "weight"], ascending=[True, False], kind="stable")
    return table.drop(columns="order").reset_index(drop=True)


def list_candidates(classes: np.ndarray, ensemble: Ensemble) -> pd.DataFrame:
    """Every candidate of every class with its backtest, the naive ones first.

    Returns
    -------
    DataFrame
        ``class, series, candidate, error`` (relative to seasonal naive; NaN where it was not tried) and
        ``weight`` (mean over the series of the class).
    """
    rows = []
    for name, choice in sorted(ensemble.choices.items()):
        if name in _PLAIN:
            continue
        count = int((classes == name).sum())
        errors = choice.errors or {choice.candidate: np.nan}
        known = {one: value if value == value else np.inf for one, value in errors.items()}
        order = sorted(known, key=lambda one: (_naive_first(one), known[one], one))
        shares = choice.shares or {choice.candidate: 1.0}
        rows += [(name, count, one, errors[one], shares.get(one, 0.0)) for one in order]
    return pd.DataFrame(rows, columns=["class", "series", "candidate", "error", "weight"])


def _naive_first(candidate: str) -> int:
    return _OBVIOUS.index(candidate) if candidate in _OBVIOUS else len(_OBVIOUS)


def _weights_of(ensemble: Ensemble, class_name: str, plain: str | None, count: int) -> dict[str, np.ndarray]:
    """Weights of the members of a class; what is planned by rule has none but the rule."""
    if plain is not None:
        return {"constant" if class_name == "constant" else "zero": np.ones(count)}
    return ensemble.weights


def _suffix(reconciled: Reconciled, plain: str | None) -> str:
    if plain or reconciled.method in ("none", "bottom_up"):
        return ""
    return f"; reconciled by {reconciled.method}"


def say_rests(cleaned: Cleaned, origins: Origins) -> tuple[Notice, ...]:
    """How many of the periods that the backtest compares with were filled and not known."""
    if not origins.stops:
        return ()
    column = np.arange(cleaned.values.shape[1])
    compared = (column >= np.maximum(cleaned.start, origins.stops[0])[:, None]) & ~cleaned.ended[:, None]
    known = compared & np.isfinite(cleaned.original)
    filled = int(compared.sum() - known.sum())
    if not filled:
        return ()
    text = (
        f"The backtest rests on {counted(int(known.sum()), 'known period')} of all series together; "
        f"{counted(filled, 'more period')} it compares with {'was' if filled == 1 else 'were'} filled."
    )
    return (Notice("backtest_rests", text, filled),)


def method_notices(
    classes: np.ndarray, ensemble: Ensemble, reconciled: Reconciled, learner: Learner | None
) -> tuple[Notice, ...]:
    """What the reader must know of how the baseline was made."""
    notices = []
    origins = ensemble.backtest.origins
    dates = counted(len(origins.stops), "origin")
    text = f"Backtest from {dates} over {counted(origins.steps, 'period')} each."
    if origins.scored:
        text += (
            " Every series was scored; automatic models, which are slow, on at most 120 of a class, evenly"
            " spaced."
        )
        if learner is not None and len(learner.rows.target):
            text += " The learner held its parameters from the first origin."
    else:
        text = "The history is too short for a backtest: default combinations and default bands were used."
    notices.append(Notice("backtest", text, len(origins.stops)))
    notices += _naive_notices(classes, ensemble)
    if learner is not None and not len(learner.rows.target):
        text = "Under 100 series with two seasons of history: no learning across series, local members only."
        notices.append(Notice("no_learner", text, len(classes)))
    for code, sentence in (
        ("short", "Series under a season and a half long: fast members only."),
        ("intermittent", "Series with over a quarter of zeros: intermittent members."),
        ("constant", "Series with one constant value: carried on."),
        ("empty", "Series without any value: forecast is zero."),
    ):
        count = int((classes == code).sum())
        if count:
            notices.append(Notice(f"class_{code}", sentence, count))
    failed = int((ensemble.failed > 0).sum())
    if failed:
        text = "Series to which some slow member could not be fitted: its weight went to the others."
        notices.append(Notice("member_failed", text, failed))
    if reconciled.method != "none":
        how = f"Reconciled by {reconciled.method}: {reconciled.reason}."
        notices.append(Notice("reconciliation", how, len(classes)))
    return tuple(notices)


def young_season_notices(scaled: Scaled, classes: np.ndarray, season: int) -> tuple[Notice, ...]:
    """What weekly series of less than two years cannot tell of their season, and who tells it instead."""
    size = scaled.z.shape[1] - scaled.start
    young = (size >= season // 2) & (size < 2 * season) & ~np.isin(classes, tuple(_PLAIN))
    if season <= _LONG_SEASON or not young.any():
        return ()
    if (size >= 2 * season).any():
        text = (
            "Series of less than two years of weeks: their season is mostly that of the series beside them."
        )
    else:
        again = max(int(size.max()) - season, 0)
        text = (
            f"No series has two years of weeks: {counted(again, 'week')} of the year {_HAVE[again == 1]} been"
            " seen twice. Which peaks come back is not known yet; what was seen once is believed in part."
        )
    return (Notice("season_seen_once", text, int(young.sum())),)


def _naive_notices(classes: np.ndarray, ensemble: Ensemble) -> list[Notice]:
    """Where last year's period is what we have, said as such."""
    alone = ensemble.weights.get("naive", np.zeros(len(classes))) >= _ALL_BUT_ALL
    alone &= ~np.isin(classes, tuple(_PLAIN))
    if not alone.any() or not ensemble.backtest.origins.stops:
        return []
    text = (
        "The baseline is last year's same period: in the backtest no method tried came closer, so nothing"
        " more is claimed than that the year repeats itself."
    )
    return [Notice("naive_is_what_we_have", text, int(alone.sum()))]
