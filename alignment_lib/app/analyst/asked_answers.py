"""Every question of the catalogue as a method of one scenario, with its name completed by Tab."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.asking import Asked
from alignment_lib.answers.catalogue import Ask, find_question, question_names
from alignment_lib.inputs.words.nearest import UnknownWord, check_word
from alignment_lib.rounds.view import RoundView

__all__ = ["Answers", "AskedQuestion"]


class UnknownQuestion(UnknownWord, AttributeError):
    """No question bears the name; an attribute error too, so that `hasattr` and Tab work as ever."""


class AskedQuestion:
    """A question put to one scenario: call it, with a span or a part where not the whole is meant.

    Parameters
    ----------
    name : str
        The question.
    ask : callable
        Answers it.
    view : RoundView
        The round, with the scenario as its headline.
    """

    def __init__(self, name: str, ask: Ask, view: RoundView) -> None:
        self._name, self._ask, self._view = name, ask, view
        self.__doc__ = ask.__doc__

    def __call__(
        self,
        *,
        span: str | None = None,
        part: Mapping[str, str] | None = None,
        scenario: str | None = None,
        **more: Any,
    ) -> Answer:
        """Answer it.

        Parameters
        ----------
        span : str, optional
            ``2026-02``, ``2026Q1`` or ``2026``; the round where nothing is said.
        part : Mapping of str to str, optional
            Member by dimension, such as ``{"channel": "web"}``.
        scenario : str, optional
            Another of the round's scenarios.
        **more
            What the question takes beside; see its help.
        """
        self._check(more)
        return self._ask(self._view, span=span, part=part, scenario=scenario, **more)

    def _check(self, more: Mapping[str, Any]) -> None:
        """Refuse what the question does not take; a dimension is meant as a part."""
        for word in more:
            if word in self._view.dimensions:
                raise UnknownWord(f"write part={{{word!r}: {more[word]!r}}} to ask {self._name} of one part")
            check_word(word, self._takes, f"choice of {self._name}")

    @property
    def _takes(self) -> list[str]:
        own = list(inspect.signature(self._ask).parameters)[1:]
        return [
            *(Asked.__annotations__ if "asked" in own else ()),
            *(name for name in own if name != "asked"),
        ]

    def __repr__(self) -> str:
        """How to ask it."""
        return f"<{self._name}({', '.join(f'{name}=…' for name in self._takes)}): call it>"


class Answers:
    """The questions that can be asked of a scenario.

    Parameters
    ----------
    view : RoundView
        The round, with the scenario as its headline.
    """

    def __init__(self, view: RoundView) -> None:
        self._view = view

    def __getattr__(self, name: str) -> AskedQuestion:
        """The question of that name."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            ask = find_question(name)
        except UnknownWord as error:
            raise UnknownQuestion(str(error)) from None
        return AskedQuestion(name, ask, self._view)

    def __dir__(self) -> list[str]:
        """Names of all questions."""
        return list(question_names())

    def __repr__(self) -> str:
        """What can be asked."""
        return f"Questions to ask, each with (span=…, part={{…}}): {', '.join(question_names())}"
