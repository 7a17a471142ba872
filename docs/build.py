"""Documents made from code: module map, data dictionary, methods and environment.yml.

``python -m docs.build`` writes them; a test holds the committed files equal to what this returns.
"""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

__all__ = ["LAYERS", "build_all", "module_map"]

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("inputs", "forecasting", "planning", "funnel", "review", "rounds", "answers", "publishing", "app")
_BEGIN, _END = "<!-- module map: made by docs/build.py -->", "<!-- end of module map -->"


def build_all() -> dict[str, str]:
    """Every generated document by its path relative to the root."""
    from alignment_lib.answers.frame_columns import write_frames_markdown
    from alignment_lib.inputs.dictionary import write_dictionary_markdown

    return {
        "docs/architecture.md": _architecture(),
        "docs/data-dictionary.md": f"{write_dictionary_markdown()}\n{write_frames_markdown()}",
        "docs/methods.md": _methods(),
        "environment.yml": _environment(),
    }


def module_map() -> str:
    """Every module of the package with the first line of its docstring, layer by layer."""
    lines: list[str] = []
    package = ROOT / "alignment_lib"
    for layer in LAYERS:
        lines += ["", f"### `{layer}`: {_first_line(package / layer / '__init__.py')}", ""]
        lines += ["| module | what it is for |", "| --- | --- |"]
        for path in sorted((package / layer).rglob("*.py")):
            if path.name == "__init__.py" and path.parent == package / layer:
                continue
            name = path.relative_to(package / layer).as_posix().removesuffix(".py").removesuffix("/__init__")
            lines.append(f"| `{name}` | {_first_line(path)} |")
    return "\n".join(lines).strip() + "\n"


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return text.split("\n\n")[0].replace("\n", " ").replace("|", "\\|").strip()


def _architecture() -> str:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    return f"{before}{_BEGIN}\n\n{module_map()}\n{_END}{after}"


def _methods() -> str:
    """One page of all method sections, in the order of the layers."""
    parts = [(ROOT / "docs/methods" / "introduction.md").read_text(encoding="utf-8").strip()]
    for name in (
        "baseline",
        "effects",
        "evidence",
        "response",
        "planning",
        "money",
        "funnel_and_review",
        "pipeline",
    ):
        path = ROOT / "docs/methods" / f"{name}.md"
        if path.exists():
            parts.append(path.read_text(encoding="utf-8").strip())
    return "\n\n".join(parts) + "\n"


def _environment() -> str:
    """Python and pip from conda, the rest from the project itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return (
        "# Made by docs/build.py from pyproject.toml; change that and run `make docs`.\n"
        f"name: {project['name']}\n"
        "channels:\n"
        "  - conda-forge\n"
        "dependencies:\n"
        f"  - python {project['requires-python'].replace(' ', '')}\n"
        "  - pip\n"
        "  - pip:\n"
        "      - -e .\n"
    )


def main() -> None:
    """Write every generated document."""
    for name, text in build_all().items():
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
