"""The report notebook is run safely, fails clearly, and leaves no trace of when or where."""

from __future__ import annotations

import gc
import json
import os
import shutil
import threading
from pathlib import Path

import nbformat
import pytest

from alignment_lib.publishing.report.report import ReportError, execute_report, render_html, script_policy
from alignment_lib.publishing.report.report_kernel import ReportKernel
from alignment_lib.rounds.files.lease import hold_lease


def _write_notebook(path: Path, *cells: str) -> Path:
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in ('snapshot: str = "x"', *cells)]
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, path)
    return path


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("snapshots", "has no parameter 'snapshots'; its parameters cell declares snapshot"),
        ("snapshot = 1; import os #", "it is not a plain name"),
        ("class", "it is not a plain name"),
        ("x\nimport os", "it is not a plain name"),
    ],
)
def test_an_undeclared_or_hostile_parameter_is_an_error(name: str, message: str, tmp_path: Path) -> None:
    notebook = _write_notebook(tmp_path / "n.ipynb", "1 + 1")
    with ReportKernel(tmp_path) as kernel, pytest.raises(ReportError) as refused:
        execute_report(notebook, {name: "."}, kernel)
    assert message in str(refused.value)


def test_hostile_values_arrive_as_they_are(tmp_path: Path) -> None:
    values = ['"; import os; os.abort() #', "'''", "\\", "{snapshot}", "\u202e\n\t", "%load_ext x", "é" * 500]
    notebook = _write_notebook(tmp_path / "n.ipynb", "import json\njson.dumps(snapshot)")
    with ReportKernel(tmp_path) as kernel:
        executed = execute_report(notebook, {"snapshot": values}, kernel)
    shown = executed.cells[-1].outputs[0]["data"]["text/plain"]
    assert json.loads(eval(shown)) == values


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted on Linux alone")
def test_a_report_leaves_no_thread_and_no_open_file_behind(tmp_path: Path) -> None:
    notebook = _write_notebook(tmp_path / "n.ipynb", "1 + 1")
    left = []
    for _ in range(3):
        with ReportKernel(tmp_path) as kernel:
            execute_report(notebook, {"snapshot": "."}, kernel)
        gc.collect()
        left.append((threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))))
    assert left[0] == left[2], left


def test_a_failing_cell_is_named_with_its_fault(tmp_path: Path) -> None:
    notebook = _write_notebook(tmp_path / "n.ipynb", "fine = 1", "# the sums\ntable = {}\ntable['plan']")
    with ReportKernel(tmp_path) as kernel, pytest.raises(ReportError) as failed:
        execute_report(notebook, {"snapshot": "."}, kernel)
    assert str(failed.value) == (
        "the report stopped in n.ipynb at the cell beginning `# the sums`: KeyError: 'plan'"
    )


def test_a_killed_kernel_is_told_from_a_finished_cell(tmp_path: Path) -> None:
    notebook = _write_notebook(
        tmp_path / "n.ipynb", "a = 1", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "2"
    )
    with ReportKernel(tmp_path) as kernel, pytest.raises(ReportError) as failed:
        execute_report(notebook, {"snapshot": "."}, kernel)
    assert str(failed.value) == (
        "the report stopped in n.ipynb at the cell beginning `import os, signal`: "
        "the kernel ended before the cell did"
    )


def test_a_cell_that_never_ends_is_stopped(tmp_path: Path) -> None:
    notebook = _write_notebook(tmp_path / "n.ipynb", "import time\ntime.sleep(60)")
    with (
        ReportKernel(tmp_path) as kernel,
        pytest.raises(ReportError, match="`import time`: it ran longer than 1 seconds"),
    ):
        execute_report(notebook, {"snapshot": "."}, kernel, cell_seconds=1)


def test_the_kernel_sees_neither_secrets_nor_start_up_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    startup = tmp_path / "home" / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00-hook.py").write_text("snapshot_hook = 'ran'")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DATABASE_PASSWORD", "canary-4711")
    notebook = _write_notebook(
        tmp_path / "n.ipynb", "import os\n('canary-4711' in str(os.environ), 'snapshot_hook' in globals())"
    )
    with ReportKernel(tmp_path) as kernel:
        executed = execute_report(notebook, {"snapshot": "."}, kernel)
        private = Path(kernel.manager.connection_file).parent
        assert private.is_dir()
        assert private.stat().st_mode & 0o077 == 0
    assert executed.cells[-1].outputs[0]["data"]["text/plain"] == "(False, False)"
    assert not private.exists()


def test_a_kernel_started_beforehand_moves_to_the_snapshot_without_a_trace(tmp_path: Path) -> None:
    staged = tmp_path / "staged"
    staged.mkdir()
    (staged / "here.txt").write_text("seen")
    notebook = _write_notebook(tmp_path / "n.ipynb", "from pathlib import Path\nPath('here.txt').read_text()")
    with ReportKernel() as kernel:
        kernel.move_to(staged)
        executed = execute_report(notebook, {"snapshot": "."}, kernel)
    assert executed.cells[-1].outputs[0]["data"]["text/plain"] == "'seen'"
    counts = [cell.execution_count for cell in executed.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


def test_a_kernel_cleared_after_a_report_knows_nothing_of_it_and_counts_from_one(tmp_path: Path) -> None:
    first = _write_notebook(tmp_path / "first.ipynb", "left = 'behind'\nleft")
    second = _write_notebook(tmp_path / "second.ipynb", "'left' in globals()")
    with ReportKernel(tmp_path) as kernel:
        execute_report(first, {"snapshot": "."}, kernel)
        assert kernel.clear()
        kernel.move_to(tmp_path)
        again = execute_report(second, {"snapshot": "."}, kernel)
    with ReportKernel(tmp_path) as fresh:
        alone = execute_report(second, {"snapshot": "."}, fresh)
    assert again == alone
    assert again.cells[-1].outputs[0]["data"]["text/plain"] == "False"


def test_a_kernel_that_ended_before_its_use_is_said_to_have(tmp_path: Path) -> None:
    with ReportKernel() as kernel:
        pid = kernel.manager.provisioner.pid
        os.kill(pid, 9)
        kernel.manager.provisioner.process.wait()
        with pytest.raises(ReportError, match="ended before it was used"):
            kernel.move_to(tmp_path)


def test_folders_of_kernels_whose_run_was_killed_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive = tmp_path / "alignment-kernel-dead", tmp_path / "alignment-kernel-alive"
    for folder in (dead, alive):
        folder.mkdir()
    with hold_lease(alive / "lease"):
        shutil.copy(alive / "lease", dead / "lease")  # as after kill -9: it is there and nobody locks it
        with ReportKernel(tmp_path):
            assert not dead.exists()
            assert alive.exists()


def test_an_executed_notebook_bears_no_time_and_no_printed_text(published: Path) -> None:
    notebook = nbformat.read(published / "report.ipynb", as_version=4)
    nbformat.validate(notebook)
    text = json.dumps(notebook.metadata) + json.dumps([cell.metadata for cell in notebook.cells])
    assert "papermill" not in text
    assert "iopub" not in text
    assert [cell.id for cell in notebook.cells] == [f"cell-{n:02d}" for n in range(len(notebook.cells))]
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert len(outputs) == 15
    assert {output.output_type for output in outputs} == {"execute_result"}
    assert all("0x" not in output.data["text/plain"] for output in outputs)
    assert "application/vnd.jupyter.widget" not in json.dumps(notebook)


def test_the_committed_notebook_is_thin_and_without_outputs(notebook: Path) -> None:
    content = nbformat.read(notebook, as_version=4)
    sources = [cell.source for cell in content.cells]
    assert sum(source.startswith("# ") for source in sources if source) == 1
    code = [cell for cell in content.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert all(len(cell.source.splitlines()) <= 15 for cell in code)
    assert not any(line.startswith(("def ", "class ")) for cell in code for line in cell.source.splitlines())


def test_the_page_shows_outputs_only_and_escapes_its_title() -> None:
    notebook = nbformat.v4.new_notebook()
    result = nbformat.v4.new_output("execute_result", {"text/html": "<p>shown</p>", "text/plain": "plain"})
    printed = nbformat.v4.new_output("stream", text="printed")
    notebook.cells = [
        nbformat.v4.new_markdown_cell("prose"),
        nbformat.v4.new_code_cell("secret_code()", outputs=[result, printed]),
        nbformat.v4.new_code_cell("hidden()", outputs=[result], metadata={"tags": ["lab-only"]}),
    ]
    page = render_html(notebook, "<b>& title")
    assert page.count("<p>shown</p>") == 1
    assert "<title>&lt;b&gt;&amp; title</title>" in page
    for absent in ("secret_code", "printed", "prose", "plain</", "http://", "https://"):
        assert absent not in page


def test_the_policy_lets_only_the_given_script_run() -> None:
    assert script_policy(["alert(1)"]) == (
        "default-src 'none'; script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; "
        "style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
