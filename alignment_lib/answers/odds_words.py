"""Odds beside the plan they belong to, said so that neither seems to deny the other."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from alignment_lib.answers.wording import write_number, write_odds

__all__ = ["OddsWords", "years_known"]

_SURE = 0.95
_ENOUGH_YEARS = 3.0
_DAYS_OF_YEAR = 365.2425


@dataclass(frozen=True)
class OddsWords:
    """What is said with the chance of a target.

    Attributes
    ----------
    probability : float
        Share of the draws that reach the target.
    plan, target, middle : float
        In one unit; `middle` is the P50 of the draws.
    years : float
        Years of sales that the draws were learnt from; NaN where that is not known.
    """

    probability: float
    plan: float
    target: float
    middle: float
    years: float

    @property
    def is_too_sure(self) -> bool:
        """Whether the odds claim more than so short a history can tell."""
        extreme = not 1 - _SURE <= self.probability <= _SURE
        return math.isfinite(self.probability) and extreme and self.years < _ENOUGH_YEARS

    @property
    def seems_denied(self) -> bool:
        """Whether plan and middle of the odds lie on different sides of the target."""
        likely, above = self.probability > 0.5, self.plan >= self.target
        return math.isfinite(self.probability) and self.probability != 0.5 and likely != above

    def caution(self) -> str:
        """Why the odds are surer than they should be; empty where they are not.

        >>> OddsWords(0.97, 12.0, 10.0, 12.0, 2.1).caution()
        '2.1 years of sales are too few to be so sure'
        """
        if not self.is_too_sure:
            return ""
        return f"{write_number(self.years, 1)} years of sales are too few to be so sure"

    def reason(self, middle: str) -> str:
        """Why the odds point past the target where the plan does not, or the other way; else empty.

        Parameters
        ----------
        middle : str
            The middle of the odds as it is written.
        """
        if not self.seems_denied:
            return ""
        if self.plan < self.target:
            side, further, back = "below", "gain on that", "lose"
        else:
            side, further, back = "above", "lose on that", "gain"
        side = "at" if self.plan == self.target else side
        return (
            f"although the plan is {side} it: the plan adds up what is likeliest, sales can {further} more "
            f"than they can {back}, and the middle of the odds is {middle}"
        )

    def say(self, middle: str) -> str:
        """The chance with all that must stand in the same sentence."""
        text = write_odds(self.probability)
        reason, caution = self.reason(middle), self.caution()
        text = f"{text}, {reason}" if reason else text
        return f"{text}; {caution}" if caution else text


def years_known(periods: pd.Series[pd.Timestamp] | pd.DatetimeIndex, as_of: pd.Timestamp) -> float:
    """Years from the first period to the as-of date; NaN where there is no period.

    >>> round(years_known(pd.DatetimeIndex(["2024-01-01"]), pd.Timestamp("2026-01-01")), 2)
    2.0
    """
    if not len(periods):
        return math.nan
    return float((as_of - periods.min()).days / _DAYS_OF_YEAR)
