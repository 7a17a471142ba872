"""Words of a CRM's stage or status column: what they say of the outcome, read part by part.

Nothing unclear is settled here: a word that says both, half of it, or nothing known is handed back as
not sure, and the proposal asks about it with the number of its rows.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from alignment_lib.inputs.words.trade_words import words_of

__all__ = [
    "Stage",
    "is_stage_column",
    "is_yes_no",
    "read_flag",
    "read_milestone",
    "read_reached",
    "read_stage",
    "says_no_lead",
]

_WON, _LOST = words_of("stages", "won"), words_of("stages", "lost")
_WON_WHOLE, _LOST_WHOLE = words_of("stages", "won_whole"), words_of("stages", "lost_whole")
_NO_LEAD = words_of("stages", "no_lead")
_OPEN, _NOT, _ALMOST = words_of("stages", "open"), words_of("stages", "not"), words_of("stages", "almost")
_YES, _NO, _NOT_YET = words_of("stages", "yes"), words_of("stages", "no"), words_of("stages", "not_yet")
_TALKED, _MISSED = words_of("stages", "talked"), words_of("stages", "missed")
_ACCEPTED, _OPPORTUNITY = words_of("stages", "accepted"), words_of("stages", "opportunity")


@dataclass(frozen=True)
class Stage:
    """What a word of the stage column says.

    Attributes
    ----------
    outcome : {"won", "lost", ""}
        Blank while open, or where nothing is known.
    is_sure : bool
        Whether it can be taken without asking.
    """

    outcome: str
    is_sure: bool


def read_stage(word: str) -> Stage:
    """Read a stage part by part, in several languages.

    >>> read_stage("Closed-Lost to Competition"), read_stage("Won – partner")
    (Stage(outcome='lost', is_sure=True), Stage(outcome='won', is_sure=True))
    >>> read_stage("Not won"), read_stage("Sleeping"), read_stage("Negotiation/Review").is_sure
    (Stage(outcome='lost', is_sure=False), Stage(outcome='', is_sure=False), True)
    """
    parts = _split(word)
    if not parts:
        return Stage("", True)
    whole = " ".join(parts)
    words = set(parts)
    if whole in _LOST_WHOLE:
        return Stage("lost", True)
    if whole in _WON_WHOLE:
        return Stage("won", True)
    won, lost = bool(words & _WON), bool(words & _LOST)
    if words & _NO_LEAD and not won and not words & _NOT:
        # Lost, or no lead at all: that changes every rate, and is asked.
        return Stage("lost", False)
    if won and lost:
        return Stage("", False)
    if won or lost:
        return _read_ended(word, parts, won)
    # Parts that are figures say nothing: "2. Proposal", "75 %".
    rest = [part for part in parts if not part.isdigit()]
    known = all(part in _OPEN or _is_not_yet(rest, place) for place, part in enumerate(rest))
    return Stage("", bool(rest) and known)


def says_no_lead(word: str) -> bool:
    """Whether a stage may mean that there never was a lead: junk, spam, a test.

    >>> says_no_lead("Junk Lead"), says_no_lead("Lost")
    (True, False)
    """
    return bool(set(_split(word)) & _NO_LEAD) and read_stage(word) == Stage("lost", False)


def _is_not_yet(parts: list[str], place: int) -> bool:
    """Whether a no only says that something has not begun: "Open - Not Contacted"."""
    return parts[place] in _NOT and place + 1 < len(parts) and parts[place + 1] in _NOT_YET


def _read_ended(word: str, parts: list[str], won: bool) -> Stage:
    """A word for won or lost, turned round by a no before it and doubted after words that take it back."""
    ending = _WON if won else _LOST
    place = next(number for number, part in enumerate(parts) if part in ending)
    negated = bool(set(parts[:place]) & _NOT)
    if negated:
        return Stage("lost" if won else "", False)
    outcome = "won" if won else "lost"
    # "90 % won" is a chance, not a win.
    chance = any(part.isdigit() and 0 < int(part) < 100 for part in parts) and "%" in word
    is_sure = not chance and not set(parts) & (_ALMOST | {"open", "offen"})
    return Stage(outcome if is_sure else "", is_sure)


def is_yes_no(words: list[str]) -> bool:
    """Whether a column holds yes and no, 1 and 0 or true and false only, and something of both or of yes.

    >>> is_yes_no(["yes", "no"]), is_yes_no(["1", "0", ""]), is_yes_no(["1", "2"])
    (True, True, False)
    """
    plain = {" ".join(_split(word)) for word in words}
    return bool(plain & _YES) and plain <= _YES | _NO


def read_flag(word: str) -> str:
    """``won`` for a yes; a no may be lost or still open, which the proposal asks."""
    return "won" if " ".join(_split(word)) in _YES else ""


def is_stage_column(words: list[str]) -> bool:
    """Whether the words of a column are stages: some end a deal, and most are known.

    >>> is_stage_column(["Closed Won", "Negotiation"]), is_stage_column(["Red", "Lost City tours"])
    (True, False)
    """
    filled = [word for word in words if word]
    if not 1 < len(filled) <= 60:
        return False
    stages = [read_stage(word) for word in filled]
    ends = any(stage.outcome for stage in stages)
    return ends and sum(stage.is_sure for stage in stages) >= 0.6 * len(filled)


def read_milestone(word: str) -> str:
    """The step of the funnel that a lead in this stage has reached: accepted, opportunity or nothing.

    >>> read_milestone("Sales qualified"), read_milestone("Negotiation"), read_milestone("Unqualified")
    ('accepted_at', 'opportunity_at', '')
    """
    parts = set(_split(word))
    if parts & (_LOST | _NOT | _ALMOST):
        return ""
    if parts & _OPPORTUNITY:
        return "opportunity_at"
    # A marketing-qualified lead has not been accepted by sales.
    return "accepted_at" if parts & _ACCEPTED and not parts & {"marketing", "mql"} else ""


def read_reached(word: str) -> str:
    """``yes`` or ``no`` for the result of a call, ``""`` where it says neither.

    >>> [read_reached(word) for word in ("Connected", "Left voicemail", "nicht erreicht", "?")]
    ['yes', 'no', 'no', '']
    """
    parts = set(_split(word))
    whole = " ".join(_split(word))
    if whole and whole in _YES | _NO:
        return "yes" if whole in _YES else "no"
    if parts & _MISSED or (parts & _NOT and parts & _TALKED):
        return "no"
    return "yes" if parts & _TALKED else ""


def _split(word: str) -> list[str]:
    """Lower-case parts without accents: letters and figures only."""
    plain = unicodedata.normalize("NFKD", word)
    bare = "".join(mark for mark in plain if not unicodedata.combining(mark)).casefold()
    bare = re.sub(r"\bwon['’]t\b", "not", bare)
    bare = bare.replace("ø", "o").replace("ł", "l").replace("ı", "i")
    spaced = re.sub(r"(?<=[a-z])(?=won$|lost$)", " ", bare) if bare.startswith("closed") else bare
    return re.findall(r"[^\W_]+", spaced)
