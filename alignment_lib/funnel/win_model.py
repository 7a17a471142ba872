"""Probability to win a lead once it is reached: its quality, and the waiting and talk it met.

A binomial GLM with a ridge on the levels of source, campaign, device and dimensions (statsmodels), fitted
on leads that were reached and are old enough for their outcome to be in. Only what is known when the lead
comes in counts as quality; of what happens after acceptance only the wait to the first attempt and the
call score enter, as handling, and a *win given proper handling* is predicted with the wait at the promise
and the average talk. Leads never reached win at their own, usually tiny, observed rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.funnel.cohorts import LagDistribution
from alignment_lib.funnel.leads import FunnelLeads
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.written_numbers import Said

__all__ = [
    "WinModel",
    "calibrate_wins",
    "fit_wins",
    "linear_predictor",
    "predict_wins",
    "quality_places",
    "wait_term",
]

_QUALITY_SPREAD = 1.0
_HANDLING_SPREAD = 2.5
"""Prior standard deviations on the logit scale (Gelman et al. 2008, Annals of Applied Statistics 2)."""
_LEVEL_LEADS = 30
_MOST_ROWS = 50_000
_FEWEST_WINS = 20
_BIN_LEADS = 800
_OLD_SHARE = 0.7
_TRIED_SHARES = (0.95, 0.9, 0.8)
_SETTLED = 1e-9
"""A largest step below which Newton's method has settled."""


@dataclass(frozen=True)
class WinModel:
    """A fitted model.

    Attributes
    ----------
    levels : dict of str to tuple of str
        Levels kept of each quality column; the first, ``""``, takes all that are rare or unknown.
    names : tuple of str
        Names of the coefficients: ``intercept``, ``column=level``, ``wait``, ``talk``.
    coefficients, covariance : ndarray
        Log odds, and their posterior covariance (inverse of the penalised information).
    promise_wait : float
        `wait_term` of the promised first contact; the model's zero of waiting.
    talk_mean : float
        Mean call score, the model's zero of talk; NaN where calls are not scored.
    unreached_rate : float
        Share won among accepted leads never reached.
    horizon_days : int
        Leads of this age or more are learnt from: the lag's horizon, or where fewer than 70 % of leads are
        that old, the 95, 90 or 80 % point of the lag. All their wins count, later ones too.
    leads, won : int
        What it was fitted on.
    notices : tuple of Notice
        What was left out.
    """

    levels: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    promise_wait: float
    talk_mean: float
    unreached_rate: float
    horizon_days: int
    leads: int
    won: int
    notices: tuple[Notice, ...] = ()

    def coefficient(self, name: str) -> tuple[float, float]:
        """Estimate and standard error by name; zeros where the model has no such term."""
        if name not in self.names:
            return 0.0, 0.0
        place = self.names.index(name)
        return float(self.coefficients[place]), float(np.sqrt(self.covariance[place, place]))


def wait_term(hours: np.ndarray) -> np.ndarray:
    """How waiting enters the log odds: log(1 + days), steep in the first hours and flat after weeks.

    >>> wait_term(np.array([0.0, 24.0])).round(4).tolist()
    [0.0, 0.6931]
    """
    return np.asarray(np.log1p(np.asarray(hours, dtype=float) / 24.0))


def fit_wins(leads: FunnelLeads, lag: LagDistribution, seed: int) -> WinModel | None:
    """Fit the model on mature, reached leads; None where fewer than 20 were won or lost.

    Parameters
    ----------
    leads : FunnelLeads
        Prepared leads.
    lag : LagDistribution
        Says when an outcome is in.
    seed : int
        Draws the sample of 50,000 where there are more leads.
    """
    leads = leads.whole
    days, notices = _outcome_days(leads, lag)
    table = _training_leads(leads, days)
    won = table["is_won"].to_numpy()
    if min(won.sum(), (~won).sum()) < _FEWEST_WINS:
        return None
    rows, sampled = _sample(len(table), seed)
    table, won = table.iloc[rows], won[rows]
    empty = _empty_model(leads, table, days)
    design = _design(empty, table)
    coefficients, covariance = _fit_ridge(design, won.astype(float), _penalty(empty.names))
    return WinModel(
        empty.levels,
        empty.names,
        coefficients,
        covariance,
        empty.promise_wait,
        empty.talk_mean,
        _unreached_rate(leads, days),
        days,
        len(table),
        int(won.sum()),
        (*notices, *sampled),
    )


def _outcome_days(leads: FunnelLeads, lag: LagDistribution) -> tuple[int, tuple[Notice, ...]]:
    """Days after which an outcome counts as in, so that most leads can be learnt from."""
    age = leads.table.loc[leads.table["is_accepted"], "age_days"]
    if not lag.won or not len(age) or (age >= lag.horizon_days).mean() >= _OLD_SHARE:
        return lag.horizon_days, ()
    tried = {share: int(lag.quantile(share)) for share in _TRIED_SHARES}
    share = next(
        (one for one, days in tried.items() if (age >= days).mean() >= _OLD_SHARE), _TRIED_SHARES[-1]
    )
    text = f"Few leads are old enough: the win model learns wins within {tried[share]} days, "
    text += f"{Said(share):.0%} of all."
    return tried[share], (Notice("short_outcomes", text),)


def _training_leads(leads: FunnelLeads, days: int) -> pd.DataFrame:
    table = leads.table
    used = table["is_accepted"] & (table["age_days"] >= days)
    if "contacted" in leads.recorded:
        used &= table["is_contacted"] & table["wait_hours"].notna()
    return table[used]


def _unreached_rate(leads: FunnelLeads, days: int) -> float:
    table = leads.table
    used = table["is_accepted"] & ~table["is_contacted"] & (table["age_days"] >= days)
    if "contacted" not in leads.recorded or not used.any():
        return 0.0
    return float(table.loc[used, "is_won"].mean())


def _sample(count: int, seed: int) -> tuple[np.ndarray, tuple[Notice, ...]]:
    if count <= _MOST_ROWS:
        return np.arange(count), ()
    rows = np.sort(np.random.default_rng(seed).choice(count, _MOST_ROWS, replace=False))
    text = f"The win model is fitted on a seeded sample of {_MOST_ROWS:,} leads."
    return rows, (Notice("win_model_sample", text, _MOST_ROWS),)


def _empty_model(leads: FunnelLeads, table: pd.DataFrame, days: int) -> WinModel:
    levels = {}
    for column in ("source", "campaign", "device", *leads.dimensions):
        counts = table[column].value_counts()
        kept = sorted(str(level) for level in counts.index[counts >= _LEVEL_LEADS] if str(level))
        if len(kept) > 1 or (kept and counts.sum() - counts[kept[0]] >= _LEVEL_LEADS):
            levels[column] = ("", *kept)
    handled = "contacted" in leads.recorded
    scored = table["call_quality"].notna()
    talk = (
        float(table.loc[scored, "call_quality"].mean()) if handled and scored.mean() > 0.1 else float("nan")
    )
    names = ["intercept", *(f"{column}={level}" for column in levels for level in levels[column])]
    names += ["wait"] * handled + ["talk"] * bool(np.isfinite(talk))
    promise = float(wait_term(np.array(leads.promise.first_contact_hours)))
    nothing = np.zeros(0)
    return WinModel(levels, tuple(names), nothing, nothing, promise, talk, 0.0, days, 0, 0)


def _penalty(names: Sequence[str]) -> np.ndarray:
    """Prior precision of each coefficient."""
    spread = [_HANDLING_SPREAD if name in ("wait", "talk") else _QUALITY_SPREAD for name in names]
    precision = 1.0 / np.square(spread)
    precision[0] = 1e-6
    return np.asarray(precision)


def _level_codes(model: WinModel, table: pd.DataFrame, column: str) -> np.ndarray:
    """Number of each row's level among the model's, 0 for the rest."""
    place = {level: at for at, level in enumerate(model.levels[column])}
    categories = table[column].cat.categories
    known = np.asarray([place.get(str(level), 0) for level in categories], dtype=np.int64)
    return known[table[column].cat.codes.to_numpy()]


def _handling_columns(model: WinModel, table: pd.DataFrame) -> list[np.ndarray]:
    columns = []
    if "wait" in model.names:
        wait = wait_term(table["wait_hours"].to_numpy(dtype=float)) - model.promise_wait
        columns.append(np.nan_to_num(wait, nan=0.0))
    if "talk" in model.names:
        columns.append(np.nan_to_num(table["call_quality"].to_numpy(dtype=float) - model.talk_mean, nan=0.0))
    return columns


def _design(model: WinModel, table: pd.DataFrame) -> np.ndarray:
    blocks = [np.ones((len(table), 1))]
    for column, levels in model.levels.items():
        blocks.append(np.eye(len(levels))[_level_codes(model, table, column)])
    blocks += [column[:, None] for column in _handling_columns(model, table)]
    return np.hstack(blocks)


def _fit_ridge(design: np.ndarray, won: np.ndarray, precision: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ridge GLM's optimum by Newton's method; statsmodels' own search goes on where that has not settled.

    Started from a settled optimum statsmodels returns it as it is (a test says so), and its import takes
    longer than all the rest.
    """
    at = np.zeros(design.shape[1])
    at[0] = np.log(won.mean() / (1.0 - won.mean()))
    for _ in range(8):
        step, _ = _newton(design, won, precision, at)
        at = at + step
        if np.abs(step).max() < _SETTLED:
            break
    else:
        at = _search_further(design, won, precision, at)
    _, covariance = _newton(design, won, precision, at)
    return at, covariance


def _search_further(
    design: np.ndarray, won: np.ndarray, precision: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Statsmodels' ridge GLM from a start."""
    import statsmodels.api as sm

    fit = sm.GLM(won, design, family=sm.families.Binomial()).fit_regularized(
        alpha=precision / len(won), L1_wt=0.0, start_params=start
    )
    return np.asarray(fit.params)


def _newton(
    design: np.ndarray, won: np.ndarray, precision: np.ndarray, at: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    chance = _expit(design @ at)
    weights = chance * (1.0 - chance)
    covariance = np.linalg.inv(design.T @ (design * weights[:, None]) + np.diag(precision))
    return covariance @ (design.T @ (won - chance) - precision * at), covariance


def _expit(value: np.ndarray) -> np.ndarray:
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


def linear_predictor(
    model: WinModel, table: pd.DataFrame, coefficients: np.ndarray | None = None
) -> np.ndarray:
    """Log odds of each lead at the promised wait and the average talk: its quality alone."""
    values = model.coefficients if coefficients is None else coefficients
    return np.asarray(values[0] + values[quality_places(model, table)].sum(axis=1))


def quality_places(model: WinModel, table: pd.DataFrame) -> np.ndarray:
    """Which coefficients make up each lead's quality: their places, one per column of the model.

    ``coefficients[0] + coefficients[places].sum(axis=1)`` is the lead's log odds, for the model's own
    coefficients or for a draw of them.
    """
    places, first = [], 1
    for column, levels in model.levels.items():
        places.append(first + _level_codes(model, table, column))
        first += len(levels)
    return np.column_stack(places) if places else np.zeros((len(table), 0), dtype=np.int64)


def predict_wins(
    model: WinModel,
    table: pd.DataFrame,
    wait_hours: np.ndarray | None = None,
    talk: np.ndarray | None = None,
    coefficients: np.ndarray | None = None,
) -> np.ndarray:
    """Chance that each lead, once reached, is won.

    Parameters
    ----------
    model : WinModel
        The fitted model.
    table : DataFrame
        Leads as `FunnelLeads.table` holds them.
    wait_hours : ndarray, optional
        Hours to the first attempt; by default the promise. NaN stands for the promise.
    talk : ndarray, optional
        Call score; by default, and where NaN, the average.
    coefficients : ndarray, optional
        Other coefficients than the model's, such as a draw from their distribution.
    """
    values = model.coefficients if coefficients is None else coefficients
    total = linear_predictor(model, table, values)
    if wait_hours is not None and "wait" in model.names:
        slope = values[model.names.index("wait")]
        total = total + slope * np.nan_to_num(wait_term(wait_hours) - model.promise_wait, nan=0.0)
    if talk is not None and "talk" in model.names:
        total = total + values[model.names.index("talk")] * np.nan_to_num(talk - model.talk_mean, nan=0.0)
    return _expit(total)


def calibrate_wins(
    leads: FunnelLeads, lag: LagDistribution, seed: int, folds: int = 5
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Predicted against observed wins, every lead predicted by a fit that has not seen it.

    Returns
    -------
    table : DataFrame
        ``bin, leads, predicted, observed, low, high``: leads in order of their prediction in bins of
        at least 800 where there are so many (smaller bins mostly show chance), with Wilson's (1927)
        90 % bounds.
    summary : dict of str to float
        ``error``: mean absolute difference weighted by leads; ``slope, intercept`` of Cox's (1958)
        recalibration, 1 and 0 where perfect; ``leads``.
    """
    days, _ = _outcome_days(leads, lag)
    table = _training_leads(leads, days)
    won = table["is_won"].to_numpy()
    rows, _ = _sample(len(table), seed)
    table, won = table.iloc[rows], won[rows]
    if min(won.sum(), (~won).sum()) < _FEWEST_WINS:
        return _bins(np.zeros(0), np.zeros(0, dtype=bool)), {"leads": 0.0}
    fold = np.random.default_rng(seed).permutation(len(table)) % folds
    model = _empty_model(leads, table, days)
    design, precision = _design(model, table), _penalty(model.names)
    predicted = np.zeros(len(table))
    for number in range(folds):
        held = fold == number
        coefficients, _ = _fit_ridge(design[~held], won[~held].astype(float), precision)
        predicted[held] = _expit(design[held] @ coefficients)
    bins = _bins(predicted, won)
    gap = (bins["predicted"] - bins["observed"]).abs()
    slope, intercept = _recalibration(predicted, won)
    error = float((gap * bins["leads"]).sum() / bins["leads"].sum())
    return bins, {"error": error, "slope": slope, "intercept": intercept, "leads": float(len(table))}


def _bins(predicted: np.ndarray, won: np.ndarray) -> pd.DataFrame:
    count = len(predicted)
    number = int(np.clip(count // _BIN_LEADS, 3, 10)) if count else 0
    order = np.argsort(predicted, kind="stable")
    place = np.zeros(count, dtype=np.int64)
    place[order] = np.arange(count) * number // max(count, 1)
    leads = np.bincount(place, minlength=number).astype(float)[:number]
    mean = np.bincount(place, weights=predicted, minlength=number)[:number] / np.maximum(leads, 1)
    share = np.bincount(place, weights=won.astype(float), minlength=number)[:number] / np.maximum(leads, 1)
    z2 = 1.6448536**2
    middle = (share + z2 / (2 * np.maximum(leads, 1))) / (1 + z2 / np.maximum(leads, 1))
    spread = np.sqrt(z2 * (share * (1 - share) + z2 / (4 * np.maximum(leads, 1))) / np.maximum(leads, 1))
    spread = spread / (1 + z2 / np.maximum(leads, 1))
    columns = {"bin": np.arange(1, number + 1), "leads": leads.astype(np.int64), "predicted": mean}
    return pd.DataFrame({**columns, "observed": share, "low": middle - spread, "high": middle + spread})


def _recalibration(predicted: np.ndarray, won: np.ndarray) -> tuple[float, float]:
    logit = np.log(predicted / (1.0 - predicted))
    design = np.column_stack([np.ones(len(logit)), logit])
    at = np.array([0.0, 1.0])
    for _ in range(25):
        step, _ = _newton(design, won.astype(float), np.full(2, 1e-9), at)
        at = at + step
    return float(at[1]), float(at[0])
