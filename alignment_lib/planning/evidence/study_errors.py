"""What a study is worth: its stated error, widened by stated rules for design, age, scope and size.

A study is biased in ways its own error does not show; a bias of unknown sign counts as more variance (Turner,
Spiegelhalter, Smith and Thompson 2009, JRSS A 172, 21). Shares are of what the study found, and rough by
nature:

- design: own holdouts, regions or splits 0.05; other experiments 0.10; panels and before-after comparisons
  0.30 (observed lifts are often off by a half and more: Gordon, Zettelmeyer, Bhargava and Chapsky 2019,
  Marketing Science 38, 193); surveys 0.35 (what people say they would pay is 1.35 times what they do, in
  the median: Murphy, Allen, Stevens and Weatherhead 2005, Environmental and Resource Economics 30, 313;
  intentions and purchases: Morwitz, Steckel and Gupta 2007, Int. J. of Forecasting 23, 347); opinions 0.50
  (upward judgement errs most: Fildes, Goodwin, Lawrence and Nikolopoulos 2009, Int. J. of Forecasting 25,
  3); a design nobody states counts as a survey;
- age: 0.15 times the square root of the years since, as effects wander (a random walk, discounted: West and
  Harrison 1997, Bayesian Forecasting and Dynamic Models, section 6.3);
- scope: 0.15 for every dimension in which the claim is narrower than what was studied;
- size: the error of a share among n is never below sqrt(p (1 - p) / n); without an error the whole
  finding is its error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

__all__ = ["DESIGNS", "Finding", "combine_findings", "design_of"]

DESIGNS = {"test": 0.05, "experiment": 0.10, "panel": 0.30, "survey": 0.35, "opinion": 0.50}
"""Standard deviation of a design's bias, as a share of what was found."""

_AGE = 0.15
_SCOPE = 0.15
_WORDS = (
    ("opinion", r"opinion|expert|judge?ment|delphi|guess|estimate of|interview"),
    ("survey", r"survey|questionnaire|poll|conjoint|choice|intention|focus group|asked"),
    ("panel", r"panel|tracking|audit|diary|before.?after|observ"),
    ("experiment", r"experiment|random|holdout|hold-out|split|a/?b\b|test|geo|control"),
)


def design_of(method: str) -> str:
    """Design of a study from the words of its method; a survey where nothing tells.

    >>> [design_of(text) for text in ("consumer panel", "choice experiment", "A/B test", "experts", "")]
    ['panel', 'survey', 'experiment', 'opinion', 'survey']
    """
    return next((name for name, words in _WORDS if re.search(words, method, re.IGNORECASE)), "survey")


@dataclass(frozen=True)
class Finding:
    """What one study found, with all that its worth depends on.

    Attributes
    ----------
    name, design : str
        The study, and one of `DESIGNS`.
    estimate, stated_error : float
        In percent of sales; the error NaN where none is stated.
    years : float
        Since its result was known.
    broader : int
        Dimensions in which the claim is narrower than what was studied.
    size : float
        How many were asked or observed; NaN where unknown.
    """

    name: str
    design: str
    estimate: float
    stated_error: float
    years: float
    broader: int = 0
    size: float = float("nan")

    @property
    def chance_error(self) -> float:
        """Error by chance: as stated, and no smaller than so many allow."""
        stated = self.stated_error if self.stated_error > 0 else float("nan")
        share = min(abs(self.estimate) / 100.0, 0.5)
        least = 100.0 * np.sqrt(share * (1.0 - share) / self.size) if self.size > 0 else 0.0
        return float(abs(self.estimate) if np.isnan(stated) else max(stated, least))

    @property
    def _found(self) -> float:
        return max(abs(self.estimate), self.chance_error)

    @property
    def own_variance(self) -> float:
        """Variance that is this study's alone: chance, age and scope."""
        drift = _AGE**2 * max(self.years, 0.0) + _SCOPE**2 * self.broader
        return float(self.chance_error**2 + drift * self._found**2)

    @property
    def design_error(self) -> float:
        """Standard deviation of the bias it shares with others of its design."""
        return DESIGNS[self.design] * self._found

    @property
    def error(self) -> float:
        """All of it."""
        return float(np.hypot(np.sqrt(self.own_variance), self.design_error))


def combine_findings(findings: tuple[Finding, ...]) -> tuple[float, float]:
    """Estimate and error of several studies together.

    Weights by precision with the variance between studies by moments (DerSimonian and Laird 1986, Controlled
    Clinical Trials 7, 177). Biases of one design do not cancel: within a design they add up, and only between
    designs are they independent.

    Examples
    --------
    Two surveys that find 10 ± 2 each are one survey with less chance, not with less bias:

    >>> one = Finding("S1", "survey", 10.0, 2.0, 0.0)
    >>> round(one.error, 2), tuple(round(part, 2) for part in combine_findings((one, one)))
    (4.03, (10.0, 3.77))
    """
    estimates = np.array([one.estimate for one in findings])
    variances = np.array([one.error**2 for one in findings])
    weights = 1.0 / variances
    mean = float(np.average(estimates, weights=weights))
    squares = float((weights * (estimates - mean) ** 2).sum())
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    between = max((squares - (len(findings) - 1)) / scale, 0.0) if len(findings) > 1 and scale > 0 else 0.0
    weights = 1.0 / (variances + between)
    weights = weights / weights.sum()
    own = float((weights**2 * (np.array([one.own_variance for one in findings]) + between)).sum())
    shared = sum(
        float((weights * [one.design_error if one.design == design else 0.0 for one in findings]).sum()) ** 2
        for design in DESIGNS
    )
    return float((weights * estimates).sum()), float(np.sqrt(own + shared))
