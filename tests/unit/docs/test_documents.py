"""Documents made from code are what is committed, and speak of every module."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from docs.build import LAYERS, ROOT, build_all, module_map


@pytest.mark.parametrize(
    "name", ["docs/architecture.md", "docs/data-dictionary.md", "docs/methods.md", "environment.yml"]
)
def test_a_generated_document_is_up_to_date(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == build_all()[name], "run `make docs`"


def test_every_field_note_names_a_test_that_is_there() -> None:
    text = (ROOT / "docs" / "field-notes.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    held, last = [row[3] for row in rows if len(row) == 4 and row[3] not in ("held by", "---")], ""
    assert len(held) > 30
    assert {len(row) for row in rows} == {4}
    for cell in held:
        last = cell if "`" in cell else last
        paths = re.findall(r"`(tests/[^`]+)`", last)
        assert paths, cell
        assert all((ROOT / path).exists() for path in paths), cell


def test_the_module_map_names_every_module_and_what_it_is_for() -> None:
    text = module_map()
    modules = [path for path in (ROOT / "alignment_lib").rglob("*.py") if path.name != "__init__.py"]
    assert len(modules) > 20
    missing = [path.stem for path in modules if f"{path.stem}`" not in text]
    assert missing == []
    empty = [line for line in text.splitlines() if line.startswith("| `") and line.endswith("|  |")]
    assert empty == []


def test_the_layers_of_the_documents_are_the_layers_that_are_checked() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    assert tuple(reversed(contract["layers"])) == LAYERS
    assert contract["exhaustive"] is True


def test_the_conda_environment_takes_only_python_and_pip_from_conda() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    python, pip, rest = environment["dependencies"]
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert python == f"python {wanted}".replace(", ", ",")
    assert (pip, rest) == ("pip", {"pip": ["-e ."]})


def test_the_lock_holds_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "index-url" not in lock
    packages = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(packages) > 100
    assert lock.count("--hash=sha256:") >= len(packages)


def test_the_lock_names_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + [
        name for extra in project["optional-dependencies"].values() for name in extra
    ]
    names = {item.split(">")[0].split("[")[0].strip().lower() for item in asked}
    locked = {
        line.split("==")[0].split("[")[0].lower()
        for line in (ROOT / "requirements.lock").read_text().splitlines()
    }
    assert names - locked == set()
