"""Marketing and sales plan one number together.

>>> import alignment_lib as al
>>> r = al.open_round("my-company")  # doctest: +SKIP
>>> r.plan, r.bridge, r.odds, r.answers.bridge(span="2026-02")  # doctest: +SKIP

The words below are found when they are first used, so that ``import alignment_lib`` stays instant. See
``docs/python.md``. The package is laid out in layers, left to right as data flows: ``inputs``,
``forecasting``, ``planning``, ``funnel``, ``review``, ``rounds``, ``answers``, ``publishing``, ``app``. A
layer imports only from layers to its left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alignment_lib.answers.answer import Answer
    from alignment_lib.app.analyst.round import Round
    from alignment_lib.app.analyst.scenario import Scenario
    from alignment_lib.app.analyst.words import (
        check,
        explore,
        new_workspace,
        open_round,
        open_snapshot,
        plan_round,
        publish_round,
        published_rounds,
        watch,
    )
    from alignment_lib.inputs.problems import AlignmentError

__all__ = [
    "AlignmentError",
    "Answer",
    "Round",
    "Scenario",
    "__version__",
    "check",
    "explore",
    "new_workspace",
    "open_round",
    "open_snapshot",
    "plan_round",
    "publish_round",
    "published_rounds",
    "watch",
]

__version__ = "0.1.0"

_WORDS = "alignment_lib.app.analyst.words"
_PLACES = {
    "AlignmentError": "alignment_lib.inputs.problems",
    "Answer": "alignment_lib.answers.answer",
    "Round": "alignment_lib.app.analyst.round",
    "Scenario": "alignment_lib.app.analyst.scenario",
}


def __getattr__(name: str) -> object:
    """Find a word where it is defined, when it is first used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES.get(name, _WORDS)), name)


def __dir__() -> list[str]:
    return sorted(__all__)
