"""Labels of every kind of chart, over random numbers: whole, apart, and off the edges of marks."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignment_lib.answers.charts.ink.palette import PAPER
from alignment_lib.answers.charts.ink.paper import Box, Label, Mark, Paper
from tests.unit.answers.charts.random_charts import MAKERS


def _core(label: Label) -> Box:
    """The ink of a label without the air around it."""
    box = label.box
    return Box(box.left + 0.5, box.top + 1, box.right - 0.5, box.bottom - 1)


def faults(paper: Paper) -> list[str]:
    """What a reader would stumble over."""
    found = []
    sheet = Box(-0.5, -0.5, paper.width + 0.5, paper.height + 0.5)
    for label in paper.labels:
        if not sheet.holds(label.box):
            found.append(f"cut: {label.text}")
        core = _core(label)
        found += [
            f"across {mark.style.kind} {mark.style.edge or mark.style.fill}: {label.text}"
            for number, mark in enumerate(paper.marks)
            if mark.crosses(core) and not _lies_on_paper(core, paper.marks[number + 1 :])
        ]
    for one, other in combinations(paper.labels, 2):
        if _core(one).meets(_core(other)):
            found.append(f"over one another: {one.text} | {other.text}")
    return found


def _lies_on_paper(core: Box, later: list[Mark]) -> bool:
    """Whether plain paper was put between a label and what stood there before."""
    return any(mark.style.fill == PAPER and not mark.style.edge and mark.box.holds(core) for mark in later)


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_no_label_is_cut_or_lies_over_another_or_on_the_edge_of_a_mark(kind: str, seed: int) -> None:
    chart = MAKERS[kind](np.random.default_rng(seed))
    for sheet in chart.sheets:
        assert faults(chart.paper(sheet)) == []


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), width=st.floats(100, 1500), height=st.floats(60, 1000))
def test_labels_fit_an_axes_of_any_size(kind: str, seed: int, width: float, height: float) -> None:
    paper, size = MAKERS[kind](np.random.default_rng(seed)).fit(width, height)
    assert (paper.width * size, size <= 1) == (pytest.approx(width), True)
    assert faults(paper) == []
