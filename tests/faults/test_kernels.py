"""A report kernel that dies, and parameters meant to be run: neither reaches anything else."""

from __future__ import annotations

import json
import math
import os
import random
import re
import signal
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from alignment_lib.publishing.report.report import ReportError, execute_report
from alignment_lib.publishing.report.report_kernel import ReportKernel
from tests.faults.conftest import Say
from tests.faults.runs import children_in, leftovers, make_unit, snapshot_files, start

PER_RUN = 50
CANARY = "canary-was-run"


@pytest.mark.faults(sample=1, full=20)
def test_a_kernel_killed_in_a_cell_fails_its_unit_alone(
    tmp_path: Path, cache: Path, count: int, rng: random.Random, say: Say
) -> None:
    units = [make_unit(tmp_path / "units" / name, number) for number, name in enumerate(("doomed", "sound"))]
    cells = set()
    hits = tries = 0
    whole = 0.0
    while hits < count:
        tries += 1
        assert tries <= 3 * count + 3, "the kernel was not met while it ran"
        output = tmp_path / f"out{tries}"
        # The first run is only measured.
        process = start(units if whole else units[:1], output, cache, "--jobs", "2")
        while (
            not (kernels := children_in(output / "2026Q1", ".doomed~new-", "ipykernel"))
            and process.poll() is None
        ):
            time.sleep(0.02)
        # Half of a kernel's work is its start, the rest the cells.
        moment = rng.uniform(0.65, 0.95) * whole if whole else math.inf
        used = wait_for_work(kernels[0], moment) if kernels else 0.0
        if used >= moment:
            os.kill(kernels[0], signal.SIGKILL)
        whole = whole or used
        _, told = process.communicate(timeout=600)
        if process.returncode == 0:
            continue  # The notebook was done before the kernel was met.
        hits += 1
        assert process.returncode == 1, told
        line = re.search(
            r"doomed: the report stopped in quarterly_report\.ipynb at the cell beginning `(.+)`: (.+)", told
        )
        assert line is not None, told
        cells.add(line[1])
        assert "kernel ended before the cell did" in line[2]
        assert not (output / "2026Q1" / "doomed").exists()
        assert {"report.html", "plan.xlsx", "manifest.json"} <= set(snapshot_files(output, "sound"))
        assert leftovers(output) == []
    say(
        "kernel killed in a cell",
        f"{hits} kills in {len(cells)} different cells: {hits} marked failed with the cell named, "
        f"{hits} of {hits} other units finished",
    )


def wait_for_work(pid: int, seconds: float) -> float:
    """Wait until a process has used so much processor time or has ended; what it used, as last seen."""
    used = 0.0
    while used < seconds:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return used
        if fields[0] == "Z":
            return used
        used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        time.sleep(0.005)
    return used


def hostile_value(rng: random.Random, number: int) -> Any:
    """A value that would do harm if it were run, escaped wrongly or cut."""
    run = f"open('{CANARY}', 'w').close()"
    pieces = [
        f'"; {run} #',
        f"'; {run} #",
        f'"""\n{run}\n"""',
        f"'''\n{run}\n'''",
        f"\\\n{run}",
        f"\n{run}\n",
        f"!touch {CANARY}",
        f"%system touch {CANARY}",
        f"%%bash\ntouch {CANARY}",
        f"$(touch {CANARY})",
        f"`touch {CANARY}`",
        f"{{{{ {run} }}}}",
        f"{{% raw %}}{run}",
        f"__import__('os').system('touch {CANARY}')",
        "\\",
        "\\'",
        '\\"',
        "\0",
        "\r",
        "\u2028",
        "\u202e",
        "𝔘nicode",
        "\ufeff",
        "</script>",
        "\x1b[2J",
        "${HOME}",
        "%s %d %(x)s",
        "{}",
        "None",
        "True",
    ]
    if number % 10 == 9:
        numbers = [0, -1, 2**63, 10**40, 1e308, -1e-308, math.inf, -math.inf, math.nan, True, False, None]
        return rng.choice([*numbers, [], {}, [1, [2, [run]]], {"a'b": [run], '"': {run: None}}])
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, 4)))


def hostile_names(count: int) -> list[str]:
    """Names of parameters that are not plain names, or that no notebook declares."""
    run = f"open('{CANARY}', 'w').close()"
    forms = [
        f"a; {run};b",
        f"a\n{run}\nb",
        f"a = 1; {run} #",
        f"(a := {run})",
        f"a if {run} else b",
        f"[{run}]",
        "a b",
        "",
        " ",
        "1a",
        "a-b",
        "a.b",
        "a[0]",
        "import os",
        "class",
        "lambda",
        "None",
        "a\0b",
        "a\r",
        "!touch",
        "%magic",
        "a#b",
        "a'b",
        'a"b',
        "a\\",
        "__builtins__.x",
        "ａ;b",
        "open('x')",
        "*a",
        "**a",
    ]
    return [forms[at % len(forms)] + ("" if at < len(forms) else f"{at}") for at in range(count)]


@pytest.fixture
def echo(tmp_path: Path) -> Path:
    """A notebook that writes down the parameters it was given."""
    names = [f"p{number}" for number in range(PER_RUN)]
    first = nbformat.v4.new_code_cell("\n".join(f"{name} = None" for name in names))
    first.metadata["tags"] = ["parameters"]
    second = nbformat.v4.new_code_cell(
        f"import json\njson.dump([{', '.join(names)}], open('values.json', 'w'))"
    )
    notebook = nbformat.v4.new_notebook(cells=[first, second])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python", "language": "python"}
    path = tmp_path / "echo.ipynb"
    nbformat.write(notebook, path)
    return path


@pytest.mark.faults(sample=50, full=1000)
def test_hostile_values_come_back_as_they_were(
    echo: Path, tmp_path: Path, count: int, rng: random.Random, say: Say
) -> None:
    values = [hostile_value(rng, number) for number in range(count)]
    changed = 0
    place = tmp_path / "kernel"
    place.mkdir()
    for first in range(0, count, PER_RUN):
        given = values[first : first + PER_RUN]
        with ReportKernel(place) as kernel:
            execute_report(echo, {f"p{at}": value for at, value in enumerate(given)}, kernel)
        found = json.loads((place / "values.json").read_text())[: len(given)]
        changed += sum(repr(one) != repr(other) for one, other in zip(given, found, strict=True))
    run = list(tmp_path.rglob(CANARY))
    say("hostile parameter values", f"{count} values: {changed} changed on the way, {len(run)} executed")
    assert (changed, run) == (0, [])


@pytest.mark.faults(sample=20, full=100)
def test_hostile_names_are_refused(echo: Path, tmp_path: Path, count: int, say: Say) -> None:
    place = tmp_path / "kernel"
    place.mkdir()
    with ReportKernel(place) as kernel:
        for name in hostile_names(count):
            with pytest.raises(ReportError, match=r"cannot be a parameter|has no parameter"):
                execute_report(echo, {name: 1}, kernel)
    run = list(tmp_path.rglob(CANARY))
    say("hostile parameter names", f"{count} names: {count} refused, {len(run)} executed")
    assert run == []
