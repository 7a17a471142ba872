"""The commands and files of the manual, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
from typer import Typer
from typer.testing import CliRunner

from alignment_lib.app.commands_page import register
from alignment_lib.inputs.workspace import load_workspace

MANUAL = Path(__file__).parents[3] / "docs" / "bring-your-own-data.md"
DOUBTS = re.compile(r"doubts = \[.*?\n\]\n", re.DOTALL)


def run(command: str, folder: Path) -> str:
    """Run a command twice where its mapping is new: once to see it, once, its doubts deleted, to apply it."""
    app = Typer()
    register(app)
    words = [
        str(folder / word) if word.endswith(".csv") or word.startswith("my-") else word
        for word in command.split()
    ]
    output = ""
    for _ in range(2):
        done = CliRunner().invoke(app, [*words[1:], "--today", "2026-01-31"], catch_exceptions=False)
        output += done.output
        if "the same command again" not in done.output:
            break
        for mapping in folder.glob("my-*/imports/*.toml"):
            mapping.write_text(DOUBTS.sub("", mapping.read_text(encoding="utf-8")), encoding="utf-8")
    return output


def test_the_manual_leads_from_its_files_to_its_tables(tmp_path):
    text = MANUAL.read_text(encoding="utf-8")
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```text\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    commands = re.findall(r"^    (alignment import .*)$", text, re.MULTILINE)
    assert {"alignment import orders.csv my-company", "alignment import pivot.csv my-pivot"} <= set(commands)
    outputs = {command: run(command, tmp_path) for command in commands}
    assert "units: changed (subtracted, as the mapping says): 1 row, 2.00" in outputs[commands[0]]
    added = next(output for command, output in outputs.items() if "--add" in command)
    assert "rows added" in added
    replaced = next(output for command, output in outputs.items() if "--replace" in command)
    assert "The former sales.csv was kept as imports/former/sales-2026-01-31.csv" in replaced
    pivot = pd.read_csv(tmp_path / "my-pivot" / "sales.csv")
    assert pivot["units"].sum() == 135


def test_every_kind_of_export_has_an_example_that_becomes_its_table(tmp_path):
    text = MANUAL.read_text(encoding="utf-8")
    for name, content in re.findall(r"<!-- file: (\S+) -->\n```text\n(.*?)```", text, re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    for name in ("orders", "leads", "deals", "calls", "ads", "costs", "prices"):
        run(f"alignment import {name}.csv my-company", tmp_path)
    settings = tmp_path / "my-company" / "planning.toml"
    drivers = '[drivers]\nsource = "drivers.csv"\ncolumns = { price = "price" }\n'
    settings.write_text(settings.read_text(encoding="utf-8") + drivers, encoding="utf-8")
    workspace = load_workspace(tmp_path / "my-company")
    leads = workspace.table("leads").set_index("lead_id")
    assert leads["outcome"].to_dict() == {"7": "won", "8": "lost", "9": "", "10": "won", "11": ""}
    assert leads["amount"].sum() == 330
    assert f"{leads.loc['7', 'created']:%H:%M}" == "16:30"
    deals = workspace.table("opportunities")
    assert (deals["amount"].sum(), sorted(deals["outcome"])) == (5_100, ["", "", "lost", "won"])
    assert workspace.table("contacts")["reached"].tolist() == [1, 0, 0]
    assert workspace.table("spend")["amount"].sum() == 2_418.00
    assert workspace.table("costs")["unit_cost"].sum() == 3.85
    assert workspace.table("drivers")["price"].sum() == 8.90
