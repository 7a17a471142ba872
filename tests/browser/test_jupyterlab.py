"""JupyterLab opens notebooks and runs them to the end; the explorer works in it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parents[2]
# Every notebook is run to its end in a kernel by nbval; here are those that hold more than pages of answers
# (a list, the explorer, the report's own look), and one of pages alone.
NOTEBOOKS = ["1_history", "2_baseline", "4_scenarios", "quarterly_report"]
# The others are run in one kernel that opens the round once, and are opened here as they were saved.
EXECUTED = ["0_your_own_questions", "3_assumptions", "5_funnel", "6_review", "7_meeting"]
WIDGETS = {"0_your_own_questions", "2_baseline", "4_scenarios"}
"""Notebooks with widgets: what they show must be seen without a kernel too."""
ONE_ROUND = "import functools, alignment_lib as al; al.open_round = functools.cache(al.open_round)"
TOKEN = "browser-tests"
RUN_ALL = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
STATE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.widgets.filter((cell) => cell.model.type === 'code');
  const done = cells.filter((cell) => cell.model.executionCount !== null);
  const outputs = cells.flatMap((cell) => cell.model.sharedModel.outputs || []);
  const errors = outputs.filter((output) => output.output_type === 'error').map((output) => output.evalue);
  return { cells: cells.length, done: done.length, errors,
           idle: panel.sessionContext.session?.kernel?.status === 'idle' };
}"""


CONTRAST = """() => {
  const light = (css) => css.match(/[0-9.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  return Math.min(...[...document.querySelectorAll('.alignment-page')].flatMap((page) => {
    const paper = light(getComputedStyle(page).backgroundColor);
    const inks = [...page.querySelectorAll('td, th')].map((one) => light(getComputedStyle(one).color));
    return inks.map((ink) => Math.abs(ink - paper));
  }), 1);
}"""
PICTURED = """(at) => {
  const notebook = window.jupyterapp.shell.currentWidget?.content;
  if (!notebook?.widgets?.[at]) return false;
  notebook.activeCellIndex = at;
  notebook.scrollToItem(at);
  return [...notebook.widgets[at].node.querySelectorAll('svg, img')].some(
    (one) => one.getBoundingClientRect().height > 20 && one.checkVisibility());
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where JupyterLab works, on a copy: running notebooks must not change the repository."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder):
    """The address of a JupyterLab."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "reports" / "sample", folder / "reports" / "sample")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}", "--ip=127.0.0.1"]
    command += [
        f"--IdentityProvider.token={TOKEN}",
        f"--ServerApp.root_dir={folder}",
        "--expose-app-in-browser",
    ]
    # Containers run the tests as root.
    command += [
        "--allow-root",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "signed"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "PYTHONPATH": str(ROOT),
    }
    log = (folder / "lab.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=2)
            break
        except OSError:
            time.sleep(0.3)
    else:
        pytest.fail((folder / "lab.log").read_text(encoding="utf-8")[-2000:])
    yield address
    process.terminate()
    process.wait(20)
    log.close()


def run_notebook(tab, lab, name):
    tab.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
    tab.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)
    tab.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=60_000,
    )
    tab.evaluate(RUN_ALL)
    state = {}
    for _ in range(240):
        state = tab.evaluate(STATE)
        if state["errors"] or (state["done"] == state["cells"] and state["idle"]):
            break
        tab.wait_for_timeout(250)
    return state


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_jupyterlab_runs_the_notebook_to_its_end_and_shows_it_when_opened_again(
    lab, tab, shots, folder, name
):
    state = run_notebook(tab, lab, name)
    assert state["errors"] == []
    assert state["done"] == state["cells"] > 3
    tab.screenshot(path=shots / f"{name}.png")
    if name == "2_baseline":
        choose_series(tab)
    if name == "quarterly_report":
        look_at_report(tab)
    if name == "4_scenarios":
        drive_explorer(tab)
        reopen_without_running(tab, lab, shots)
    if name in ("1_history", "2_baseline"):
        save_and_open_again(tab, lab, name)
        look_at_pictures(tab, folder / "notebooks" / f"{name}.ipynb")
    if name in WIDGETS:
        look_at_converted(tab, folder / "notebooks" / f"{name}.ipynb")
        return
    tab.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")


@pytest.fixture(scope="module")
def executed(folder, lab):
    """The notebooks that no test runs in JupyterLab, run and saved; no widget's state is kept, as there."""
    manager = KernelManager()
    manager.start_kernel(env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=str(folder / "notebooks"))
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    client.execute_interactive(ONE_ROUND, timeout=60)
    for name in EXECUTED:
        path = folder / "notebooks" / f"{name}.ipynb"
        notebook = nbformat.read(path, as_version=4)
        runner = NotebookClient(notebook, km=manager, store_widget_state=False)
        runner.execute(reset_kc=False)
        nbformat.write(notebook, path)
        # JupyterLab takes drawings out of a notebook that nobody has trusted on this machine.
        NotebookNotary(data_dir=str(folder / "signed")).sign(notebook)
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    return folder / "notebooks"


@pytest.mark.parametrize("name", EXECUTED)
def test_a_notebook_that_was_run_shows_its_pictures_when_it_is_opened(lab, tab, executed, name):
    tab.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
    tab.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)
    look_at_pictures(tab, executed / f"{name}.ipynb")
    if name in WIDGETS:
        look_at_converted(tab, executed / f"{name}.ipynb")


def choose_series(tab):
    """Another series is chosen in the list: its workings stand below, and another one's after that."""
    box = tab.get_by_placeholder("type a part of its name")
    box.scroll_into_view_if_needed()
    for series, shown in (
        ("House Blend / web / repeat", "Workings of House Blend, web, Repeat"),
        ("Single Origin / shop / repeat", "Workings of Single Origin, shop, Repeat"),
    ):
        box.fill(series)
        box.press("Enter")
        tab.wait_for_function(
            "(text) => [...document.querySelectorAll('.widget-html-content')].some("
            "(node) => node.textContent.includes(text) && node.querySelector('svg'))",
            arg=shown,
        )


def look_at_report(tab):
    """The report in the notebook looks as the page does: one drawing of the two, notes set below names."""
    tab.wait_for_selector("#answer figure svg")
    assert tab.locator("#answer figure svg:visible").count() == 1
    figures = tab.locator("#answer .figures")
    assert figures.evaluate("(list) => getComputedStyle(list).display") == "grid"
    assert figures.locator("dt").first.evaluate("(term) => getComputedStyle(term).float") == "none"


def drive_explorer(tab):
    """The explorer in the notebook: a slider moved by keyboard changes the plan and can be undone."""
    tab.wait_for_selector('.alignment-explorer[data-ready][data-stale="false"]')
    plan = tab.locator(".alignment-explorer .ax-value").first
    # The cell may be scrolled out of sight, where it has no inner text.
    before = plan.text_content()
    slider = tab.locator('.alignment-explorer input[type=range][aria-label*="House Blend list price"]')
    slider.focus()
    tab.keyboard.press("End")
    tab.wait_for_function("(text) => document.querySelector('.ax-value').textContent !== text", arg=before)
    tab.keyboard.press("Control+z")
    tab.wait_for_function("(text) => document.querySelector('.ax-value').textContent === text", arg=before)


def reopen_without_running(tab, lab, shots):
    """The notebook saved and opened again: a still picture stands where the explorer stood.

    JupyterLab keeps no widget's state by default, and the settings here are its own.
    """
    tab.wait_for_selector('.alignment-explorer[data-stale="false"]')
    shown = tab.locator(".alignment-explorer .ax-value").first.text_content()
    assert not tab.locator(".alignment-still").first.is_visible()
    tab.wait_for_timeout(500)
    save_and_open_again(tab, lab, "4_scenarios")
    still = tab.locator(".alignment-still").first
    still.scroll_into_view_if_needed(timeout=60_000)
    assert still.locator("dd").first.text_content().startswith(shown)
    assert still.locator("svg").count() >= 3
    tab.get_by_text("Run the cell above to work with it.").first.wait_for()
    assert (
        tab.get_by_text("model not found").count()
        == tab.get_by_text("model not found").filter(visible=False).count()
    )
    tab.screenshot(path=shots / "4_scenarios-reopened.png")


def save_and_open_again(tab, lab, name):
    """The notebook as whoever gets it sees it: saved, its kernel gone, JupyterLab's own settings."""
    tab.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    tab.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty")
    tab.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    tab.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset")
    tab.wait_for_selector(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", timeout=60_000)


def look_at_pictures(tab, saved):
    """Every cell that drew something shows it, and no widget stands there as a model that is not found."""
    cells = json.loads(saved.read_text(encoding="utf-8"))["cells"]
    drawn = [at for at, cell in enumerate(cells) if "<svg" in json.dumps(cell.get("outputs", []))]
    assert drawn
    for at in drawn:
        tab.wait_for_function(PICTURED, arg=at, timeout=30_000)
    assert not [one for one in tab.get_by_text("model not found").all() if one.is_visible()]


def look_at_converted(tab, saved):
    """A page by nbconvert, as viewers on the web make it too: a picture stands where the widget was."""
    for template, theme in (("lab", "light"), ("lab", "dark"), ("classic", "light")):
        page, _ = HTMLExporter(template_name=template, theme=theme).from_filename(str(saved))
        target = saved.with_name(f"{saved.stem}.{template}.{theme}.html")
        target.write_text(page, encoding="utf-8")
        tab.route("http*://**", lambda route: route.abort())
        tab.goto(target.as_uri(), wait_until="domcontentloaded")
        stills = tab.locator(".alignment-still")
        assert stills.count()
        assert stills.last.locator("svg").first.is_visible()
        assert tab.evaluate(CONTRAST) > 0.4
        assert not [one for one in tab.get_by_text("model not found").all() if one.is_visible()]
