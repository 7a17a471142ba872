"""The closed quarter is one story: payout, review, first screen and meeting pack say it in the same words."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.answers.past.payout import payout
from alignment_lib.answers.past.variance import variance
from alignment_lib.app.reviewing.meeting_round import prepare_meeting
from alignment_lib.app.reviewing.review_parts import review_parts
from alignment_lib.publishing.meeting_pack import render_pack
from alignment_lib.publishing.plain_page import render_part
from alignment_lib.publishing.report.report_parts import Report
from alignment_lib.publishing.snapshot_writer import publish_round
from alignment_lib.rounds.closed.look_view import view_look_back
from alignment_lib.rounds.live.live_view import view_work
from alignment_lib.rounds.plan_round import plan_round
from alignment_lib.rounds.preparing.prepared_round import PlanRequest, prepare_round
from alignment_lib.rounds.round_work import RoundWork
from tests.conftest import ROOT, shared_folder

_STORY = re.compile(r"That is [+\u2212][0-9.,]+\s%[^<]*? in units \([^<]*? in money: [^<]*? [A-Z]{3}\.")
_SCHEME = """
[incentives]
pool = 24000.0
shared_share = 1.0
functions = { marketing = 0.5, sales = 0.5 }
shared = { plan_attainment = 1.0 }
"""


def _naive(workspace: Path, folder: Path, more: str = "") -> Path:
    """A copy whose forecast is last year's periods: what is told of a closed round is not the forecast's."""
    shutil.copytree(workspace, folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    settings = folder / "planning.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(f'{text}{more}\n[forecast]\nmethod = "naive"\n', encoding="utf-8")
    return folder


def _demo(folder: Path) -> RoundWork:
    request = PlanRequest(_naive(ROOT / "data" / "demo", folder / "demo"), "2026Q1", only_looks=True)
    return RoundWork(prepare_round(request), request)


def _chain(folder: Path) -> RoundWork:
    """The real chain's third quarter after its second, planned a quarter before."""
    unit = _naive(shared_folder("workspaces/oj_chain"), folder / "oj_chain", _SCHEME)
    first = PlanRequest(unit, "1992Q2", pd.Timestamp("1992-04-02"))
    publish_round(plan_round(first), folder / "out", notebook=folder, timings={}, render=False)
    asked = PlanRequest(
        unit, "1992Q3", pd.Timestamp("1992-07-02"), rounds=folder / "out", output=folder / "out",
        only_looks=True,
    )  # fmt: skip
    return RoundWork(prepare_round(asked), asked)


@pytest.mark.parametrize("unit", ["demo", "oj_chain"])
def test_every_face_tells_the_closed_round_in_the_same_words(unit: str, tmp_path: Path) -> None:
    work = _demo(tmp_path) if unit == "demo" else _chain(tmp_path)
    look, view = work.look, view_work(work)
    faces = {
        "first screen": str(Report(view).show("why")),
        "review": "".join(str(render_part(part)) for part in review_parts(look, view_look_back(look))),
        "meeting pack": render_pack(prepare_meeting(work)).decode(),
        "payout": payout(view).sentence,
        "what came of it": variance(view).sentence,
    }
    told = {face: set(_STORY.findall(html.unescape(text))) for face, text in faces.items()}
    against_plan = told["what came of it"]
    assert len(against_plan) == 1
    for face, stories in told.items():
        assert against_plan <= stories, face
    # The review sets the round beside last year as well, and says which it is.
    assert all(stories == against_plan for face, stories in told.items() if face != "review")
