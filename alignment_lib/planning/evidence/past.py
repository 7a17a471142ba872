"""What is known of the past when a claim is judged, and what it says: the input and output of evidence."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.forecasting.past.history import History

__all__ = ["SOURCES", "Past", "PastEvent", "Reading"]

SOURCES = ("own tests", "sales history", "earlier launches", "usual movement", "research")
"""Where a reading may come from."""


@dataclass(frozen=True)
class Past:
    """Everything evidence is drawn from, all of it known at the as-of date but for the driver calendar.

    Attributes
    ----------
    history : History
        Sales on a regular grid.
    effects : DataFrame
        Measured driver effects (`effects_table`); empty where there are no drivers.
    events : DataFrame
        Past promotions one by one (`event_table`); empty where there are none.
    cleansed : ndarray or None, shape (series, periods)
        History without past promotions; the history itself where None.
    drivers, research, funnel, experiments : DataFrame or None
        The workspace's tables.
    """

    history: History
    effects: pd.DataFrame = field(default_factory=pd.DataFrame)
    events: pd.DataFrame = field(default_factory=pd.DataFrame)
    cleansed: np.ndarray | None = None
    drivers: pd.DataFrame | None = None
    research: pd.DataFrame | None = None
    funnel: pd.DataFrame | None = None
    experiments: pd.DataFrame | None = None


@dataclass(frozen=True)
class PastEvent:
    """One past event on the scale of the claim, for the picture.

    Attributes
    ----------
    label : str
        What and when.
    effect, error : float
        What it brought, as the claim counts it, and the standard error of that.
    is_established : bool
        Whether it beat its placebo dates.
    """

    label: str
    effect: float
    error: float
    is_established: bool = True


@dataclass(frozen=True)
class Reading:
    """What the past says of one claim.

    Attributes
    ----------
    estimate, error : float
        On the scale of effects: percent of the baseline for claims in percent (of volume, even where the
        claim is one about price), the claim's own unit otherwise. NaN where the past does not speak; `error`
        is the standard error of what one more such event may bring.
    events : int
        Past events, changes or analogs behind it.
    source : str
        One of `SOURCES`.
    words : str
        What stands behind it, such as ``7 past events of feature on House Blend``.
    placebo : str
        ``established``, ``not established``, or blank where no placebo test applies.
    past : tuple of PastEvent
        Single events where there are any.
    aside : Reading or None
        What speaks beside it: a cited study beside the sales history, either beside an own test.
    """

    estimate: float = float("nan")
    error: float = float("nan")
    events: int = 0
    source: str = "sales history"
    words: str = ""
    placebo: str = ""
    past: tuple[PastEvent, ...] = ()
    aside: Reading | None = None

    @property
    def speaks(self) -> bool:
        """Whether there is an estimate."""
        return bool(np.isfinite(self.estimate))
