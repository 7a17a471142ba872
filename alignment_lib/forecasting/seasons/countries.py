"""The country whose feasts and working days each series keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.configuration.calendar_settings import HolidayColumn, Holidays
from alignment_lib.inputs.periods.holiday_codes import find_code

__all__ = ["countries_of", "country_codes"]


def country_codes(keys: pd.DataFrame, holidays: Holidays) -> np.ndarray:
    """Code of each series' country, None where none is known, shape (series,).

    >>> keys = pd.DataFrame({"country": ["de", "France", "Export"]})
    >>> country_codes(keys, HolidayColumn(column="country")).tolist()
    ['DE', 'FR', None]
    """
    codes = np.empty(len(keys), dtype=object)
    if isinstance(holidays, HolidayColumn):
        texts = keys[holidays.column].astype(str)
        known = {text: find_code(text) for text in texts.unique()}
        codes[:] = [known[text] for text in texts]
    else:
        codes[:] = holidays or None
    return codes


def countries_of(keys: pd.DataFrame, holidays: Holidays) -> tuple[str, ...]:
    """Every code that some series has, in order."""
    return tuple(sorted({code for code in country_codes(keys, holidays) if code is not None}))
