"""Every module has a test of its own name, or a line in `tested_elsewhere.txt` says where it is tested."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_EXAMPLES = "its own examples"


def _listed() -> dict[str, str]:
    lines = (ROOT / "tests/unit/tested_elsewhere.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


def _modules() -> dict[str, Path]:
    package = ROOT / "alignment_lib"
    found = (path for path in package.rglob("*.py") if path.name != "__init__.py")
    return {path.relative_to(package).as_posix(): path for path in found}


def test_every_module_is_tested_under_its_name_or_is_listed() -> None:
    named = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    modules, listed = _modules(), _listed()
    untested = {name for name, path in modules.items() if path.stem not in named}
    assert untested - set(listed) == set(), "write a test of its name, or list where it is tested"
    assert set(listed) - untested == set(), "these are gone or have a test of their own: take the lines out"


def test_what_is_listed_is_there() -> None:
    modules = _modules()
    for name, place in _listed().items():
        if place == _EXAMPLES:
            assert ">>>" in modules[name].read_text(encoding="utf-8"), name
        else:
            assert (ROOT / place).exists(), f"{name}: {place}"


def test_no_module_is_too_long_and_no_folder_too_full() -> None:
    modules = _modules()
    long = [name for name, path in modules.items() if len(path.read_text("utf-8").splitlines()) > 400]
    assert long == []
    folders = [path.parent for path in modules.values()]
    assert [str(folder) for folder in set(folders) if folders.count(folder) > 20] == []
