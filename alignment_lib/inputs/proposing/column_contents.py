"""What the cells of a column are, told from a sample: dates, figures, keys, stages or words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from alignment_lib.inputs.checking.person_names import is_person
from alignment_lib.inputs.words.export_dates import best_date_form
from alignment_lib.inputs.words.stage_words import is_stage_column, is_yes_no

__all__ = ["Contents", "describe_columns", "fits"]

_SAMPLE = 3_000
_READ = 60
_MOST_STAGES = 60
_MOSTLY = 0.6
_NOTHING = re.compile(
    r"\s*[-–—]*\s*|n/?a|[ns]/d|k\.\s?a\.?|n\.\s?[adv]\.?|null|none|\(?blank\)?|#n/a|nan", re.IGNORECASE
)
_MONTH = (
    r"(?:jan|feb|mar|mär|maer|mrz|apr|may|mai|maj|jun|jul|aug|sep|okt|oct|nov|dec|dez|dic|dis|déc|fév|avr|juin|juil|"
    r"août|ene|abr|ago|fev|mag|giu|lug|set|ott|out|gen)[^\W\d]*\.?"
)
_DATE = re.compile(
    r"(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])|"
    r"(?:0?[1-9]|1[0-2])[-./](?:19|20)\d\d|\d{4}-?[WQKMw]+\d{1,2}|"
    rf"\d{{1,2}}[-./ ]+{_MONTH}[-./, ]+\d{{2,4}}|{_MONTH}[-./, ]+\d{{1,2}},?[-./ ]+\d{{4}}|"
    rf"{_MONTH}[-./' ]*\d{{2,4}}|"
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:kw|cw|week|wk|w/?e|w/?c)\W*\d{1,2}\W+\d{2,4})"
    r"(?:\b|[T,]).*",
    re.IGNORECASE,
)
_YEAR_MONTH = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|[1-4]\d|5[0-3])")
_DAY_NUMBER = re.compile(r"[34]\d{4}(?:\.\d+)?")
_MARKS = r"(?:[$€£¥₹₩₽₺₫฿]|[A-Z]{2,3}\$?|kr\.?|zł|R\$?|Rs\.?)"
_NUMBER = re.compile(
    rf"\(?[-+−–]?\s*{_MARKS}?\s*[-+−–]?\s*(?:\d[\d.,'’ \u00a0\u202f]*|\.\d+|,\d+)\s*[-−]?\s*{_MARKS}?\s*%?\)?"
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Contents:
    """What a sample of a column holds.

    Attributes
    ----------
    filled : int
        Cells of the sample that are neither empty nor a mark for nothing.
    dates, codes, numbers, shares, mails : float
        Part of the filled cells that look like dates, codes such as 202501, figures, per cent, addresses.
    different : int
        Different values of the sample.
    is_whole : bool
        Whether all figures are whole.
    is_stage, is_flag : bool
        Words of a stage; yes and no only.
    persons : float
        Part of the filled cells that read as the name of a person.
    """

    filled: int
    dates: float
    codes: float
    numbers: float
    shares: float
    mails: float
    different: int
    is_whole: bool
    is_stage: bool
    is_flag: bool
    persons: float = 0.0


def describe_columns(table: pd.DataFrame) -> dict[str, Contents]:
    """Describe every column of an export from rows spread over it."""
    step = max(1, len(table) // _SAMPLE)
    sample = table.iloc[::step]
    return {str(name): _describe(sample[name]) for name in table.columns}


def _describe(column: pd.Series) -> Contents:
    counts = column[column != ""].value_counts()
    words = [str(word) for word in counts.index]
    kept = [number for number, word in enumerate(words) if not _NOTHING.fullmatch(word)]
    weights = counts.to_numpy()[kept].astype(float)
    words = [words[number] for number in kept]
    total = float(weights.sum())

    def share(pattern: re.Pattern[str]) -> float:
        return _weigh(words, weights, lambda word: bool(pattern.fullmatch(word)))

    figures = [word for word in words if _NUMBER.fullmatch(word)]
    return Contents(
        filled=int(total),
        dates=_share_of_dates(words, share(_DATE)),
        codes=max(share(_YEAR_MONTH), share(_DAY_NUMBER)),
        numbers=share(_NUMBER),
        shares=sum(word.endswith("%") for word in words) / len(words) if words else 0.0,
        mails=share(_EMAIL),
        different=len(words),
        is_whole=bool(figures) and not any(re.search(r"[.,]\d{1,2}(?!\d)", word) for word in figures),
        is_stage=is_stage_column(words),
        is_flag=is_yes_no(words),
        persons=_weigh(words, weights, is_person),
    )


def _share_of_dates(words: list[str], likely: float) -> float:
    """Part of the cells that look like dates; words beside figures ("Marble 24") must be read as days."""
    lettered = [word for word in words if any(sign.isalpha() for sign in word.rstrip("Zz"))]
    if likely < _MOSTLY or len(lettered) * 2 < len(words):
        return likely
    return min(likely, best_date_form(pd.Series(lettered[:_READ], dtype=object))[1])


def _weigh(words: list[str], weights: np.ndarray, test: Callable[[str], bool]) -> float:
    """Part of the cells whose word passes a test."""
    hits = np.array([test(word) for word in words], dtype=bool)
    return float(weights[hits].sum() / weights.sum()) if len(words) else 0.0


def fits(contents: Contents, holds: str) -> float:
    """How well the cells fit what a role holds: 1, a little less where there is nothing to see, 0."""
    if not contents.filled:
        return 0.9
    if holds == "date":
        return 1.0 if contents.dates >= 0.6 else 0.9 if contents.codes >= 0.9 else 0.0
    if holds == "number":
        return 1.0 if contents.numbers >= 0.6 and contents.shares < 0.5 and contents.dates < 0.6 else 0.0
    if holds == "text":
        return 0.0 if contents.mails > 0.3 or contents.dates >= 0.6 else 1.0
    if holds == "role":
        return 0.0 if contents.mails > 0.3 or contents.dates >= 0.6 or contents.persons >= 0.5 else 1.0
    if holds == "stage":
        return _fits_stage(contents)
    if holds == "flag":
        return 1.0 if contents.is_flag else 0.6
    return 0.0 if contents.dates >= 0.6 else 1.0


def _fits_stage(contents: Contents) -> float:
    if contents.is_stage or contents.is_flag:
        return 1.0
    if contents.dates >= 0.6 or contents.shares >= 0.5:
        return 0.0
    if contents.different > _MOST_STAGES:
        return 0.0 if contents.numbers >= 0.6 else 0.5
    return 0.3 if contents.numbers >= 0.6 else 0.85
