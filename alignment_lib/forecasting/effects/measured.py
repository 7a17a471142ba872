"""What drivers did: uplift, elasticity, pull-forward and cannibalisation, estimated all at once.

Sales of a series are ``mu = base x exp(price and market) x (exp(own promotion) - borrowed - taken)``: what a
promotion brings is gross; a share of it is missing in the weeks after and before (in units, relative to the
base); a share is missing at the other products of the store. All coefficients are found together by
Gauss-Newton steps on relative errors, with trend (a broken line), season and holidays of each series
projected out (Frisch & Waugh 1933). Coefficients of one kind are pooled over products by empirical Bayes
(Efron & Morris 1975; variances by EM as in Laird & Ware 1982). Standard errors allow for errors correlated
in time and common to all series of a product or of a week.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from alignment_lib.forecasting.effects.covariance import ErrorModel, fit_errors, meat
from alignment_lib.forecasting.effects.drivers.days import shared_days
from alignment_lib.forecasting.effects.drivers.moves import Moves, find_moves
from alignment_lib.forecasting.effects.drivers.one_season import steps_since
from alignment_lib.forecasting.effects.drivers.panel import Panel
from alignment_lib.forecasting.effects.drivers.season import year_waves
from alignment_lib.forecasting.effects.parameters import (
    Layout,
    bound_estimate,
    lay_out,
    prior_precision,
    update_spreads,
)
from alignment_lib.inputs.configuration.calendar_settings import Holidays

__all__ = ["Measured", "measure_effects"]

_STEPS = 6
_MOST_PRODUCTS = 40
_FLOOR = 0.1
_FARTHEST = float(np.log(20.0))


@dataclass(frozen=True)
class Measured:
    """Estimates and what they imply for every past period.

    Attributes
    ----------
    layout : Layout
        What each coefficient is.
    estimate : ndarray, shape (coefficients,)
    covariance : ndarray, shape (coefficients, coefficients)
    spreads : dict of str to float
        Standard deviation between products, by kind of coefficient.
    base : ndarray, shape (series, known)
        Sales without promotions, at the prices and market of the day.
    gross : dict of str to ndarray, shape (series, known)
        Units each mechanic brought before moves.
    borrowed : dict of str to ndarray, shape (series, known)
        Units missing because of each mechanic's promotions before or after.
    taken : ndarray, shape (series, known)
        Units missing because other products of the store were promoted.
    moves : Moves
    errors : ErrorModel
    panel : Panel
        With `product` as the groups whose effects are told apart.
    """

    layout: Layout
    estimate: np.ndarray
    covariance: np.ndarray
    spreads: dict[str, float]
    base: np.ndarray
    gross: dict[str, np.ndarray]
    borrowed: dict[str, np.ndarray]
    taken: np.ndarray
    moves: Moves
    errors: ErrorModel
    panel: Panel

    @cached_property
    def promoted(self) -> np.ndarray:
        """Base and what promotions bring before anything moves, shape (series, known)."""
        return np.asarray(self.base + sum(self.gross.values()))

    @cached_property
    def expected(self) -> np.ndarray:
        """Sales as the model explains them, shape (series, known)."""
        total = self.promoted - sum(self.borrowed.values()) - self.taken
        return np.asarray(np.maximum(total, _FLOOR * self.base))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Base sales of each product over the history, shape (products,)."""
        whole = self.base.sum(axis=1)
        return np.bincount(self.panel.product, weights=whole, minlength=self.layout.products)


def measure_effects(panel: Panel, holidays: Holidays) -> Measured | None:
    """Estimate all effects of the drivers in use; None where there is nothing to estimate from.

    With more than forty products (or shops as the narrowest dimension) effects are those of the broadest
    dimension that has no more than forty values and at least two series in each, else of all series.
    """
    panel = replace(panel, product=_scopes(panel))
    moves = find_moves(panel)
    layout = lay_out(panel, moves)
    seen = np.isfinite(panel.values)
    if not layout.size or seen.sum() < 12:
        return None
    base_terms = _base_terms(panel, holidays)
    state = _start(panel, layout, base_terms)
    for step in range(_STEPS):
        state = _improve(panel, moves, layout, base_terms, state, last=step == _STEPS - 1)
    return _conclude(panel, moves, layout, state)


def _scopes(panel: Panel) -> np.ndarray:
    """Group of each series whose effects are told apart."""
    if int(panel.product.max()) < _MOST_PRODUCTS:
        return panel.product
    for name in panel.keys.columns:
        codes = np.asarray(np.unique(panel.keys[name].astype(str), return_inverse=True)[1])
        if codes.max() < _MOST_PRODUCTS and np.bincount(codes).min() > 1:
            return codes
    return np.zeros(len(panel.keys), dtype=int)


@dataclass(frozen=True)
class _State:
    estimate: np.ndarray
    log_base: np.ndarray
    weights: np.ndarray
    spreads: dict[str, float]
    errors: ErrorModel
    covariance: np.ndarray


def _base_terms(panel: Panel, holidays: Holidays) -> np.ndarray:
    """Level and broken-line trend with a knot each quarter, year waves and holidays; (known, terms)."""
    periods = panel.periods[: panel.known]
    season = panel.calendar.season
    years = panel.known / season
    days = shared_days(panel, holidays)
    # More waves as years repeat them: what happens every November is season, not promotion.
    pairs = int(np.clip(2 * years - 2, 1, 3))
    waves, _ = year_waves(panel.calendar, periods, pairs)
    calendar = np.concatenate([waves, days], axis=1) if years >= 1.5 else days
    gap = max(season / 2, panel.known / 40, 6 if season >= 12 else 3)
    knots = np.linspace(0, panel.known - 1, max(2, round(panel.known / gap) + 1))
    time = np.arange(panel.known)[:, None]
    width = knots[1] - knots[0] if len(knots) > 1 else 1.0
    hats = np.clip(1 - np.abs(time - knots) / width, 0, None)
    # Seldom or never seen days would be fitted to the period they fall in.
    often = (np.abs(calendar) > 1e-9).sum(axis=0) >= 2
    steps, _ = steps_since(panel.began, panel.known, panel.known, season)
    return np.concatenate([hats, calendar[:, often], steps], axis=1)


def _start(panel: Panel, layout: Layout, terms: np.ndarray) -> _State:
    seen = np.isfinite(panel.values)
    values = np.where(seen, panel.values, 0.0).clip(0)
    weights = seen * np.sqrt(values + 0.5)
    # Promoted periods say nothing yet about the base.
    weights = np.where(layout.quiet, weights, weights * 1e-3)
    log_base = _within_seen(_project(np.log(values + 0.5), weights, terms), panel.values)
    errors = ErrorModel(poisson=1.0, spread=0.05)
    return _State(
        np.zeros(layout.size), log_base, weights, dict(layout.first_spreads), errors, np.empty((0, 0))
    )


def _within_seen(log_base: np.ndarray, sales: np.ndarray) -> np.ndarray:
    """The base held to twentyfold above and below what the series ever sold.

    Where a driver is on to the end of the history the base there is a line carried on, and may run anywhere.
    """
    logs = np.log(np.where(np.isfinite(sales), sales, 0.0).clip(0) + 0.5)
    low, high = logs.min(axis=1, keepdims=True), logs.max(axis=1, keepdims=True)
    return np.asarray(np.clip(log_base, low - _FARTHEST, high + _FARTHEST))


def _project(values: np.ndarray, weights: np.ndarray, terms: np.ndarray) -> np.ndarray:
    """Weighted least-squares fit of each series on the base terms, slightly ridged; (series, periods)."""
    gram = np.einsum("nt,ta,tb->nab", weights, terms, terms, optimize=True)
    ridge = 1e-6 * np.einsum("naa->n", gram)[:, None, None] / terms.shape[1] + 1e-9
    right = np.einsum("nt,ta,nt->na", weights, terms, values, optimize=True)
    fit = np.linalg.solve(gram + ridge * np.eye(terms.shape[1]), right[:, :, None])[:, :, 0]
    return np.asarray(fit @ terms.T)


def _improve(
    panel: Panel, moves: Moves, layout: Layout, terms: np.ndarray, state: _State, *, last: bool
) -> _State:
    """One Gauss-Newton step of coefficients and base."""
    parts = layout.parts(panel, moves, state.estimate, np.exp(state.log_base))
    seen = np.isfinite(panel.values)
    mean = np.maximum(parts.expected, 1e-3)
    error = np.where(seen, (panel.values - mean) / mean, 0.0).clip(-1.0, 3.0)
    weights = seen / state.errors.variance(mean)
    gram_terms = np.einsum("nt,ta,tb->nab", weights, terms, terms, optimize=True)
    ridge = 1e-6 * np.einsum("naa->n", gram_terms)[:, None, None] / terms.shape[1] + 1e-9
    inverse = np.linalg.inv(gram_terms + ridge * np.eye(terms.shape[1]))

    def partial_out(columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
        right = np.einsum("nt,ta,ntk->nak", weights[rows], terms, columns, optimize=True)
        fit = np.einsum("ta,nab,nbk->ntk", terms, inverse[rows], right, optimize=True)
        return np.asarray(columns - fit)

    hessian, score = np.zeros((layout.size, layout.size)), np.zeros(layout.size)
    blocks = []
    for rows, places, columns in layout.blocks(panel, moves, state.estimate, parts):
        clean = partial_out(columns, rows)
        weighted = clean * weights[rows][:, :, None]
        hessian[np.ix_(places, places)] += np.einsum("ntk,ntl->kl", weighted, columns, optimize=True)
        score[places] += np.einsum("ntk,nt->k", weighted, error[rows])
        blocks.append((rows, places, weighted))
    precision = prior_precision(layout, state.spreads)
    step = np.linalg.solve(hessian + precision, score - precision @ state.estimate)
    estimate = bound_estimate(layout, moves, state.estimate + np.clip(step, -1.0, 1.0))
    step = estimate - state.estimate
    left = error.copy()
    for rows, places, columns in layout.blocks(panel, moves, state.estimate, parts):
        left[rows] -= columns @ step[places]
    shift = _project(left, weights, terms)
    residual = np.where(seen, left - shift, np.nan)
    errors = fit_errors(residual, mean, panel.product, terms.shape[1])
    bread = np.linalg.inv(hessian + precision)
    covariance = state.covariance
    if last:
        spread = meat(blocks, errors, mean, panel.product, layout.size)
        covariance = bread @ (spread + precision) @ bread
    spreads = update_spreads(layout, estimate, bread, state.spreads)
    log_base = _within_seen(state.log_base + shift.clip(-1, 1), panel.values)
    return _State(estimate, log_base, weights, spreads, errors, covariance)


def _conclude(panel: Panel, moves: Moves, layout: Layout, state: _State) -> Measured:
    parts = layout.parts(panel, moves, state.estimate, np.exp(state.log_base))
    return Measured(
        layout, state.estimate, state.covariance, state.spreads, parts.base, parts.gross, parts.borrowed,
        parts.taken, moves, state.errors, panel,
    )  # fmt: skip
