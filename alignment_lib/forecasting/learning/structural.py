"""Full structural models of single series, with diagnostics (statsmodels)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from alignment_lib.forecasting.learning.members import Prepared, to_relative

__all__ = ["StructuralFit", "fit_structural", "structural_members"]

_LEAST_SEASONS = 2


@dataclass(frozen=True)
class StructuralFit:
    """A structural forecast and whether its assumptions hold.

    Attributes
    ----------
    path : ndarray, shape (horizon,)
        Forecast, on the scale of the values given.
    model : str
        The components used.
    autocorrelation_p : float
        Ljung-Box p-value of the standardised residuals over one season; small means structure is left.
    normality_p : float
        Jarque-Bera p-value.
    stability_p : float
        p-value of equal residual variance in the first and last third (Durbin and Koopman 2012, 2.12).
    """

    path: np.ndarray
    model: str
    autocorrelation_p: float
    normality_p: float
    stability_p: float

    @property
    def sentence(self) -> str:
        """The diagnostics in words."""
        verdicts = [
            ("residuals uncorrelated", "structure left in the residuals", self.autocorrelation_p),
            ("normal", "not normal", self.normality_p),
            ("variance stable", "variance changed", self.stability_p),
        ]
        said = ", ".join(f"{good if p >= 0.05 else bad} (p {p:.2f})" for good, bad, p in verdicts)
        return f"structural: {self.model}; {said}"


def fit_structural(values: np.ndarray, season: int, horizon: int) -> StructuralFit | None:
    """Local linear trend with a season, by maximum likelihood (Harvey 1989; Durbin and Koopman 2012).

    Parameters
    ----------
    values : ndarray, shape (periods,)
        Scale-free history without missing values.
    season : int
        Periods in a season; over 24 it enters as two trigonometric pairs.
    horizon : int
        Periods to forecast.

    Returns
    -------
    StructuralFit or None
        None where the history is under two seasons and a half, constant, or the fit fails.
    """
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    if len(values) < max(_LEAST_SEASONS * season + season // 2, 12) or np.ptp(values) == 0:
        return None
    options: dict[str, object] = {"level": "local linear trend"}
    if 1 < season <= 24:
        options["seasonal"] = season
    elif season > 24:
        options["freq_seasonal"] = [{"period": season, "harmonics": 2}]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = UnobservedComponents(values, **options).fit(disp=False, maxiter=100)
            path = np.asarray(fit.forecast(horizon), dtype=np.float64)
        except (ValueError, np.linalg.LinAlgError):
            return None
    if not np.isfinite(path).all():
        return None
    residuals = np.asarray(fit.standardized_forecasts_error[0])[min(season + 2, len(values) // 3) :]
    lags = int(min(season if season <= 24 else 13, max(len(residuals) // 4, 1)))
    left = float(np.asarray(fit.test_serial_correlation("ljungbox", lags=lags))[0, 1, -1])
    normal = float(fit.test_normality("jarquebera")[0, 1])
    stable = float(fit.test_heteroskedasticity("breakvar")[0, 1])
    shape = "local linear trend and season" if season > 1 else "local linear trend"
    return StructuralFit(path, shape, left, normal, stable)


def structural_members(now: Prepared, horizon: int, classes: np.ndarray) -> tuple[np.ndarray, dict[int, str]]:
    """A full model of every series that can bear one, and what it says of itself, by row.

    NaN leaves a series to the fast members.
    """
    scaled = now.scaled
    paths = np.full((len(classes), horizon), np.nan)
    notes = {}
    for row in np.flatnonzero(~np.isin(classes, ("ended", "empty", "constant"))):
        fit = fit_structural(scaled.z[row, scaled.start[row] :], now.season, horizon)
        notes[int(row)] = "no structural model could be fitted: fast members" if fit is None else fit.sentence
        if fit is not None:
            paths[row] = to_relative(fit.path[None], scaled.is_log[row : row + 1])[0]
    return paths, notes
