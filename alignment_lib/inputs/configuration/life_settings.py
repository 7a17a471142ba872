"""What only the owner of a series knows of its end: that it is over, goes on, or took another's place."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

__all__ = ["LifeSettings"]

_Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Scope = dict[_Name, Annotated[str, StringConstraints(min_length=1, max_length=200)]]


class LifeSettings(BaseModel):
    """One ``[[life]]`` of ``planning.toml``: series by their dimensions, and what becomes of them.

    >>> LifeSettings(scope={"product": "Tea 100 g"}, replaces={"product": "Tea"}).state is None
    True
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    scope: Annotated[_Scope, Field(min_length=1)]
    state: Literal["ended", "continues"] | None = None
    replaces: _Scope = Field(default_factory=dict)
    recorded: dt.date | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> LifeSettings:
        if (self.state is None) == (not self.replaces):
            raise ValueError('one of two: state = "ended" or "continues", or replaces = { … }')
        if self.replaces and set(self.replaces) != set(self.scope):
            raise ValueError("a predecessor named by the same dimensions as its scope")
        if self.replaces == self.scope:
            raise ValueError("a predecessor other than the series itself")
        return self
