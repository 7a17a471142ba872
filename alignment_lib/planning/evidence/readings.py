"""What the past says of every claim: one reading a row, of the kind that its kind asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from alignment_lib.planning.evidence.driver_readings import read_market, read_price, read_promotion
from alignment_lib.planning.evidence.past import Past, Reading
from alignment_lib.planning.evidence.range_readings import in_unit, read_delisting, read_launch
from alignment_lib.planning.evidence.study_readings import read_own_tests, read_study
from alignment_lib.planning.evidence.usual_movement import read_usual_movement
from alignment_lib.planning.plan.grid import PlanGrid, place_launch, scope_rows
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.register.timing import period_weights

__all__ = ["read_register"]

_Reader = Callable[[PlanGrid, Assumption, Past], Reading]
_DRIVERS: Mapping[str, _Reader] = {
    "promotion": read_promotion,
    "price_change": read_price,
    "market_shift": read_market,
}
_DRIFTING = ("market_shift", "consumer_shift", "digital")
"""Kinds whose claims may be set beside how far such a figure moves by itself."""


def read_register(grid: PlanGrid, register: Sequence[Assumption], past: Past) -> dict[str, Reading]:
    """Read the past for every row: own tests, then sales history, then cited studies, then usual movement.

    A test that drew lots goes before the sales history, any other where its error is the smaller one. A
    study goes before the usual movement only where it says more than that.

    Parameters
    ----------
    grid : PlanGrid
        The round's series and open periods, new products included.
    register : sequence of Assumption
        Every row, whatever its status.
    past : Past
        What is known at the as-of date.

    Returns
    -------
    dict of str to Reading
        By id; a reading that does not speak where nothing does. What speaks beside is kept as its `aside`.
    """
    return {row.id: _read(grid, place_launch(grid, row), past) for row in register}


def _read(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    own = _sales_history(grid, row, past)
    study = read_study(row, past)
    test, is_drawn = read_own_tests(row, past)
    if test.speaks and (is_drawn or not own.speaks or test.error < own.error):
        return _beside(test, own if own.speaks else study)
    if own.speaks:
        return _beside(own, test if test.speaks else study)
    usual = Reading()
    if row.kind in _DRIFTING and row.unit == "percent" and row.lever != "order value":
        usual = read_usual_movement(grid, row, past)
    if study.speaks:
        # A study that says less than how far such a figure moves by itself moves nothing.
        return _beside(usual, study) if usual.speaks and study.error >= usual.error else study
    if usual.speaks:
        return usual
    return own if own.words or not study.words else study


def _beside(reading: Reading, other: Reading) -> Reading:
    return replace(reading, aside=other) if other.speaks else reading


def _sales_history(grid: PlanGrid, row: Assumption, past: Past) -> Reading:
    if row.kind in _DRIVERS:
        return _in_row_unit(grid, row, _DRIVERS[row.kind](grid, row, past))
    if row.kind in ("new_product", "new_channel"):
        return read_launch(grid, row, past)
    return read_delisting(row, past) if row.kind == "delisting" else Reading()


def _in_row_unit(grid: PlanGrid, row: Assumption, reading: Reading) -> Reading:
    """Percent of the baseline turned into the volume that the row is counted in."""
    if row.unit == "percent" or not reading.speaks:
        return reading
    rows = scope_rows(grid, row.scope)
    weights = period_weights(grid.calendar, grid.periods, row.start, row.end, row.ramp)
    per_cent = in_unit(grid, row, float((grid.baseline[rows] * weights).sum()) / 100.0)
    events = tuple(
        replace(one, effect=one.effect * per_cent, error=one.error * per_cent) for one in reading.past
    )
    return replace(reading, estimate=reading.estimate * per_cent, error=reading.error * per_cent, past=events)
