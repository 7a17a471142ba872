"""The leadership report: our notebook executed on a staged snapshot, rendered by our own template."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import keyword
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from alignment_lib.answers.charts.ink.lettering import font_of_page
from alignment_lib.answers.markup import escape
from alignment_lib.inputs.snapshots import MANIFEST
from alignment_lib.publishing.report.report_kernel import ReportError, ReportKernel

__all__ = ["ReportError", "execute_report", "render_html", "render_report", "script_policy"]

_TEMPLATES = Path(__file__).with_name("templates")
_CELL_SECONDS = 300
_START_SECONDS = 120


def render_report(
    snapshot_staging: Path, notebook: Path, *, kernel: ReportKernel | None = None
) -> tuple[bytes, bytes]:
    """Execute the report notebook on a staged snapshot and render it.

    Parameters
    ----------
    snapshot_staging : Path
        Folder with the tables and the manifest; the notebook runs in it and sees it as ``"."``, so that
        no path of this machine reaches the result.
    notebook : Path
        The notebook, with a cell tagged ``parameters`` that declares ``snapshot``.
    kernel : ReportKernel, optional
        One already working in `snapshot_staging`; closed by the caller.

    Returns
    -------
    tuple of bytes
        ``report.ipynb`` and ``report.html``.

    Raises
    ------
    ReportError
        If a parameter is not declared, a cell fails or outlasts its time, or the kernel dies.
    """
    if kernel is None:
        with ReportKernel(snapshot_staging) as own:
            return render_report(snapshot_staging, notebook, kernel=own)
    executed = execute_report(notebook, {"snapshot": "."}, kernel)
    import nbformat

    manifest = json.loads((snapshot_staging / MANIFEST).read_text(encoding="utf-8"))
    title = f"{manifest['business']}: plan for {manifest['round']}"
    return (nbformat.writes(executed) + "\n").encode("utf-8"), render_html(executed, title).encode("utf-8")


def execute_report(
    notebook: Path, parameters: Mapping[str, Any], kernel: ReportKernel, *, cell_seconds: int = _CELL_SECONDS
) -> Any:
    """Run `notebook` with `parameters` in `kernel` and return it executed, without any trace of when."""
    with _without_grammars():
        import papermill
        from nbclient.exceptions import CellTimeoutError, DeadKernelError

    source = _read_notebook(notebook)
    _check_parameters(source, parameters, notebook.name)
    begun: list[int] = []
    try:
        executed = papermill.execute_notebook(
            source,
            None,
            parameters=dict(parameters),
            kernel_name="python3",
            progress_bar=False,
            start_timeout=_START_SECONDS,
            execution_timeout=cell_seconds,
            km=kernel.manager,
            record_timing=False,
            on_cell_start=lambda cell, cell_index: begun.append(cell_index),
        )
    except papermill.PapermillExecutionError as error:
        fault = f"{error.ename}: {error.evalue}".strip()
        raise ReportError(_fault(notebook, error.source, fault)) from error
    except CellTimeoutError as error:
        fault = f"it ran longer than {cell_seconds} seconds"
        raise ReportError(_fault(notebook, _source(source, begun), fault)) from error
    except (DeadKernelError, RuntimeError) as error:
        fault = "the kernel ended before the cell did"
        raise ReportError(_fault(notebook, _source(source, begun), fault)) from error
    return _strip_traces(executed)


def render_html(executed: Any, title: str) -> str:
    """The executed notebook as one HTML page: outputs only, no code, nothing fetched from elsewhere."""
    # nbconvert's own exporter would fill the same template, and takes longer to import than all the rest.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    style, scripts = read_asset("report.css"), [read_asset("report.js"), read_asset("switches.js")]
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES / "board"), undefined=StrictUndefined, autoescape=True
    )
    resources = {"title": escape(title), "style": style, "scripts": scripts, "policy": script_policy(scripts)}
    template = environment.get_template("index.html.j2")
    page = str(template.render(nb=executed, resources=resources))
    resources["style"] = f"{style}\n{font_of_page(page)}"
    return str(template.render(nb=executed, resources=resources))


def read_asset(name: str) -> str:
    """A style sheet or script of the template folder."""
    return (_TEMPLATES / "board" / name).read_text(encoding="utf-8").strip()


def script_policy(scripts: Iterable[str]) -> str:
    """A content security policy that lets exactly these inline scripts run and nothing load.

    >>> script_policy([])[:70]
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src"
    """
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii") + "'"
        for script in scripts
    ]
    allowed = f"script-src {' '.join(hashes)}; " if hashes else ""
    return (
        f"default-src 'none'; {allowed}style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@contextlib.contextmanager
def _without_grammars() -> Iterator[None]:
    """Keep jsonschema from compiling a grammar of web addresses as it is imported.

    That takes longer than the report itself, and no notebook is checked by it: jsonschema goes without
    where the package is not to be had.
    """
    name = "rfc3987_syntax"
    absent = name not in sys.modules
    if absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if absent:
            sys.modules.pop(name, None)


def _read_notebook(notebook: Path) -> Any:
    from nbformat.reader import NotJSONError
    from papermill.iorw import load_notebook_node

    try:
        return load_notebook_node(str(notebook))
    except (OSError, ValueError, NotJSONError) as error:
        raise ReportError(f"the report notebook {notebook.name} cannot be read: {error}") from error


def _check_parameters(source: Any, parameters: Mapping[str, Any], name: str) -> None:
    """Refuse a parameter the notebook does not declare: papermill would only warn and then run with it."""
    from papermill.inspection import _infer_parameters

    declared = sorted(parameter.name for parameter in _infer_parameters(source))
    for parameter in parameters:
        if not parameter.isidentifier() or keyword.iskeyword(parameter):
            raise ReportError(f"{parameter!a} cannot be a parameter of {name}: it is not a plain name")
        if parameter not in declared:
            raise ReportError(
                f"{name} has no parameter {parameter!r}; its parameters cell declares {', '.join(declared)}"
            )


def _source(notebook: Any, begun: list[int]) -> str:
    # Papermill puts a cell of its own behind the parameters cell; begun[-1] counts in its copy.
    tagged = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    index = begun[-1] if begun else 0
    if tagged and index > tagged[0]:
        index -= 1
    return str(notebook.cells[min(index, len(notebook.cells) - 1)].source)


def _fault(notebook: Path, source: str, fault: str) -> str:
    first = next((line.strip() for line in source.splitlines() if line.strip()), "")
    line = " ".join(fault.split())[:300]
    return f"the report stopped in {notebook.name} at the cell beginning `{first[:80]}`: {line}"


def _strip_traces(executed: Any) -> Any:
    """Remove every clock reading, path, random name and stray message from an executed notebook."""
    executed.metadata.pop("papermill", None)
    for number, cell in enumerate(executed.cells):
        cell["id"] = f"cell-{number:02d}"
        for trace in ("papermill", "execution"):
            cell.metadata.pop(trace, None)
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if output.output_type != "stream"]
    return executed
