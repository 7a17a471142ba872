"""Which drivers of the calendar a claim speaks of: it then states their whole effect."""

from __future__ import annotations

import re
from collections.abc import Mapping

from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["covered_drivers", "is_unseen_mechanic", "named_drivers"]

_NAMED_IN_EVIDENCE = re.compile(r"drivers?:\s*([^;.]+)", re.IGNORECASE)
_COVERS_KIND = {"promotion": "promotion", "price_change": "price", "market_shift": "market"}


def covered_drivers(assumption: Assumption, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Drivers whose calendar effect the claim includes: those of `named_drivers`, for claims in percent.

    A price change that names none covers every price; a promotion that states no mechanic covers every
    promotion of the calendar. One whose mechanic is no driver, such as television, covers none of them.

    Parameters
    ----------
    assumption : Assumption
        The claim.
    kinds : mapping of str to str
        ``price``, ``promotion`` or ``market`` by driver column.

    Examples
    --------
    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> kinds = {"deal": "promotion", "price": "price"}
    >>> covered_drivers(example_assumption(fields={"evidence": "drivers: deal"}), kinds)
    ('deal',)
    """
    if assumption.unit != "percent" or assumption.kind not in _COVERS_KIND:
        return ()
    named = named_drivers(assumption, kinds)
    if named or assumption.kind == "market_shift" or is_unseen_mechanic(assumption, kinds):
        return named
    return tuple(name for name, kind in kinds.items() if kind == _COVERS_KIND[assumption.kind])


def named_drivers(assumption: Assumption, kinds: Mapping[str, str]) -> tuple[str, ...]:
    """Drivers the row names: in `driver`, else in its evidence (``drivers: deal``), else as its mechanic.

    >>> from alignment_lib.planning.register.assumptions import example_assumption
    >>> named_drivers(example_assumption(fields={"mechanic": "Price cut"}), {"price_cut": "promotion"})
    ('price_cut',)
    """
    stated = str(assumption.fields.get("driver") or "")
    if not stated:
        match = _NAMED_IN_EVIDENCE.search(str(assumption.fields.get("evidence") or ""))
        stated = match.group(1) if match else ""
    named = tuple(name for name in (part.strip() for part in re.split(r"[,;]", stated)) if name in kinds)
    if named or assumption.kind != "promotion":
        return named
    mechanic = _plain(str(assumption.fields.get("mechanic") or ""))
    promotions = (name for name, kind in kinds.items() if kind == "promotion")
    return tuple(name for name in promotions if f" {_plain(name)} " in f" {mechanic} ")


def is_unseen_mechanic(assumption: Assumption, kinds: Mapping[str, str]) -> bool:
    """Whether a promotion states a mechanic that no driver of the calendar is about."""
    stated = assumption.kind == "promotion" and bool(assumption.fields.get("mechanic"))
    return stated and not named_drivers(assumption, kinds)


def _plain(text: str) -> str:
    """Words in small letters with single spaces: ``price_cut`` and ``Price cut`` are the same."""
    return " ".join(re.split(r"[\W_]+", text.casefold())).strip()
