"""How far launches usually miss: default ranges for new products that state none.

Mean accuracy of sales forecasts one year after launch by type (Kahn 2002, Journal of Product Innovation
Management 19, 133-143): the rest is taken as mean absolute error.
"""

from __future__ import annotations

import numpy as np

from alignment_lib.forecasting.launches import KAHN_ACCURACY, launch_band
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["launch_range", "launch_type"]

_DEFAULT = "line extension"


def launch_type(row: Assumption) -> str:
    """Type of launch as the row's mechanic names it; a line extension where it names none that is known.

    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> launch_type(example_assumption(kind="new_product", fields={"mechanic": "New to world"}))
    'new to world'
    """
    kind = str(row.fields.get("mechanic") or "").strip().lower()
    return kind if kind in KAHN_ACCURACY else _DEFAULT


def launch_range(row: Assumption) -> tuple[float, float, float]:
    """Low, expected and high of a launch, as factors around its expected value.

    The error is taken as log-normal with standard deviation (1 - accuracy) / √(2/π).

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> row = example_assumption(kind="new_product", unit="units", expected=1000.0)
    >>> [round(value) for value in launch_range(row)]
    [552, 1000, 1812]
    """
    low, high = launch_band(np.array([row.expected]), launch_type(row))
    ends = sorted((float(low[0]), float(high[0])))
    return ends[0], row.expected, ends[1]
