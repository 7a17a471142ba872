"""What moves the plan most: the plan worked out anew at both ends of every counted assumption's range."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.charts.tornado import draw_tornado
from alignment_lib.answers.wording import choose_scale, humanise

__all__ = ["draw_swings", "pick_swings", "say_widest"]

_LEAST = 0.005
_MOST = 10


def pick_swings(table: pd.DataFrame, label: str, name: Callable[[str], str]) -> pd.DataFrame:
    """How far each counted assumption moves a span, the widest first: ``label, low, high``.

    Parameters
    ----------
    table : DataFrame
        `sensitivity_table` of one scenario.
    label : str
        The span, such as ``2026Q1``.
    name : callable
        An assumption's id in words.

    Returns
    -------
    DataFrame
        ``low`` and ``high`` are the change of the plan when the assumption comes out at its low and at its
        high value; rows that move next to nothing are left out.
    """
    # A round published long ago tells of swings without their spans and ends.
    is_known = {"label", "at_low", "at_high", "plan"} <= set(table.columns)
    rows = table[table["label"] == label] if is_known else table.iloc[:0]
    if rows.empty or not rows["swing"].max() > 0:
        return pd.DataFrame(columns=["label", "low", "high"])
    rows = rows[rows["swing"] > _LEAST * rows["swing"].max()]
    rows = rows.sort_values(["swing", "assumption"], ascending=[False, True])
    return pd.DataFrame(
        {
            "label": [name(str(one)) for one in rows["assumption"]],
            "low": (rows["at_low"] - rows["plan"]).to_numpy(dtype=float),
            "high": (rows["at_high"] - rows["plan"]).to_numpy(dtype=float),
        }
    )


def draw_swings(swings: pd.DataFrame, unit: str, label: str, scenario: str) -> Chart:
    """The widest of them as a chart that says of which span and which scenario it speaks."""
    return draw_tornado(
        swings.head(_MOST),
        name="tornado",
        title="What moves the plan most",
        unit=unit,
        period=f"{label}, {humanise(scenario).lower()}",
    )


def say_widest(swings: pd.DataFrame, unit: str) -> str:
    """The widest of them in words.

    Examples
    --------
    >>> swings = pd.DataFrame({"label": ["Coupon"], "low": [-30.0], "high": [20.0]})
    >>> say_widest(swings, "units")
    'Coupon moves the plan most: between its low and its high value lie 50 units.'
    """
    widest = swings.iloc[0]
    scale = choose_scale([widest["high"], widest["low"]], unit)
    width = abs(widest["high"] - widest["low"])
    return (
        f"{widest['label']} moves the plan most: between its low and its high value lie {scale.say(width)}."
    )
