"""How an owner's earlier claims came out, in the form in which planning takes it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["OwnerRecord"]


@dataclass(frozen=True)
class OwnerRecord:
    """How an owner's earlier claims came out, as the review measured it.

    Attributes
    ----------
    cases : int
        Scored claims.
    came_true_share : float
        What to multiply a claim by; already drawn toward the overall record where cases are few.
    error : float
        Its standard error.
    is_enough : bool
        Whether the cases make a record.
    """

    cases: int
    came_true_share: float
    error: float = 0.0
    is_enough: bool = True
