"""One row per assumption: what stands beside its slider, and which rows a filter leaves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from alignment_lib.answers.wording import humanise, say_value, write_date, write_number
from alignment_lib.planning.register.actions import NOBODYS
from alignment_lib.planning.register.assumptions import Assumption

__all__ = ["Filter", "Row", "find_filters", "list_rows", "matches", "say_dates"]

_STEPS = 100
_MOST_OFFERED = 500
"""Values of one filter: a longer list could not be read."""


@dataclass(frozen=True)
class Row:
    """What the explorer shows of one assumption.

    Attributes
    ----------
    id, title, kind, owner, function, status : str
        As in the register.
    scope : dict of str to str
        Dimension values it is limited to.
    span : str
        Its dates in words.
    unit : str
        What the slider is measured in, as a label.
    expected, low, high : float
        The claim; NaN where no range was given.
    supported, error : float
        What history supports and its standard error, in the same unit; NaN where history is silent.
    verdict, sentence : str
        The evidence in a word and in a sentence.
    least, most, step : float
        The slider's ends and its step.
    is_open : bool
        Whether its dates reach into the horizon: otherwise it changes nothing any more.
    is_action, can_move : bool
        Whether it is somebody's action, and whether that has not yet begun.
    """

    id: str
    title: str
    kind: str
    owner: str
    function: str
    status: str
    scope: Mapping[str, str]
    span: str
    unit: str
    expected: float
    low: float
    high: float
    supported: float
    error: float
    verdict: str
    sentence: str
    least: float
    most: float
    step: float
    is_open: bool = True
    is_action: bool = True
    can_move: bool = True

    def to_message(self) -> dict[str, Any]:
        """The row as plain values for the page; NaN becomes None."""
        values = dict(vars(self))
        values["scope"] = ", ".join(map(say_value, self.scope.values())) or "all sales"
        values["claim"] = _say_claim(self)
        # Most sentences of evidence say the claim themselves.
        says_claim = self.sentence.startswith(f"{self.id} claims ")
        said = self.sentence.removeprefix(f"{self.id} ")
        values["about"] = _capital(said) if says_claim else f"{_capital(values['claim'])}. {self.sentence}"
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in values.items()
        }


@dataclass(frozen=True)
class Filter:
    """Which rows are shown; blank means all.

    Attributes
    ----------
    scope : dict of str to str
        Dimension to value: rows limited to another value are left out, rows not limited stay.
    function, owner, status : str
        As in the register.
    when : str
        ``open`` for rows that reach into the horizon.
    """

    scope: Mapping[str, str] = field(default_factory=dict)
    function: str = ""
    owner: str = ""
    status: str = ""
    when: str = ""


def matches(row: Row, wanted: Filter) -> bool:
    """Whether the filter leaves the row."""
    words = ((row.function, wanted.function), (row.owner, wanted.owner), (row.status, wanted.status))
    if any(asked and asked != found for found, asked in words):
        return False
    if wanted.when == "open" and not row.is_open:
        return False
    return all(row.scope.get(name, value) == value for name, value in wanted.scope.items() if value)


def find_filters(
    rows: Sequence[Row], keys: pd.DataFrame, spans: Sequence[str] = (), this_span: str = ""
) -> list[dict[str, Any]]:
    """The filters worth offering: each with its name, label, its values with their labels, and what blank is.

    Parameters
    ----------
    rows : sequence of Row
        Whose functions, owners and statuses are offered.
    keys : DataFrame, shape (series, dimensions)
        What is planned: a dimension's values choose rows and what the charts show.
    spans : sequence of str
        Labels of spans, in order, that figures and charts can be of.
    this_span : str
        The one they are of unless another is chosen.
    """
    offered: dict[str, tuple[str, list[str]]] = {
        str(name): (str(name), sorted(set(keys[name].astype(str)))) for name in keys
    }
    for name in ("function", "owner", "status"):
        offered[f"@{name}"] = (name, sorted({getattr(row, name) for row in rows}))
    found = [
        {
            "name": key,
            "label": humanise(label),
            "blank": "all",
            "values": [[value, say_value(value)] for value in values],
        }
        for key, (label, values) in offered.items()
        if 1 < len(values) <= _MOST_OFFERED
    ]
    others = [[label, label] for label in spans if label != this_span]
    if others:
        found.append({"name": "@span", "label": "Figures of", "blank": this_span, "values": others})
    return found


def list_rows(
    register: Sequence[Assumption],
    evidence: pd.DataFrame,
    measure: str,
    currency: str,
    horizon_start: pd.Timestamp,
) -> tuple[Row, ...]:
    """Rows in the order of the register, those that reach into the horizon first.

    Parameters
    ----------
    register : sequence of Assumption
        Every assumption; rejected ones are shown too and may be tried out.
    evidence : DataFrame
        As `gather_evidence` returns it.
    measure, currency : str
        For the units in labels.
    horizon_start : Timestamp
        First day that can still be planned.
    """
    known = {str(line["assumption"]): line for line in evidence.to_dict("records")}
    rows = [_row(item, known.get(item.id, {}), measure, currency, horizon_start) for item in register]
    return tuple(sorted(rows, key=lambda row: not row.is_open))


def _row(
    item: Assumption, known: Mapping[Any, Any], measure: str, currency: str, horizon_start: pd.Timestamp
) -> Row:
    supported = float(known.get("supported", math.nan))
    points = [item.low, item.expected, item.high, supported, 0.0]
    least, most, step = _slider_ends(points, item.unit)
    return Row(
        id=item.id,
        title=item.title,
        kind=humanise(item.kind),
        owner=item.owner,
        function=item.function,
        status=item.status,
        scope=item.scope,
        span=say_dates(item),
        unit=_unit_label(item, measure, currency),
        expected=item.expected,
        low=item.low,
        high=item.high,
        supported=supported,
        error=float(known.get("standard_error", math.nan)),
        verdict=str(known.get("verdict", "no history")),
        sentence=str(known.get("sentence", "")),
        least=least,
        most=most,
        step=step,
        is_open=bool(item.end >= horizon_start),
        is_action=item.kind not in NOBODYS,
        can_move=item.kind not in NOBODYS and bool(item.start >= horizon_start),
    )


def say_dates(item: Assumption) -> str:
    """First and last day in words."""
    return f"{write_date(item.start)} to {write_date(item.end)}"


def _unit_label(item: Assumption, measure: str, currency: str) -> str:
    if item.unit == "percent":
        what = "price" if item.states_price else "planned spend" if item.kind == "budget" else "baseline"
        return f"% of {what}"
    if item.unit == "spend":
        return f"{currency} of spend"
    return currency if item.unit == "revenue" else measure if item.unit == measure else item.unit


def _slider_ends(points: Sequence[float], unit: str) -> tuple[float, float, float]:
    """Ends a quarter beyond every point of interest, on a step a hand can hit.

    >>> _slider_ends([40.0, 90.0, 150.0, 0.0], "percent")
    (-38.0, 188.0, 2.0)
    """
    finite = [point for point in points if math.isfinite(point)]
    low, high = min(finite), max(finite)
    pad = 0.25 * (high - low) or 1.0
    raw = (high - low + 2 * pad) / _STEPS
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * size for factor in (1, 2, 5, 10) if factor * size >= raw * 0.8)
    least = math.floor((low - pad) / step) * step
    if unit == "percent":
        least = max(least, -100.0)
    most = math.ceil((high + pad) / step) * step
    digits = max(0, -math.floor(math.log10(step)))
    return round(least, digits), round(most, digits), round(step, digits)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _say_claim(row: Row) -> str:
    decimals = max(0, -math.floor(math.log10(row.step)))

    def say(value: float) -> str:
        return write_number(value, decimals, signed=True)

    text = f"claimed {say(row.expected)} {row.unit}"
    if row.low < row.high:
        text += f", from {say(row.low)} to {say(row.high)} eight times in ten"
    return text
