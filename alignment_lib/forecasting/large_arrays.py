"""Arrays too large for memory lie in a file that the system reads and writes as it can."""

from __future__ import annotations

import tempfile

import numpy as np

__all__ = ["LARGE_BYTES", "is_large", "new_array"]

LARGE_BYTES = 1_000_000_000
"""From this size on, which 500 draws of 19,000 weekly series over a quarter reach."""


def is_large(shape: tuple[int, ...]) -> bool:
    """Whether doubles of this shape take more than `LARGE_BYTES`."""
    return 8 * int(np.prod(shape, dtype=np.int64)) > LARGE_BYTES


def new_array(shape: tuple[int, ...]) -> np.ndarray:
    """An array of doubles to be filled: in memory, or where it would be large in a nameless temporary file.

    The file goes with the array, however the process ends. Where it lies is the system's choice
    (``TMPDIR``); the numbers are the same either way.

    >>> new_array((2, 3)).shape
    (2, 3)
    """
    if not is_large(shape):
        return np.empty(shape)
    with tempfile.TemporaryFile(prefix="alignment-draws-") as file:
        return np.memmap(file, dtype=np.float64, mode="w+", shape=shape)
