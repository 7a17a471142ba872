"""Hundreds of assumptions with hostile text, through a whole run: all counted, and inert everywhere."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from tests.commands import run_here
from tests.faults.conftest import Say
from tests.faults.runs import make_unit

COMMAND = Path(sys.executable).with_name("alignment")
ROWS = {"sample": 200, "full": 1000}
pytestmark = pytest.mark.faults(**ROWS)
HOSTILE = (
    '=HYPERLINK("http://evil.example/x","pay")',
    "<script>alert('x1')</script>",
    '"><img src=x onerror=alert(2)>',
    "@SUM(A1:A9)",
    "+cmd|' /C calc'!A0",
    "../../etc/passwd",
    "{{ 7 * 7 }} ${jndi:ldap://x}",
    "\u202egnp.exe \u0645\u0631\u062d\u0628\u0627",
    "\U0001f4a5\U0001f600 e\u0301\u0301",
    "long " * 2000,
)
KINDS = ("promotion", "market_shift", "price_change", "one_off", "digital")


def _register(many: int) -> pd.DataFrame:
    """Every third row is text of the worst sort; the effects are small, so that the plan stays a plan."""
    random = np.random.default_rng(20)
    rows = []
    for number in range(many):
        text = HOSTILE[number % len(HOSTILE)]
        percent = number % 4 != 3
        start = pd.Timestamp("2026-01-01") + pd.Timedelta(days=int(random.integers(-40, 110)))
        expected = round(float(random.normal(0.0, 1.0)) + (1.2 if percent else 3.0), 2)
        rows.append(
            {
                "id": f"H{number:04d}",
                "kind": KINDS[number % 5] if percent else "one_off",
                "title": text if number % 3 == 0 else f"row {number}",
                "owner": "brand manager",
                "function": ("marketing", "sales")[number % 2],
                "start": start.date(),
                "end": (start + pd.Timedelta(days=int(random.integers(3, 60)))).date(),
                "unit": "percent" if percent else "units",
                "expected": expected,
                "low": expected - 1.5,
                "high": expected + 1.5,
                "status": ("proposed", "draft", "rejected", "proposed")[number % 4],
                "rationale": HOSTILE[(number + 3) % len(HOSTILE)],
                "evidence": HOSTILE[(number + 7) % len(HOSTILE)] if number % 2 else "",
                "product": ("Chair", "Table", "")[number % 3],
            }
        )
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def many(request: pytest.FixtureRequest) -> int:
    return ROWS["full" if request.config.option.markexpr == "faults" else "sample"]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, many: int) -> Path:
    base = tmp_path_factory.mktemp("thousand")
    unit = make_unit(base / "hostile", 7)
    settings = unit / "planning.toml"
    settings.write_text(settings.read_text() + '[forecast]\nmethod = "naive"\n')
    _register(many).to_csv(unit / "assumptions.csv", index=False)
    command = [str(COMMAND), "plan", str(unit), "--round", "2026Q1", "--scenario", "as_proposed"]
    done = run_here([*command, "--output", str(base / "out")])
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    return base / "out" / "2026Q1" / "hostile"


def test_every_assumption_is_in_the_bridge_and_the_bridge_adds_up(
    published: Path, many: int, say: Say
) -> None:
    bridge, plan = (pd.read_parquet(published / f"{name}.parquet") for name in ("bridge", "plan"))
    assert set(_register(many)["id"]) <= set(bridge["assumption"])
    for scenario, rows in plan.groupby("scenario", observed=True):
        change = (rows["plan"] - rows["baseline"]).sum()
        found = bridge.loc[bridge["scenario"] == scenario, "effect"].sum()
        assert found == pytest.approx(change, abs=1e-9 * rows["baseline"].sum())
    drafts = set(_register(many).query("status == 'draft' or status == 'rejected'")["id"])
    assert not bridge.loc[bridge["assumption"].isin(drafts), "effect"].any()
    assert plan["plan"].min() >= 0
    say("assumptions whose every text is hostile", f"{many}: all in the bridge, which adds up; none is live")


def test_the_report_holds_the_text_and_none_of_it_is_markup(published: Path) -> None:
    html = (published / "report.html").read_text(encoding="utf-8")
    for raw in ("<script>alert('x1')", "<img src=x onerror", "49 ${jndi"):
        assert raw not in html
    assert "&lt;script&gt;alert(" in html


def test_no_cell_of_the_workbook_is_a_formula_or_a_link_of_an_assumption(published: Path) -> None:
    book = openpyxl.load_workbook(published / "plan.xlsx")
    hostile = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                hostile += isinstance(cell.value, str) and "HYPERLINK(" in cell.value
                assert cell.data_type != "f" or "HYPERLINK" not in str(cell.value)
                assert cell.hyperlink is None or "evil.example" not in str(cell.hyperlink.target)
    assert hostile
    with zipfile.ZipFile(published / "plan.xlsx") as parts:
        assert not [name for name in parts.namelist() if "externalLink" in name]
