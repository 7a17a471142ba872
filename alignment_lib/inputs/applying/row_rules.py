"""The user's decisions about rows, applied: taken, left out, subtracted, or one of several measures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.proposing.mapping_files import ACTIONS, ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["BLANK", "FILLED", "OTHERS", "RowRules", "apply_rules", "carry_labels", "label_values"]

FILLED = "(filled)"
"""Stands for every value of a column of dates, such as the day a document was cancelled."""
BLANK = "(blank)"
OTHERS = "*"
"""Stands for every word that has no line of its own."""
_MOST = 0.2
"""Different values per filled cell from which a column can be the number of a document."""


@dataclass
class RowRules:
    """What becomes of each row.

    Attributes
    ----------
    codes : ndarray of int
        0 where taken, else the place in `reasons` plus one.
    sign : ndarray
        −1 where a row counts against the others.
    measure : ndarray of object
        ``units`` or ``revenue`` where the row's label says which it is, else ``""``.
    reasons : list of str
    """

    codes: np.ndarray
    sign: np.ndarray
    measure: np.ndarray
    reasons: list[str] = field(default_factory=list)

    def leave_out(self, mask: np.ndarray, reason: str) -> int:
        """Leave rows out that are still taken; how many those were."""
        fresh = mask & (self.codes == 0)
        if fresh.any():
            if reason not in self.reasons:
                self.reasons.append(reason)
            self.codes[fresh] = self.reasons.index(reason) + 1
        return int(fresh.sum())

    @property
    def taken(self) -> np.ndarray:
        """Rows that are taken."""
        return np.asarray(self.codes == 0)


def carry_labels(export: Export, column: str) -> pd.Series:
    """A column in which only the first line of each document bears a value, filled for its other lines.

    The column comes back as it is unless every blank cell follows a line with the same document number.
    """
    values = export.table[column]
    blank = (values == "").to_numpy()
    if not blank.any() or blank.all() or blank[0]:
        return values
    for name in export.columns:
        if name == column:
            continue
        keys = export.table[name].to_numpy()
        follows = np.concatenate([[False], keys[1:] == keys[:-1]]) & (keys != "")
        if (
            follows[blank].all()
            and pd.unique(keys).size >= _MOST * (~blank).sum()
            and blank[follows].mean() > 0.5
        ):
            return values.where(~blank).ffill()
    return values


def label_values(export: Export, column: str) -> pd.Series:
    """The labels of a column as decisions name them: a blank cell and, for dates, a filled one have names."""
    values = carry_labels(export, column)
    return values.where(values != "", BLANK)


def apply_rules(export: Export, mapping: ImportMapping, log: ProblemLog) -> RowRules:
    """Apply ``[rows]`` of the mapping; words nobody has decided about are faults."""
    count = len(export.table)
    rules = RowRules(np.zeros(count, dtype=int), np.ones(count), np.full(count, "", dtype=object))
    for column, decisions in mapping.rows.items():
        if column not in export.columns:
            continue
        codes, words = pd.factorize(_decided_values(export, column, decisions).to_numpy(dtype=object))
        for at, word in enumerate(words):
            action = decisions.get(str(word), decisions.get(OTHERS))
            mask = codes == at
            if action is None:
                _report_unknown(export, column, str(word), mask, log)
            elif action == "leave out":
                rules.leave_out(mask, f"{column}: {word}")
            elif action == "subtract":
                rules.sign[mask] *= -1
            elif action in ("units", "revenue"):
                rules.measure[mask] = action
    return rules


def _decided_values(export: Export, column: str, decisions: object) -> pd.Series:
    values = label_values(export, column)
    if isinstance(decisions, dict) and FILLED in decisions:
        # The first line of a cancelled document bears the day; its other lines have the blank carried over.
        own = export.table[column]
        key = _document_of(export, own)
        filled = own != ""
        if key is not None:
            filled = filled.groupby(key).transform("max")
        return filled.map({True: FILLED, False: BLANK})
    return values


def _document_of(export: Export, own: pd.Series) -> pd.Series | None:
    """The column that numbers documents: the one whose equal values stand together, on two lines or more."""
    for name in export.columns:
        keys = export.table[name].to_numpy()
        if name == own.name or (keys == "").any():
            continue
        runs = 1 + int((keys[1:] != keys[:-1]).sum())
        if runs == pd.unique(keys).size and _MOST * len(keys) <= runs < len(keys):
            return export.table[name]
    return None


def _report_unknown(export: Export, column: str, word: str, mask: np.ndarray, log: ProblemLog) -> None:
    first = int(np.flatnonzero(mask)[0])
    expected = f"a word that the mapping decides about under [rows.{column!r}]"
    mend = f'add a line such as "{word}" = "take" there: {", ".join(ACTIONS)}'
    log.add(
        Problem(
            export.file,
            repr(word)[:60],
            expected,
            mend,
            row=export.row_of(first),
            column=column,
            count=int(mask.sum()),
        )
    )
