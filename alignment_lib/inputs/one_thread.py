"""Linear algebra on one thread: sums whose order depends on the number of cores would give other bytes.

Units and series are worked on side by side instead, each by one thread. The setting holds for the process
from the first plan on; it costs nothing that is measurable on matrices of the size met here.
"""

from __future__ import annotations

from functools import cache

import numpy.linalg
import scipy.linalg
from threadpoolctl import threadpool_limits

__all__ = ["use_one_thread"]

_LOADED = (numpy.linalg, scipy.linalg)
"""Each brings a BLAS of its own, which can be told only once it is there."""


@cache
def use_one_thread() -> threadpool_limits:
    """Have every BLAS of this process work on one thread, from here on."""
    return threadpool_limits(limits=1, user_api="blas")
