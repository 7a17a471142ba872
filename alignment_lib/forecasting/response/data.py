"""What a response is measured from: outcomes by week, spend by channel, causes held apart, experiments."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

__all__ = ["Experiment", "ResponseData"]


@dataclass(frozen=True)
class Experiment:
    """A test that held one channel's money back, or added to it.

    Attributes
    ----------
    name : str
    channel : int
        Column of the spend.
    first, last : int
        Weeks of the test, both inclusive.
    share : float
        Share of the channel's money in those weeks whose effect was measured.
    lift, error : float
        What that money added, as a decimal of the outcome without it, and its standard error.
    by_lot : bool
        Whether it was left to chance who had the money spent on them.
    """

    name: str
    channel: int
    first: int
    last: int
    share: float
    lift: float
    error: float
    by_lot: bool = True


@dataclass(frozen=True)
class ResponseData:
    """Weeks in order, none missing.

    Attributes
    ----------
    outcomes : ndarray, shape (weeks, n)
        Leads, visits or new sales a week: all in one column, or one column for each source of them.
    spend : ndarray, shape (weeks, channels)
        Money a week, not below zero.
    channels : tuple of str
    moved : tuple of int
        Which outcome each channel moves.
    causes : ndarray, shape (weeks, n)
        What else moves the outcome and is held apart: price, promotions.
    phase : ndarray, shape (weeks,)
        Share of the year that has passed, for the season.
    experiments : tuple of Experiment
    year : int
        Periods in a year, 52 or 12: what is called a week here is then a month.
    """

    outcomes: np.ndarray
    spend: np.ndarray
    channels: tuple[str, ...]
    moved: tuple[int, ...]
    causes: np.ndarray
    phase: np.ndarray
    experiments: tuple[Experiment, ...] = ()
    year: int = 52

    @property
    def weeks(self) -> int:
        """How many weeks there are."""
        return len(self.spend)

    @property
    def total(self) -> np.ndarray:
        """All outcomes of a week together."""
        return np.asarray(self.outcomes.sum(axis=1))

    def until(self, weeks: int) -> ResponseData:
        """The same as it stood after so many weeks; experiments that had not ended are not known."""
        return replace(
            self,
            outcomes=self.outcomes[:weeks],
            spend=self.spend[:weeks],
            causes=self.causes[:weeks],
            phase=self.phase[:weeks],
            experiments=tuple(test for test in self.experiments if test.last < weeks),
        )
