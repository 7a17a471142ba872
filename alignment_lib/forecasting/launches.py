"""Launches: what a product without history may sell, by analogs and adoption curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alignment_lib.inputs.problems import Notice

__all__ = [
    "KAHN_ACCURACY",
    "BassCurve",
    "analog_curve",
    "bass_curve",
    "bass_share",
    "fit_bass",
    "launch_band",
    "launch_log_error",
]

KAHN_ACCURACY: Mapping[str, float] = {
    "cost improvement": 0.72,
    "product improvement": 0.65,
    "line extension": 0.63,
    "market extension": 0.54,
    "new to company": 0.47,
    "new to world": 0.40,
}
"""Mean accuracy (1 - absolute percentage error) of forecasts one year after launch, by type (Kahn 2002)."""

_DEFAULT_P, _DEFAULT_Q = 0.03, 0.38
_DEFAULT_LOG_ERROR = 0.9
_FEWEST_POINTS = 5
_Z80 = 1.2815515655446004
_MEAN_ABSOLUTE = 0.7978845608028654
"""Mean absolute value of a standard normal variable, sqrt(2 / pi)."""


@dataclass(frozen=True)
class BassCurve:
    """An adoption curve with its uncertainty.

    Attributes
    ----------
    innovation, imitation : float
        Bass p and q, per period.
    market : float
        All who will ever adopt, in units.
    log_error : float
        Standard deviation of log sales per period around the curve, curve error included.
    fitted : bool
        False where the stated defaults stand in.
    notices : tuple of Notice
    """

    innovation: float
    imitation: float
    market: float
    log_error: float
    fitted: bool
    notices: tuple[Notice, ...] = ()

    def sales(self, first: int, periods: int) -> np.ndarray:
        """Adopters in each of `periods` periods, the first numbered `first` (0 at launch)."""
        return bass_curve(self.innovation, self.imitation, self.market, first, periods)


def bass_share(innovation: float, imitation: float, time: np.ndarray) -> np.ndarray:
    """Share of the market that has adopted by a time since launch (Bass 1969, eq. 8).

    F(t) = (1 - e^-(p+q)t) / (1 + q/p e^-(p+q)t).

    >>> bass_share(0.03, 0.38, np.array([0.0, 5.0, 50.0])).round(3).tolist()
    [0.0, 0.331, 1.0]
    """
    decay = np.exp(-(innovation + imitation) * np.asarray(time, dtype=float))
    return np.asarray((1 - decay) / (1 + imitation / innovation * decay))


def bass_curve(innovation: float, imitation: float, market: float, first: int, periods: int) -> np.ndarray:
    """Adopters in each period: the market times the growth of `bass_share` over the period."""
    edges = np.arange(first, first + periods + 1)
    return np.asarray(market * np.diff(bass_share(innovation, imitation, edges)))


def fit_bass(
    sales: Sequence[float] | np.ndarray, *, periods_a_year: int, market: float | None = None
) -> BassCurve:
    """Fit p, q and the market to sales since launch by nonlinear least squares (Srinivasan & Mason 1986).

    With fewer than five points, or where the fit fails, the defaults p 0.03 and q 0.38 a year stand in (the
    means over many categories: Sultan, Farley & Lehmann 1990), scaled to the period, with wide bands.

    Parameters
    ----------
    sales : sequence of float
        Adopters per period from launch on; missing values (NaN) are left out.
    periods_a_year : int
        52, 12 or 4.
    market : float, optional
        All who will ever adopt; without it and without a fit, the market that gives the sales so far.

    Raises
    ------
    ValueError
        Where neither sales nor a market are given.
    """
    values = np.asarray(sales, dtype=float)
    seen = np.isfinite(values)
    if market is None and not (values[seen] > 0).any():
        raise ValueError("launch: found neither sales since launch nor a market size, expected one of them")
    if seen.sum() >= _FEWEST_POINTS and (values[seen] > 0).any():
        fitted = _least_squares(values, seen, market, periods_a_year)
        if fitted is not None:
            return fitted
    return _default_curve(values, seen, market, periods_a_year)


def _least_squares(
    values: np.ndarray, seen: np.ndarray, market: float | None, periods_a_year: int
) -> BassCurve | None:
    from scipy.optimize import least_squares

    places = np.flatnonzero(seen)
    total = float(values[seen].clip(0).sum())
    spread = max(float(values[seen].std()), 1e-9)

    def curve(parameters: np.ndarray) -> np.ndarray:
        p, q = np.exp(parameters[:2])
        size = market if market is not None else float(np.exp(parameters[2]))
        return bass_curve(float(p), float(q), size, 0, len(values))[places]

    quick = 4 / periods_a_year
    start = [np.log(_DEFAULT_P * quick), np.log(_DEFAULT_Q * quick), np.log(2 * total)]
    high = [np.log(1.0), np.log(3.0), np.log(50 * total)]
    low = [np.log(1e-6), np.log(1e-6), np.log(0.5 * total)]
    count = 3 if market is None else 2
    result = least_squares(
        lambda parameters: (curve(parameters) - values[places]) / spread,
        np.clip(start[:count], low[:count], high[:count]),
        bounds=(low[:count], high[:count]),
    )
    at_bound = np.isclose(result.x, low[:count], atol=1e-3) | np.isclose(result.x, high[:count], atol=1e-3)
    if not result.success or (market is None and at_bound[2]):
        return None
    p, q = (float(value) for value in np.exp(result.x[:2]))
    size = market if market is not None else float(np.exp(result.x[2]))
    relative = np.log((values[places].clip(0) + 1) / (curve(result.x) + 1))
    freedom = max(1, len(places) - count)
    error = float(np.sqrt((relative**2).sum() / freedom))
    # Few points pin a curve down badly: the error grows by what its three parameters may still be.
    return BassCurve(p, q, size, float(error * np.sqrt(1 + count / freedom)), True)


def _default_curve(
    values: np.ndarray, seen: np.ndarray, market: float | None, periods_a_year: int
) -> BassCurve:
    p, q = _DEFAULT_P / periods_a_year, _DEFAULT_Q / periods_a_year
    size = market
    if size is None:
        share = bass_curve(p, q, 1.0, 0, len(values))[seen].sum()
        size = float(values[seen].clip(0).sum() / max(float(share), 1e-9))
    text = (
        f"Adoption curve from {int(seen.sum())} points: p 0.03 and q 0.38 a year were assumed, with wide "
        "bands (five or more points that bend are needed for a fit)."
    )
    return BassCurve(p, q, size, _DEFAULT_LOG_ERROR, False, (Notice("bass_default", text, int(seen.sum())),))


def analog_curve(
    histories: np.ndarray,
    launches: Sequence[int],
    weights: Sequence[float],
    *,
    periods: int,
    scale: float = 1.0,
    baselines: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Sales from launch on, from earlier launches: aligned at launch, weighted, scaled.

    Parameters
    ----------
    histories : ndarray, shape (analogs, periods)
        Sales of the analogs; NaN where unknown.
    launches : sequence of int
        Position of each analog's first period.
    weights : sequence of float
        How much each counts; they are scaled to add to 1 over the analogs known in a period.
    periods : int
        Length wanted. Beyond the longest analog the last mean of a quarter of the length is held.
    scale : float
        Size of the new product against the weighted analogs.
    baselines : ndarray, shape (analogs, periods), optional
        Season of each analog (1 is usual), divided out so that launches at other times of year compare.

    Returns
    -------
    curve : ndarray, shape (periods,)
    log_error : ndarray, shape (periods,)
        Spread of the analogs in logs around the curve, at least that of a line extension.

    Raises
    ------
    ValueError
        With no analogs, or with weights that are negative or add to nothing.

    >>> analog_curve(np.array([[0.0, 4, 8, 8]]), [1], [1.0], periods=3, scale=0.5)[0].tolist()
    [2.0, 4.0, 4.0]
    """
    shares = np.asarray(weights, dtype=float)
    if len(histories) == 0 or (shares < 0).any() or shares.sum() <= 0:
        raise ValueError(f"analogs: found weights {list(weights)!r}, expected at least one positive weight")
    values = histories if baselines is None else histories / np.where(baselines > 0, baselines, np.nan)
    aligned = np.full((len(values), periods), np.nan)
    for row, launch in enumerate(launches):
        part = values[row, launch : launch + periods]
        aligned[row, : len(part)] = part
    seen = np.isfinite(aligned)
    size = (seen * shares[:, None]).sum(axis=0)
    total = (np.where(seen, aligned, 0.0) * shares[:, None]).sum(axis=0)
    curve = np.where(size > 0, total / np.maximum(size, 1e-12), np.nan)
    if not np.isfinite(curve).any():
        raise ValueError("analogs: found no sales after the launches given, expected at least one period")
    curve = _hold(curve)
    gaps = np.where(seen, np.log((np.where(seen, aligned, 0).clip(0) + 1) / (curve.clip(0) + 1)), 0.0)
    variance = (gaps**2 * shares[:, None]).sum(axis=0) / np.maximum(size, 1e-12)
    count = np.maximum(seen.sum(axis=0), 1)
    # A spread around its own mean is short by one analog in n, and a new launch is one more of them.
    variance = variance * (count + 1) / np.maximum(count - 1, 1)
    floor = launch_log_error("line extension")
    return curve * scale, np.maximum(np.sqrt(variance), floor)


def _hold(curve: np.ndarray) -> np.ndarray:
    """Fill gaps between points by a line; after the last, hold the mean of the last quarter."""
    known = np.flatnonzero(np.isfinite(curve))
    filled = np.interp(np.arange(len(curve)), known, curve[known])
    last = int(known[-1])
    tail = max(1, (last + 1) // 4)
    filled[last + 1 :] = filled[last + 1 - tail : last + 1].mean()
    return np.asarray(filled)


def launch_log_error(kind: str) -> float:
    """Standard deviation of log sales around a launch forecast of a type, from Kahn's accuracies.

    Kahn's mean absolute percentage error is read as the mean absolute value of a normal error in logs, so
    that doubling and halving are the same miss: sigma = (1 - accuracy) / sqrt(2 / pi).

    Raises
    ------
    ValueError
        For an unknown type.

    >>> round(launch_log_error("line extension"), 3)
    0.464
    """
    if kind not in KAHN_ACCURACY:
        raise ValueError(f"launch type: found {kind!r}, expected one of {', '.join(KAHN_ACCURACY)}")
    return float((1.0 - KAHN_ACCURACY[kind]) / _MEAN_ABSOLUTE)


def launch_band(expected: np.ndarray, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """10 % and 90 % points of a launch forecast by type of launch (see `launch_log_error`).

    Raises
    ------
    ValueError
        For an unknown type.

    >>> [bound.round(1).tolist() for bound in launch_band(np.array([100.0]), "cost improvement")]
    [[63.8], [156.8]]
    """
    factor = np.exp(_Z80 * launch_log_error(kind))
    return expected / factor, expected * factor
