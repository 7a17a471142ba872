"""The error of each step: one figure a level, the level and its rounds said in the title."""

from __future__ import annotations

import pandas as pd

from alignment_lib.answers.past.value_added import rounds_table, value_added
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.rounds.view import RoundView


def _view() -> RoundView:
    rows = [
        ("", "total", "quarter", 1, "naive", "", 0.10, 0.02, float("nan")),
        ("", "total", "quarter", 1, "marketing", "baseline", 0.05, 0.01, 0.03),
        ("", "total", "quarter", 1, "baseline", "naive", 0.08, 0.01, 0.02),
        ("", "total", "quarter", 2, "baseline", "naive", 0.50, 0.01, 0.02),
        ("", "series", "period", 1, "naive", "", 0.30, 0.02, float("nan")),
        ("", "series", "period", 1, "marketing", "naive", 0.33, 0.01, -0.03),
        ("2025Q3", "total", "quarter", 1, "naive", "", 0.1, 0.1, float("nan")),
        ("2025Q4", "total", "quarter", 1, "naive", "", 0.1, -0.1, float("nan")),
    ]
    columns = ["round", "level", "span", "lag", "stream", "against", "wape", "bias_share"]
    table = pd.DataFrame(rows, columns=[*columns, "value_added_share"])
    manifest = {"round": "2026Q1", "cycle": "quarter", "measure": "units", "currency": "EUR"}
    return RoundView(manifest, {"value_added": table}, Calendar("week"))


def test_a_step_may_help_in_one_level_and_harm_in_the_other_but_never_under_one_title() -> None:
    whole, each = value_added(_view()), value_added(_view(), level="series")
    assert whole.title == "Error of each step, all sales, quarter by quarter"
    assert each.title == "Error of each step, series by series, week by week"
    assert whole.frame["stream"].tolist() == ["naive", "baseline", "marketing"]
    assert "Marketing came nearest" in whole.sentence
    assert "Farther away than the step before: marketing." in each.sentence
    assert whole.chart is not None
    assert whole.chart.alt.startswith(f"{whole.title}, closed rounds 2025Q3 to 2025Q4.")


def test_rounds_stand_one_below_the_other_with_their_direction() -> None:
    shown = rounds_table(_view())
    assert shown is not None
    assert shown.rows[["round", "naive"]].to_numpy().tolist() == [["2025Q3", 0.1], ["2025Q4", -0.1]]


def test_before_a_round_has_closed_the_answer_says_so() -> None:
    view = RoundView({"round": "2026Q1", "cycle": "quarter"}, {}, Calendar("week"))
    assert "No round has closed yet" in value_added(view).sentence
    assert rounds_table(view) is None
