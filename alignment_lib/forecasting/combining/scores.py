"""Scores of forecasts: each beside seasonal naive, by level and by lag."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

__all__ = [
    "BAND_SCORES",
    "SCORES",
    "score_backtest",
    "score_bands",
    "score_draws",
    "score_points",
    "score_samples",
]

SCORES = ("mase", "smape", "wape", "bias", "rmsse")
BAND_SCORES = ("crps", "pinball_0.1", "pinball_0.5", "pinball_0.9", "coverage_80", "coverage_95", "width_80")


def score_points(
    actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
) -> dict[str, float]:
    """Mean scores over series; points without an actual are left out.

    Parameters
    ----------
    actual, forecast : ndarray, shape (series, periods)
    history : ndarray, shape (series, past)
        What the scaled errors are measured by: mean absolute and squared seasonal differences
        (Hyndman and Koehler 2006; Makridakis, Spiliotis and Assimakopoulos 2022 for RMSSE).
    season : int

    Returns
    -------
    dict
        ``mase`` and ``rmsse`` as ratios, ``smape`` (0 to 200) and ``wape`` in percent, ``bias`` in
        percent of actual sales, above zero where the forecast was too high.

    Examples
    --------
    >>> scores = score_points(np.array([[2.0, 2.0]]), np.array([[3.0, 1.0]]), np.array([[1.0, 2.0, 1.0]]), 1)
    >>> (scores["mase"], scores["wape"], scores["bias"])
    (1.0, 50.0, 0.0)
    """
    known = np.isfinite(actual) & np.isfinite(forecast)
    gap = np.where(known, forecast - actual, 0.0)
    seen = known.sum(axis=1)
    absolute, squared = _scales(history, season)
    size = np.where(known, np.abs(actual) + np.abs(forecast), 0.0)
    share = np.where(size > 0, 200 * np.abs(gap) / np.where(size > 0, size, 1.0), 0.0)
    total = float(np.abs(actual[known]).sum())
    return {
        "mase": _mean_ratio(np.abs(gap).sum(axis=1), seen, absolute),
        "smape": float(share[known].mean()) if known.any() else np.nan,
        "wape": 100 * float(np.abs(gap).sum()) / total if total > 0 else np.nan,
        "bias": 100 * float(gap.sum()) / total if total > 0 else np.nan,
        "rmsse": _mean_ratio((gap**2).sum(axis=1), seen, squared, root=True),
    }


def _scales(history: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    lag = season if history.shape[1] > season else 1
    change = history[:, lag:] - history[:, :-lag]
    known = np.isfinite(change)
    seen = np.maximum(known.sum(axis=1), 1)
    change = np.where(known, change, 0.0)
    return np.abs(change).sum(axis=1) / seen, (change**2).sum(axis=1) / seen


def _mean_ratio(total: np.ndarray, seen: np.ndarray, scale: np.ndarray, root: bool = False) -> float:
    """Mean over series of loss over scale; series without change or without actuals are left out."""
    good = (seen > 0) & (scale > 0)
    if not good.any():
        return float("nan")
    ratio = total[good] / seen[good] / scale[good]
    return float(np.sqrt(ratio).mean() if root else ratio.mean())


def score_samples(actual: np.ndarray, samples: np.ndarray) -> dict[str, float]:
    """Scores of draws: CRPS and pinball losses in percent of actual sales.

    CRPS by its sample form ``E|X - y| - E|X - X'|/2`` (Gneiting and Raftery 2007, Journal of the
    American Statistical Association 102, 359-378, eq. 21).

    Parameters
    ----------
    actual : ndarray, shape (series, periods)
    samples : ndarray, shape (draws, series, periods)
    """
    known = np.isfinite(actual)
    ordered = np.sort(samples, axis=0)
    draws = len(ordered)
    place = (2 * np.arange(1, draws + 1) - draws - 1)[:, None, None]
    spread = (place * ordered).sum(axis=0) / draws**2
    crps = np.abs(samples - actual).mean(axis=0) - spread
    total = float(np.abs(actual[known]).sum())
    out = {"crps": 100 * float(crps[known].sum()) / total if total > 0 else np.nan}
    levels = (0.1, 0.5, 0.9)
    for level, cut in zip(levels, np.quantile(ordered, levels, axis=0), strict=True):
        gap = actual - cut
        loss = np.maximum(level * gap, (level - 1) * gap)
        out[f"pinball_{level:g}"] = 100 * float(loss[known].sum()) / total if total > 0 else np.nan
    return out


def score_bands(
    actual: np.ndarray, samples: np.ndarray, covers: tuple[int, ...] = (80, 95)
) -> dict[str, float]:
    """Share of actuals inside the central bands, and the bands' mean width over mean actual."""
    known = np.isfinite(actual)
    size = float(np.abs(actual[known]).mean()) if known.any() else np.nan
    out: dict[str, float] = {}
    edges = [edge for cover in covers for edge in (0.5 - cover / 200, 0.5 + cover / 200)]
    cuts = np.quantile(samples, edges, axis=0)
    for cover, low, high in zip(covers, cuts[::2], cuts[1::2], strict=True):
        inside = (actual >= low) & (actual <= high)
        out[f"coverage_{cover}"] = float(inside[known].mean()) if known.any() else np.nan
        out[f"width_{cover}"] = float((high - low)[known].mean()) / size if size else np.nan
    return out


def score_backtest(
    actual: np.ndarray,
    forecasts: Mapping[str, np.ndarray],
    history: np.ndarray,
    season: int,
    groups: Mapping[str, np.ndarray],
    lags: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Scores of every forecast by level and lag, seasonal naive among them.

    Parameters
    ----------
    actual : ndarray, shape (origins, series, steps)
    forecasts : mapping of str to ndarray, shape (origins, series, steps)
        Must hold ``"naive"``.
    history : ndarray, shape (series, past)
    season : int
    groups : mapping of str to ndarray of int, shape (series,)
        Levels: the group of each series; series of one group are summed, and where one of them has no
        actual (it was not sold yet, or no longer) it is left out of both sums.
    lags : mapping of str to ndarray of int
        Steps (from 0) that make up each lag, such as the next quarter.

    Returns
    -------
    DataFrame
        ``level, lag, forecast``, the scores, and ``<score>_naive`` beside each.
    """
    records = []
    known = np.isfinite(actual) & np.all([np.isfinite(path) for path in forecasts.values()], axis=0)
    for level, codes in groups.items():
        past = _sum_known(history[None], np.isfinite(history)[None], codes)[0]
        truth = _sum_known(actual, known, codes)
        sums = {name: _sum_known(path, known, codes) for name, path in forecasts.items()}
        for lag, steps in lags.items():
            real = truth[:, :, steps]
            by_name = {
                name: _mean_scores(real, path[:, :, steps], past, season) for name, path in sums.items()
            }
            for name, scores in by_name.items():
                beside = {f"{score}_naive": by_name["naive"][score] for score in SCORES}
                records.append({"level": level, "lag": lag, "forecast": name, **scores, **beside})
    return pd.DataFrame(records)


def score_draws(
    actual: np.ndarray,
    naive: np.ndarray,
    draws: Iterable[np.ndarray],
    groups: Mapping[str, np.ndarray],
    lags: Mapping[str, np.ndarray],
) -> pd.DataFrame:
    """Scores of bands by level and lag, averaged over origins, beside those of seasonal naive.

    A forecast without a band is a distribution of one point: its CRPS is its absolute error.

    Parameters
    ----------
    actual, naive : ndarray, shape (origins, series, steps)
    draws : iterable of ndarray, shape (draws, series, steps)
        One for each origin; taken one at a time, for all of them would not fit into memory.
    groups, lags
        As for `score_backtest`.

    Returns
    -------
    DataFrame
        ``level, lag``, the scores of `BAND_SCORES`, and ``crps_naive`` and the pinball losses of naive.
    """
    records = []
    for truth, plain, drawn in zip(actual, naive, draws, strict=True):
        known = np.isfinite(truth) & np.isfinite(plain) & np.isfinite(drawn).all(axis=0)
        for level, codes in groups.items():
            real, point = (_sum_known(part[None], known[None], codes) for part in (truth, plain))
            sums = _sum_known(drawn, np.broadcast_to(known, drawn.shape), codes)
            for lag, steps in lags.items():
                made = _band_scores(real[0][:, steps], point[:, :, steps], sums[:, :, steps])
                records.append({"level": level, "lag": lag, **made})
    if not records:
        return pd.DataFrame(columns=["level", "lag", *BAND_SCORES])
    table = pd.DataFrame(records)
    return table.groupby(["level", "lag"], sort=False).mean().reset_index()


def _band_scores(truth: np.ndarray, naive: np.ndarray, drawn: np.ndarray) -> dict[str, float]:
    if not np.isfinite(truth).any():
        return {}
    filled = np.nan_to_num(drawn)
    ours, theirs = score_samples(truth, filled), score_samples(truth, np.nan_to_num(naive))
    return {
        **ours,
        **score_bands(truth, filled),
        **{f"{name}_naive": value for name, value in theirs.items()},
    }


def _sum_known(values: np.ndarray, known: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Sums over the known series of each group; NaN where none is known."""
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums = np.add.reduceat(np.where(known, values, 0.0)[:, order], starts, axis=1)
    seen = np.logical_or.reduceat(known[:, order], starts, axis=1)
    out = np.full((len(values), int(codes.max()) + 1, values.shape[2]), np.nan)
    out[:, present] = np.where(seen, sums, np.nan)
    return out


def _mean_scores(truth: np.ndarray, path: np.ndarray, past: np.ndarray, season: int) -> dict[str, float]:
    pairs = zip(truth, path, strict=True)
    each = pd.DataFrame([score_points(a, f, past, season) for a, f in pairs], columns=list(SCORES))
    return {score: float(each[score].mean()) for score in SCORES}
