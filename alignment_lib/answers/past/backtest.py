"""How far the combination of models without drivers was off on earlier dates, by level and lag."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.answers.answer import Answer, nothing_yet
from alignment_lib.answers.tables import Column, Table, list_rows
from alignment_lib.answers.wording import write_share

__all__ = ["tell_backtest"]

_TITLE = "Errors of the forecast by level and lag"
_NOTE = (
    "The combination that knows no prices and promotions; naive is last year's figure. CRPS is the mean "
    "absolute error of a whole distribution; naive is a line, so its CRPS is its WAPE. Each band was made "
    "from the errors of the other origins."
)
_PER_CENT = ("smape", "wape", "bias", "crps", "pinball_0.1", "pinball_0.9")


def tell_backtest(scores: pd.DataFrame) -> Answer:
    """The scores of `score_run` as an answer.

    Parameters
    ----------
    scores : DataFrame
        As worked out; errors in per cent.

    Returns
    -------
    Answer
        Its frame: ``level, lag``, each score and, as ``…_naive``, that of last year's figures; decimals.
    """
    if scores.empty:
        text = "The history is too short for a backtest: there are no scores."
        return nothing_yet("backtest", _TITLE, text)
    frame = scores[(scores["forecast"] == "combination") & scores["wape"].notna()].drop(columns="forecast")
    frame = frame.assign(level=[level.replace("_", " ").replace(" x ", " × ") for level in frame["level"]])
    for name in (name for one in _PER_CENT for name in (one, f"{one}_naive")):
        frame[name] = frame[name] / 100 if name in frame else np.nan
    left_out = [name for name in frame if str(name).startswith(("width", "pinball_0.5"))]
    frame = frame.drop(columns=left_out).reset_index(drop=True)
    columns = [Column("level", "level"), Column("lag", "lag")]
    for name in ("mase", "rmsse"):
        columns += [
            Column(name, name.upper(), "number", "", 2),
            Column(f"{name}_naive", "naive", "number", "", 2),
        ]
    names = {"smape": "sMAPE", "wape": "WAPE", "bias": "bias"}
    if "coverage_80" in frame:
        names["crps"] = "CRPS"
    for name, title in names.items():
        columns += [Column(name, title, "share", "", 1), Column(f"{name}_naive", "naive", "share", "", 1)]
    if "coverage_80" in frame:
        columns += [
            Column(f"coverage_{part}", f"inside the {part} % band", "share", "", 0) for part in (80, 95)
        ]
    shown = Table(_TITLE, columns, frame, note=_NOTE)
    return Answer("backtest", _TITLE, _say(frame), frame, None, shown)


def _say(frame: pd.DataFrame) -> str:
    rows = list_rows(frame[frame["lag"] == "all"])
    said = [
        f"{words} by {write_share(row['wape'])} of sales (last year's: {write_share(row['wape_naive'])})"
        for words, row in (("in total", rows[0]), ("series by series", rows[-1]))
    ]
    return f"On earlier dates it was off {' and '.join(said)}."
