"""One series over time: what was read, what was cleaned, the forecast with its band, and naive."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from alignment_lib.answers.charts.ink.palette import ACTUAL, BAD, BAND, GOOD, INK, MUTED, PRIOR, RULE
from alignment_lib.answers.charts.ink.paper import Label, Paper
from alignment_lib.answers.charts.ink.placing import room_for
from alignment_lib.answers.charts.notation import Chart, two_sheets
from alignment_lib.answers.wording import choose_short_scale

__all__ = ["draw_series"]

_NARROW_PERIODS = 48
_COLUMNS = ("original", "cleaned", "baseline", "naive", "p2_5", "p10", "p90", "p97_5")
_Place = Callable[[float], float]


def draw_series(
    table: pd.DataFrame, *, name: str, title: str, unit: str, backtest: pd.DataFrame | None = None
) -> Chart:
    """History as read and as cleaned, baseline with its bands, seasonal naive, and earlier forecasts.

    Parameters
    ----------
    table : DataFrame
        One row per period in time order: ``period, original, cleaned, baseline, naive, p2_5, p10, p90,
        p97_5``; NaN where there is none.
    name, title, unit : str
        Unique in the page; the heading; what is counted.
    backtest : DataFrame, optional
        ``origin, period, value``: what would have been forecast at earlier dates.

    Examples
    --------
    >>> months = pd.date_range("2025-01-01", periods=3, freq="MS")
    >>> rows = pd.DataFrame({"period": months, "original": [4.0, 90.0, None], "cleaned": [4.0, 5.0, None]})
    >>> rows = rows.assign(baseline=[None, None, 6.0], p10=[None, None, 5.0], p90=[None, None, 7.0])
    >>> draw_series(rows, name="doc", title="A", unit="units").alt
    'A. History from 2025-01-01 to 2025-02-01, 1 value treated. Forecast 2025-03-01: 6.0 (5.0 to 7.0).'
    """
    frame = table.reset_index(drop=True).reindex(columns=["period", *_COLUMNS])
    frame = frame.astype(dict.fromkeys(_COLUMNS, float))
    earlier = pd.DataFrame(columns=["origin", "period", "value"]) if backtest is None else backtest
    scale = choose_short_scale(frame[["original", "baseline"]].to_numpy().ravel(), unit)
    alt = _describe(frame, title, scale.write)
    ahead = int(frame["baseline"].notna().sum())
    late = frame.iloc[max(0, len(frame) - _NARROW_PERIODS - ahead) :].reset_index(drop=True)
    return Chart(
        title=title,
        subtitle=f"in {scale.unit}",
        alt=alt,
        name=name,
        lay_out=lambda paper: _draw(paper, late if paper.is_narrow else frame, earlier, scale.write),
        sheets=two_sheets(340, 280),
        legend=_legend(frame, earlier),
    )


def _legend(frame: pd.DataFrame, earlier: pd.DataFrame) -> str:
    parts = ["Dark: as read"]
    if len(_treated(frame)):
        parts.append("red mark: a value that a rule treated, with a blue one where it was put")
    parts.append("blue: baseline; bands: eight and nineteen in twenty outcomes")
    parts.append("dashed: same season last year")
    if len(earlier):
        parts.append("thin blue: what would have been forecast at earlier dates")
    return "; ".join(parts) + "."


def _treated(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows whose value was changed or filled."""
    changed = (frame["original"] - frame["cleaned"]).abs() > 1e-9 * frame["cleaned"].abs()
    return frame[changed | (frame["original"].isna() & frame["cleaned"].notna())]


def _draw(paper: Paper, frame: pd.DataFrame, earlier: pd.DataFrame, write: Callable[[float], str]) -> None:
    spread = frame[list(_COLUMNS)].to_numpy()
    known = spread[np.isfinite(spread)]
    low = float(known.min(initial=0.0))
    high = float(known.max(initial=0.0)) if known.any() else low + 1.0
    levels = [low + part * (high - low) for part in (0.0, 0.5, 1.0)]
    left, right, top, bottom = room_for([write(value) for value in levels], 10.5) + 12.0, 8.0, 12.0, 34.0
    step = (paper.width - left - right) / max(len(frame) - 1, 1)
    rise = (paper.height - top - bottom) / (high - low)
    ground = paper.height - bottom
    paper.count_in((left, ground + low * rise), (step, -rise))

    def x(place: float) -> float:
        return left + place * step

    def y(value: float) -> float:
        return ground - (value - low) * rise

    for value in levels:
        paper.line(left, y(value), paper.width - right, y(value), RULE, 1)
        paper.text(left - 6, y(value) + 4, write(value), size=10.5, anchor="end", ink=MUTED)
    _label_years(paper, frame, x)
    for first, last, opacity in (("p2_5", "p97_5", 0.5), ("p10", "p90", 1.0)):
        _band(paper, frame, x, y, (first, last, opacity))
    _draw_lines(paper, frame, earlier, x, y)
    _draw_treated(paper, frame, x, y)


def _draw_lines(paper: Paper, frame: pd.DataFrame, earlier: pd.DataFrame, x: _Place, y: _Place) -> None:
    at = {period: float(place) for place, period in enumerate(frame["period"])}
    for _, path in earlier[earlier["period"].isin(at)].groupby("origin", sort=True):
        pairs = zip(path["period"], path["value"], strict=True)
        paper.path([(x(at[period]), y(value)) for period, value in pairs], GOOD, 0.8)
    styles: dict[str, tuple[str, float, tuple[float, ...]]] = {
        "naive": (PRIOR, 1.4, (4, 3)),
        "original": (ACTUAL, 1.6, ()),
        "baseline": (GOOD, 2.2, ()),
    }
    for column, (ink, width, dash) in styles.items():
        points = [(x(place), y(value)) for place, value in enumerate(frame[column])]
        paper.path(points, ink, width, dash)


def _draw_treated(paper: Paper, frame: pd.DataFrame, x: _Place, y: _Place) -> None:
    treated = _treated(frame)
    for place, read, put in zip(treated.index, treated["original"], treated["cleaned"], strict=True):
        if not math.isnan(read):
            paper.diamond(x(place), y(read), 4.5, BAD)
        if not math.isnan(put):
            paper.diamond(x(place), y(put), 3.5, GOOD)


def _band(paper: Paper, frame: pd.DataFrame, x: _Place, y: _Place, style: tuple[str, str, float]) -> None:
    first, last, opacity = style
    width = x(1) - x(0)
    for place, (low, high) in enumerate(zip(frame[first], frame[last], strict=True)):
        if not (math.isnan(low) or math.isnan(high)):
            left, right = max(x(place) - width / 2, 0.0), min(x(place) + width / 2, paper.width)
            paper.rect(left, y(high), right - left, y(low) - y(high), BAND, opacity=opacity)


def _label_years(paper: Paper, frame: pd.DataFrame, x: _Place) -> None:
    years = pd.DatetimeIndex(frame["period"]).year
    firsts = [place for place in range(len(frame)) if place == 0 or years[place] != years[place - 1]]
    base = paper.height - 34.0
    paper.line(x(0), base, x(len(frame) - 1), base, INK, 1)
    for place in firsts:
        paper.line(x(place), base, x(place), base + 6, RULE)
        label = Label(x(place) + 2, base + 19, str(years[place]), MUTED, 11, "start")
        paper.place([label], free_of_marks=False)


def _describe(frame: pd.DataFrame, title: str, write: Callable[[float], str]) -> str:
    past, ahead = frame[frame["baseline"].isna()], frame[frame["baseline"].notna()]
    said = f"{title}."
    if len(past):
        span = f"from {past['period'].iloc[0]:%Y-%m-%d} to {past['period'].iloc[-1]:%Y-%m-%d}"
        count = len(_treated(frame))
        treated = f", {count} value{'s' if count != 1 else ''} treated" if count else ""
        said += f" History {span}{treated}."
    values = [
        f"{period:%Y-%m-%d}: {write(middle)} ({write(low)} to {write(high)})"
        for period, middle, low, high in zip(
            ahead["period"], ahead["baseline"], ahead["p10"], ahead["p90"], strict=True
        )
    ]
    return said + (f" Forecast {'; '.join(values)}." if values else "")
