"""What is said and asked about series whose sales stop: what was assumed, and how to say otherwise."""

from __future__ import annotations

import json

import numpy as np

from alignment_lib.forecasting.past.history import History
from alignment_lib.forecasting.past.silences import Silences
from alignment_lib.inputs.problems import Notice
from alignment_lib.inputs.tables.raw import clip

__all__ = ["ask_about_ends"]

_MOST_NAMED = 3
_SAID = {
    "ended": "nothing was sold since {since} while others went on, longer than ever before: taken as ended "
    'and planned at zero. If one goes on, write in planning.toml: {entry} state = "continues"',
    "unclear": "there are no rows since {since} while others went on: planned on as if they were late. Write "
    'in planning.toml which it is: {entry} state = "ended" or "continues"',
    "sold_out": "only zeros since {since}, which it hardly ever had: read as out of stock and planned on at "
    'the level before. Write in planning.toml which it is: {entry} state = "ended" or "continues"',
}


def ask_about_ends(history: History, ends: Silences, renamed: dict[int, int]) -> tuple[Notice, ...]:
    """One notice for each state that nobody but the reader can be sure of, the largest series named first.

    Parameters
    ----------
    history : History
    ends : Silences
        From `judge_ends`.
    renamed : dict of int to int
        Successor by predecessor.
    """
    season = history.calendar.season
    stated = np.zeros(len(history.keys), dtype=bool) if history.stated is None else history.stated != ""
    notices = []
    for state, text in _SAID.items():
        rows = np.flatnonzero(ends.are(state) & (ends.idle < season) & ~stated)
        if len(rows):
            rows = rows[np.argsort(-_size(history, rows), kind="stable")]
            notices.append(Notice(f"ask_{state}", _sentence(history, ends, rows, text), len(rows)))
    if renamed:
        notices.append(Notice("ask_renamed", _renamed(history, renamed), len(renamed)))
    return tuple(notices)


def _size(history: History, rows: np.ndarray) -> np.ndarray:
    """What each series sold in its last two years: who is named first."""
    return np.asarray(np.nansum(history.values[rows, -2 * history.calendar.season :], axis=1))


def _sentence(history: History, ends: Silences, rows: np.ndarray, text: str) -> str:
    named = ", ".join(_name(history, row) for row in rows[:_MOST_NAMED])
    more = f" and {len(rows) - _MOST_NAMED:,} more series" if len(rows) > _MOST_NAMED else ""
    sells = np.isfinite(history.values[rows[0]]) & (history.values[rows[0]] != 0)
    last = int(np.flatnonzero(sells)[-1])
    since = f"{history.calendar.ends(history.periods[[last]])[0]:%Y-%m-%d}"
    entry = f"[[life]] scope = {_scope(history, rows[0])}"
    return f"{named}{more}: " + text.format(since=since, entry=entry) + "."


def _renamed(history: History, renamed: dict[int, int]) -> str:
    old, new = max(
        renamed.items(), key=lambda pair: (float(_size(history, np.array([pair[0]]))[0]), -pair[0])
    )
    before, after = _name(history, old), _name(history, new)
    others = f" ({len(renamed) - 1:,} more pairs alike)" if len(renamed) > 1 else ""
    return (
        f"{before} stops where {after} begins at a like level{others}: read as renamed, {before} is planned "
        f"at zero, and {after} learns from both. To show one history write in planning.toml: [[life]] "
        f"scope = {_scope(history, new)} replaces = {_scope(history, old)}; if both go on: [[life]] scope = "
        f'{_scope(history, old)} state = "continues".'
    )


def _name(history: History, row: int) -> str:
    return (
        clip(" / ".join(str(part) for part in history.keys.iloc[row])) if history.dimensions else "the total"
    )


def _scope(history: History, row: int) -> str:
    """The series as a table of TOML; JSON's quoting of text is TOML's."""
    parts = zip(history.dimensions, history.keys.iloc[row], strict=True)
    return "{ " + ", ".join(f"{_key(str(name))} = {json.dumps(str(value))}" for name, value in parts) + " }"


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else json.dumps(name)
