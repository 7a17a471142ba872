"""Checks across columns and tables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from alignment_lib.inputs.calendar import Calendar
from alignment_lib.inputs.parsing import ParsedTable
from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.settings import Settings

__all__ = ["check_tables", "infer_week_start"]


def infer_week_start(sales: ParsedTable, log: ProblemLog) -> int:
    days = pd.DatetimeIndex(sales.frame["period"].dropna().unique())
    counts = np.bincount(days.weekday, minlength=7)
    return int(counts.argmax())


def check_tables(parsed: Mapping[str, ParsedTable], settings: Settings, calendar: Calendar, log: ProblemLog) -> None:
    return None
