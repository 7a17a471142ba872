"""Why the plan differs from the baseline: effects that add up, whatever is asked about."""

from __future__ import annotations

import re

import pytest

from alignment_lib.answers.plan.bridge import bridge
from alignment_lib.rounds.view import RoundView, view_tables


def _plain(markup: object) -> str:
    text = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", str(markup)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def test_the_bridge_names_what_adds_and_what_takes_most(report_data: RoundView) -> None:
    answer = bridge(report_data)
    text = answer.sentence.replace("\u202f", " ")
    assert "Drivers and assumptions add 1,372 units, 4.5 % of the baseline." in text
    assert "Most is added by A1 Spring coupon (+1,057)" in text
    assert "most is taken by A3 Tea is losing its younger buyers (−421)." in text
    assert "Plan less baseline +1,372" in _plain(answer.to_html())


@pytest.mark.parametrize(
    "asked",
    [{}, {"span": "2026-03"}, {"part": {"product": "Tea"}}, {"scenario": "as_proposed"}, {"span": "2026"}],
)
def test_effects_add_up_to_plan_less_baseline(report_data: RoundView, asked: dict[str, object]) -> None:
    answer = bridge(report_data, **asked)  # type: ignore[arg-type]
    rows = report_data.scenario("plan", str(asked.get("scenario", "consensus")))
    if "part" in asked:
        rows = rows[rows["product"] == "Tea"]
    span, cycle = {"2026-03": ("2026-03", "month"), "2026": ("2026", "year")}.get(
        str(asked.get("span")), ("2026Q1", "quarter")
    )
    rows = rows[report_data.labels(rows["period"], cycle) == span]  # type: ignore[arg-type]
    assert answer.frame["effect"].sum() == pytest.approx((rows["plan"] - rows["baseline"]).sum(), abs=1e-9)


def test_rows_that_change_nothing_are_counted_and_kept_in_the_frame(report_data: RoundView) -> None:
    answer = bridge(report_data)
    assert answer.shown is not None
    assert "4 more rows change nothing in 2026Q1." in answer.shown.note
    assert "A6" in set(answer.frame["assumption"])
    assert "A6 Everybody drinks cold brew" not in _plain(answer.to_html())


def test_a_plan_that_is_its_baseline_says_what_would_fill_the_bridge(report_data: RoundView) -> None:
    answer = bridge(view_tables(report_data.manifest, {"plan": report_data.table("plan")}))
    assert not answer.is_answered
    assert answer.sentence.startswith("The plan equals the baseline")
