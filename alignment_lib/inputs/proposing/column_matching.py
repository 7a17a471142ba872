"""Which column of an export is what: headings and contents weighed together, every column used once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from alignment_lib.inputs.proposing.column_contents import Contents, fits
from alignment_lib.inputs.words.column_words import SURE, Role, load_roles, score_heading

__all__ = ["Match", "match_columns"]

_LEAST = 0.42
"""A heading and contents that score less are not proposed."""
_CLOSE = 0.05
"""Two columns that score so near each other could both be meant."""
_OF_A_UNIT = ("price", "unit_cost")
"""Net and gross, list and promotion: every other column of them could be meant."""


@dataclass(frozen=True)
class Match:
    """A column proposed for a role.

    Attributes
    ----------
    role, column : str
        Column of the contract, column of the export.
    score : float
        From 0 to 1; below `SURE` it is asked about.
    rivals : tuple of str
        Other columns that could be meant as well.
    """

    role: str
    column: str
    score: float
    rivals: tuple[str, ...] = ()

    @property
    def is_sure(self) -> bool:
        """Whether it can be taken without asking."""
        return self.score >= SURE and not self.rivals


def match_columns(contents: Mapping[str, Contents], kind: str) -> dict[str, Match]:
    """The best column for every role of a kind of export; each column is used once.

    Parameters
    ----------
    contents : mapping of str to Contents
        What the columns hold, by heading.
    kind : str
        A kind of `load_roles`.
    """
    roles = {role.name: role for role in load_roles()[kind]}
    scores = {
        (name, column): score
        for name, role in roles.items()
        for column, held in contents.items()
        if (score := _score(column, held, role)) >= _LEAST
    }
    order = sorted(scores, key=lambda pair: -scores[pair])
    chosen: dict[str, Match] = {}
    used: set[str] = set()
    for name, column in order:
        if name not in chosen and column not in used:
            chosen[name] = Match(name, column, scores[name, column])
            used.add(column)
    return {name: _with_rivals(chosen[name], scores, used) for name in roles if name in chosen}


def _score(column: str, held: Contents, role: Role) -> float:
    return score_heading(column, role) * fits(held, role.holds)


def _with_rivals(match: Match, scores: Mapping[tuple[str, str], float], used: set[str]) -> Match:
    room = 1.0 if match.role in _OF_A_UNIT else _CLOSE
    rivals = tuple(
        column
        for (name, column), score in scores.items()
        if name == match.role and column not in used and score >= match.score - room
    )
    return Match(match.role, match.column, match.score, rivals)
