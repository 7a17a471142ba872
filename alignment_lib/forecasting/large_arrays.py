"""Arrays too large for memory lie in a file that the system reads and writes as it can.

What is worked out series by series is worked out in parts of a fixed number of series (`parts_of`), so that
only one part's workings are held at a time; what it leaves is kept for all series, the draws in a file. A
part that has been written or read is let go (`release`): the numbers stay in the file.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import sys
import tempfile
from collections.abc import Iterator
from functools import cache

import numpy as np

__all__ = [
    "IN_FILE_BYTES",
    "LARGE_BYTES",
    "PART",
    "WIDE_PART",
    "give_back_memory",
    "hold_little",
    "is_large",
    "new_array",
    "new_draws",
    "parts_of",
    "release",
]

PART = 1_000
"""Series worked on at a time: a multiple of 8, as matrix products take rows in blocks of so many."""
WIDE_PART = 250
"""The same where each series has many columns of its own, as the features of a model with drivers."""
IN_FILE_BYTES = 250_000_000
"""Draws lie in a file from this size on, which 500 of 4,800 weekly series over a quarter reach."""
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Numbers of the C library's settings, see mallopt(3)."""
_KEPT_BYTES = 8_000_000
"""Other arrays kept through a whole forecast lie in a file from this size on."""
LARGE_BYTES = 1_000_000_000
"""Draws are not kept in the cache from this size on: 19,000 weekly series over a quarter."""


def is_large(shape: tuple[int, ...], limit: int | None = None) -> bool:
    """Whether doubles of this shape take more than `limit` bytes, `LARGE_BYTES` by default."""
    return 8 * int(np.prod(shape, dtype=np.int64)) > (LARGE_BYTES if limit is None else limit)


def parts_of(count: int, size: int | None = None) -> Iterator[slice]:
    """Slices of `size` series (`PART` by default) that cover `count` in order; the last takes the rest.

    The last part holds between half and one and a half times as many, never a few: products of small and of
    large matrices differ in their last digits.

    >>> [(part.start, part.stop) for part in parts_of(5, 2)]
    [(0, 2), (2, 5)]
    """
    size = PART if size is None else size
    number = max(1, round(count / size))
    for at in range(number):
        yield slice(at * size, (at + 1) * size if at + 1 < number else count)


def new_array(shape: tuple[int, ...], fill: float, dtype: type = np.float64) -> np.ndarray:
    """An array full of one number: in memory, or in a nameless temporary file where it would be large.

    >>> new_array((2, 2), 0.0).tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    if int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize <= _KEPT_BYTES:
        return np.full(shape, fill, dtype=dtype)
    with tempfile.TemporaryFile(prefix="alignment-array-") as file:
        laid = np.memmap(file, dtype=dtype, mode="w+", shape=shape)
    for rows in parts_of(shape[0]):
        laid[rows] = fill
        release(laid)
    return laid


def new_draws(draws: int, series: int, horizon: int) -> np.ndarray:
    """An array of shape (draws, series, horizon) to be filled part by part.

    In memory it is of doubles. Where it would be large (`IN_FILE_BYTES`) it lies in a nameless temporary
    file, series by series, in the single precision in which planning reads draws anyway. The file goes with
    the array, however the process ends. Where it lies is the system's choice (``TMPDIR``).

    >>> new_draws(2, 3, 4).shape
    (2, 3, 4)
    """
    if not is_large((draws, series, horizon), IN_FILE_BYTES):
        return np.empty((draws, series, horizon))
    with tempfile.TemporaryFile(prefix="alignment-draws-") as file:
        laid = np.memmap(file, dtype=np.float32, mode="w+", shape=(series, horizon, draws))
    return laid.transpose(2, 0, 1)


def release(array: np.ndarray) -> None:
    """Let go of the memory of an array that lies in a file, or of any view of it; the numbers stay there.

    Does nothing to an array in memory.
    """
    held: object = array
    while isinstance(held, np.ndarray):
        held = held.base
    if isinstance(held, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        held.madvise(mmap.MADV_DONTNEED)


@cache
def hold_little() -> None:
    """Have arrays of 2 MB and more go back to the system as they are freed, whichever thread made them.

    The C library of Linux would hold ever larger ones for later, and keep a store for each thread.
    """
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.mallopt(_MMAP_THRESHOLD, 2_000_000)
            library.mallopt(_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Hand memory that is free but held back for later, by the C library and by Arrow, to the system.

    After the reading of a large table that is most of what the process holds. Only where the C library can.
    """
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
