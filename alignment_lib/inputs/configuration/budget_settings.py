"""What may be asked of the round's marketing budget beside what is planned: a total, bounds, an aim."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

__all__ = ["BudgetSettings"]

_Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
_Money = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class BudgetSettings(BaseModel):
    """``[budget]`` of ``planning.toml``: money of the round's open periods, in its currency.

    `total` and `channels` are a budget, whole or half made; `bounds` the least and the most a source may get;
    `leads` a number of leads that money is to bring with `probability`.

    >>> BudgetSettings(total=5000, bounds={"radio": [0, 800]}).probability
    0.8
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    total: _Money | None = None
    channels: dict[_Name, _Money] = Field(default_factory=dict)
    bounds: dict[_Name, tuple[_Money, _Money]] = Field(default_factory=dict)
    leads: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    probability: Annotated[float, Field(gt=0, lt=1)] = 0.8

    @field_validator("bounds")
    @classmethod
    def _in_order(cls, bounds: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        for name, (low, high) in bounds.items():
            if low > high:
                raise ValueError(f"a least of {name} that is not above its most ({low:g} and {high:g})")
        return bounds
