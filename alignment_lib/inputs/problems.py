"""Located problems: what is wrong in the user's files, where, and how to mend it.

Readers and checks never stop at the first fault. They add a `Problem` to a `ProblemLog` and carry
on; the caller raises one `InputError` holding all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

__all__ = ["AlignmentError", "InputError", "Notice", "Problem", "ProblemLog", "counted"]


@dataclass(frozen=True)
class Problem:
    """One fault in an input, placed where the user's editor shows it.

    Attributes
    ----------
    file : str
        File name relative to the workspace.
    found : str
        What stands there.
    expected : str
        What should stand there.
    mend : str
        How to put it right, as an instruction.
    sheet, row, column : str, int, str
        Place within the file; ``""`` and ``0`` where they do not apply. Rows count as the user's
        editor counts them, the header being row 1.
    count : int
        How many rows show the same fault; `row` is the first of them.
    """

    file: str
    found: str
    expected: str
    mend: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    count: int = 1

    @property
    def place(self) -> str:
        """The place in words.

        >>> Problem("sales.csv", "'x'", "a number", "write digits", row=7, column="units").place
        'sales.csv, row 7, column units'
        """
        parts = [self.file]
        if self.sheet:
            parts.append(f"sheet {self.sheet}")
        if self.row:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def __str__(self) -> str:
        more = f" ({self.count} rows)" if self.count > 1 else ""
        return f"{self.place}{more}: found {self.found}, expected {self.expected}; {self.mend}"


@dataclass(frozen=True)
class Notice:
    """Something found and dealt with by a stated rule, with its count: reported, never hidden.

    Attributes
    ----------
    code : str
        Short stable name of the rule, such as ``"returns"`` or ``"gaps"``.
    text : str
        One sentence for the reader.
    count : int
        Rows, periods or series concerned.
    """

    code: str
    text: str
    count: int = 0

    @property
    def sentence(self) -> str:
        """The text with its count, where there are several and the text does not name the count itself.

        >>> Notice("gaps", "Periods without a row.", 14).sentence
        'Periods without a row. (14)'
        >>> Notice("gaps", "14 rows are gone.", 14).sentence
        '14 rows are gone.'
        """
        count = f"{self.count:,}"
        said = re.search(rf"(?<![\d,.]){count}(?![\d]|[,.]\d)", self.text)
        return self.text if said or self.count < 2 else f"{self.text} ({count})"


def counted(count: int, noun: str) -> str:
    """Write a count with its noun, which takes an s in the plural.

    >>> counted(1, "row"), counted(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class AlignmentError(Exception):
    """Base of every error whose message is meant for the user.

    `exit_code` is what the command line returns: 1 some units failed, 2 bad input, 3 busy or locked.
    """

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows in place of a traceback: the message is written for its reader."""
        return [f"{type(self).__name__}: {self}"]


class InputError(AlignmentError):
    """Bad input: carries every problem found, not only the first.

    >>> InputError([Problem("a.csv", "nothing", "a header", "add one")]).problems[0].file
    'a.csv'
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class ProblemLog:
    """Collects problems and notices while inputs are read."""

    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Record a fault and carry on."""
        self.problems.append(problem)

    def note(self, code: str, text: str, count: int = 0) -> None:
        """Record something dealt with by a stated rule."""
        self.notices.append(Notice(code, text, count))

    def raise_if_any(self) -> None:
        """Raise one `InputError` with everything found so far, if anything was."""
        if self.problems:
            raise InputError(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)
