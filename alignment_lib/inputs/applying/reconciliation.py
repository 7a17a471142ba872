"""Where every figure of an export went: read, written, left out by reason; the parts add up to the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from alignment_lib.inputs.problems import AlignmentError, counted
from alignment_lib.inputs.written_numbers import Said

__all__ = ["Entry", "Reconciliation", "account_for"]

_CENT = 0.005


@dataclass(frozen=True)
class Entry:
    """One line of a reconciliation.

    Attributes
    ----------
    figure : str
        What is added up: ``units``, ``revenue``, or a currency of it.
    part : {"read", "brought", "written", "left out", "changed"}
        ``brought`` is kept from an earlier export; ``changed`` is what a decision took from rows that were
        written: credit notes turned round, money converted.
    reason : str
    rows : int
        Rows of the source; of a pivot, cells that hold a figure.
    amount : float
        Their sum.
    """

    figure: str
    part: Literal["read", "brought", "written", "left out", "changed"]
    reason: str
    rows: int
    amount: float


@dataclass(frozen=True)
class Reconciliation:
    """All lines of an import, and the numeric columns nobody took.

    Attributes
    ----------
    entries : tuple of Entry
    columns : dict of str to float
        Sum of every column of figures that is not taken.
    """

    entries: tuple[Entry, ...] = ()
    columns: Mapping[str, float] | None = None

    def difference(self, figure: str) -> float:
        """What is read and brought less all parts: zero, or figures were lost."""
        sign = {"read": 1, "brought": 1, "written": -1, "left out": -1, "changed": -1}
        return sum(sign[entry.part] * entry.amount for entry in self.entries if entry.figure == figure)

    def check(self) -> Reconciliation:
        """Return itself.

        Raises
        ------
        AlignmentError
            Where the parts do not add up to the source to the cent, or rows are missing.
        """
        for figure in dict.fromkeys(entry.figure for entry in self.entries):
            mine = [entry for entry in self.entries if entry.figure == figure]
            scale = max(abs(entry.amount) for entry in mine)
            rows = sum(
                entry.rows * (1 if entry.part in ("read", "brought") else -1)
                for entry in mine
                if entry.part != "changed"
            )
            if abs(self.difference(figure)) > _CENT + 1e-12 * scale or rows:
                lost = f"{Said(self.difference(figure)):,.2f} in {counted(abs(rows), 'row')}"
                raise AlignmentError(
                    f"The import does not add up ({figure}: {lost} unaccounted for); nothing was written."
                )
        return self

    def lines(self) -> list[str]:
        """The reconciliation in words, one line each."""
        said = []
        for entry in self.entries:
            reason = f" ({entry.reason})" if entry.reason else ""
            said.append(
                f"{entry.figure}: {entry.part}{reason}: {counted(entry.rows, 'row')}, "
                f"{Said(entry.amount):,.2f}"
            )
        for column, amount in (self.columns or {}).items():
            said.append(f"column {column}: not taken: {Said(amount):,.2f}")
        return said


def account_for(
    figure: str,
    values: np.ndarray,
    codes: np.ndarray,
    reasons: Sequence[str],
    written: float,
    changed: Mapping[str, tuple[int, float]] | None = None,
    brought: tuple[int, float] = (0, 0.0),
) -> list[Entry]:
    """Lines for one figure.

    Parameters
    ----------
    figure : str
    values : ndarray
        The source's figures as they stand, NaN where blank.
    codes : ndarray of int
        0 where taken, else the place in `reasons` plus one.
    reasons : sequence of str
        Why rows were left out.
    written : float
        Sum of the table as written.
    changed : dict of str to tuple
        Rows and source less result, by decision.
    brought : tuple
        Rows and sum kept from an earlier export.

    >>> lines = account_for("units", np.array([1.0, 2, 3]), np.array([0, 1, 0]), ["drafts"], 4.0)
    >>> [(line.part, line.rows, line.amount) for line in lines]
    [('read', 3, 6.0), ('written', 2, 4.0), ('left out', 1, 2.0)]
    """
    amounts = np.nan_to_num(values)
    sums = np.bincount(codes, amounts, len(reasons) + 1)
    counts = np.bincount(codes, minlength=len(reasons) + 1)
    entries = [Entry(figure, "read", "", len(values), float(amounts.sum()))]
    if brought[0]:
        entries.append(Entry(figure, "brought", "kept from the export before", *brought))
    entries.append(Entry(figure, "written", "", int(counts[0]) + brought[0], written))
    entries += [
        Entry(figure, "left out", reason, int(counts[at + 1]), float(sums[at + 1]))
        for at, reason in enumerate(reasons)
        if counts[at + 1]
    ]
    entries += [
        Entry(figure, "changed", reason, rows, amount) for reason, (rows, amount) in (changed or {}).items()
    ]
    return entries
