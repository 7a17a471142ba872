"""How far launches usually miss: default ranges for new products that state none.

Mean accuracy of sales forecasts one year after launch by type (Kahn 2002, Journal of Product Innovation
Management 19, 133-143): the rest is taken as mean absolute error.
"""

from __future__ import annotations

import numpy as np

from alignment_lib.planning.assumptions import Assumption

__all__ = ["LAUNCH_ACCURACY", "launch_range"]

LAUNCH_ACCURACY = {
    "cost improvement": 0.72,
    "product improvement": 0.65,
    "line extension": 0.63,
    "market extension": 0.54,
    "new to company": 0.47,
    "new to world": 0.40,
}
"""Share of the forecast that came true, by launch type; the row's `mechanic` names the type."""

_DEFAULT = "line extension"
_MEAN_ABSOLUTE = np.sqrt(2.0 / np.pi)
"""Mean absolute deviation of a normal in standard deviations."""
_TENTH = 1.2815515655446004


def launch_range(row: Assumption) -> tuple[float, float, float]:
    """Low, expected and high of a launch, as factors around its expected value.

    The error is taken as log-normal with standard deviation (1 - accuracy) / √(2/π).

    Examples
    --------
    >>> from alignment_lib.planning.assumptions import example_assumption
    >>> row = example_assumption(kind="new_product", unit="units", expected=1000.0)
    >>> [round(value) for value in launch_range(row)]
    [552, 1000, 1812]
    """
    kind = str(row.fields.get("mechanic") or "").strip().lower()
    accuracy = LAUNCH_ACCURACY.get(kind, LAUNCH_ACCURACY[_DEFAULT])
    factor = float(np.exp(_TENTH * (1.0 - accuracy) / _MEAN_ABSOLUTE))
    ends = sorted((row.expected / factor, row.expected * factor))
    return ends[0], row.expected, ends[1]
