"""What one round of one business unit hands to publishing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from alignment_lib.inputs.problems import Notice

__all__ = ["RoundResult"]


@dataclass(frozen=True)
class RoundResult:
    """A finished round: everything a snapshot holds, nothing about where it will stand.

    Attributes
    ----------
    unit : str
        Name of the business unit: the folder name of its workspace.
    business : str
        The business in words, for headings.
    currency : str
        Code of the currency that money is in, such as ``"USD"``.
    measure : {"units", "revenue"}
        What the plan counts.
    round : str
        ``"2026Q1"``, ``"2026-03"`` or ``"2026"``.
    cycle : {"month", "quarter", "year"}
        Length of the round.
    as_of : Timestamp
        The day the round is worked out as of; also the date written into files that must bear one.
    dimensions : tuple of str
        What identifies a series, broadest first.
    headline : str
        The scenario the first screen speaks of.
    parameters : dict
        Everything that was chosen for the run. ``parameters["calendar"]`` may hold ``grain``,
        ``fiscal_year_start``, ``weeks``, ``week_start`` and what else it states (`Calendar.stated`); without
        it they are read off the periods.
    tables : Mapping of str to DataFrame
        ``plan, bridge, odds, assumptions, evidence, streams, funnel, record`` as the contract names
        them, ``history`` (``period``, the dimensions, ``value, cleaned``) and ``why``. Missing ones are
        written as empty tables where the contract asks for them, and further ones are kept.
    warnings : tuple of Notice
        What was treated on the way, with counts.
    input_hashes : Mapping of str to str
        SHA-256 of each input file by its name relative to the workspace.
    """

    unit: str
    business: str
    currency: str
    measure: str
    round: str
    cycle: str
    as_of: pd.Timestamp
    dimensions: tuple[str, ...]
    headline: str
    parameters: dict[str, Any]
    tables: Mapping[str, pd.DataFrame]
    warnings: tuple[Notice, ...] = ()
    input_hashes: Mapping[str, str] = field(default_factory=dict)
