"""The chain of the demo adds up at every link, and says the figures that stand elsewhere."""

from pathlib import Path

import pytest

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.earnings.chain import chain
from alignment_lib.answers.earnings.profit import profit
from alignment_lib.answers.leads.budget import budget
from alignment_lib.rounds.view import RoundView, view_snapshot

SAMPLE = Path(__file__).resolve().parents[3] / "reports" / "sample"


@pytest.fixture(scope="module")
def view() -> RoundView:
    return view_snapshot(SAMPLE)


@pytest.fixture(scope="module")
def found(view: RoundView) -> Answer:
    return chain(view)


def test_it_runs_from_money_to_profit(found: Answer) -> None:
    steps = found.frame["step"].tolist()
    order = [
        "marketing's money", "leads it brings, where history can tell", "leads to be expected",
        "customers to be expected of them", "customers from leads that the plan counts on",
        "what these customers order", "sales of new customers", "revenue", "margin", "profit after marketing",
    ]  # fmt: skip
    places = [steps.index(step) for step in order]
    assert places == sorted(places)


def test_every_link_adds_up(found: Answer) -> None:
    told = found.frame.dropna(subset=["carried"])
    assert len(told) == 9
    assert (told["off"].abs() / told["amount"].abs().clip(lower=1.0)).max() < 1e-9
    assert "disagree" not in found.sentence


def test_what_is_not_carried_is_what_the_next_row_adds(found: Answer) -> None:
    amounts = found.frame.drop_duplicates("step").set_index("step")["amount"]
    parts = {
        "leads to be expected": (
            "leads it brings, where history can tell", "leads without it, or of money nobody can tell",
        ),
        "sales of new customers": ("what these customers order", "new sales without a lead"),
        "revenue": ("sales of new customers", "sales without new customers"),
    }  # fmt: skip
    for whole, its in parts.items():
        assert amounts[whole] == pytest.approx(amounts[list(its)].sum(), rel=1e-9), whole


def test_its_figures_are_those_of_the_other_questions(view: RoundView, found: Answer) -> None:
    amounts = found.frame.drop_duplicates("step").set_index("step")["amount"]
    earned = profit(view).frame.set_index("measure")["plan"]
    assert amounts["revenue"] == earned["revenue"]
    assert amounts["margin"] == earned["margin"]
    assert amounts["profit after marketing"] == earned["profit"]
    planned = budget(view).frame
    assert amounts["marketing's money"] == pytest.approx(planned["planned"].sum(), rel=1e-9)
    new = view.in_round(view.scenario("money")).query("sale_type == 'new'")["revenue"].sum()
    assert amounts["sales of new customers"] == pytest.approx(new, rel=1e-9)
