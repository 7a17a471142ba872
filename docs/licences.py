"""Write docs/licences.md: what the lock names, with its licence, from the bill of materials.

``make licences`` has `cyclonedx-py` describe the environment (CycloneDX, ``build/sbom.json``) and then runs
this. Both read what is installed and ask no server.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["PAGE", "locked_versions", "main", "write_page"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path(__file__).with_name("licences.md")
_OPENING = """# What the workbook stands on, and its licences

Made by `make licences` from `requirements.lock` and the metadata of what is installed; the same lies in
`build/sbom.json` afterwards, as a CycloneDX bill of materials. Nothing of it is part of this repository.

| package | version | licence as its authors declare it |
| --- | --- | --- |
"""
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def _plain(name: str) -> str:
    """A package's name as indexes compare it.

    >>> _plain("Typing_Extensions")
    'typing-extensions'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def locked_versions(lock: str) -> dict[str, str]:
    r"""Every package that a lock names, with its version.

    >>> locked_versions("numpy==2.1.0 ; python_version > '3' --hash=sha256:0")
    {'numpy': '2.1.0'}
    """
    return {_plain(name): version for name, version in _PIN.findall(lock)}


def _licence(component: Mapping[str, Any]) -> str:
    """A component's licence in words; classifiers are cut to their last part."""
    found = []
    for one in component.get("licenses", ()):
        declared = one.get("expression") or one["license"].get("id") or one["license"].get("name", "")
        found.append(str(declared).splitlines()[0].rpartition(" :: ")[2])
    # The most precise of several is the shortest: an identifier rather than a sentence.
    return min(found, key=len) if found else "declared only in its own files"


def _rows(bill: Mapping[str, Any], locked: Mapping[str, str]) -> Iterator[str]:
    known = {_plain(one["name"]): one for one in bill["components"]}
    for name, version in sorted(locked.items()):
        if name in known:
            yield f"| {name} | {known[name]['version']} | {_licence(known[name])} |"
        else:
            yield f"| {name} | {version} | not installed here: for other systems or Pythons |"


def write_page(bill: Mapping[str, Any], lock: str, page: Path = PAGE) -> None:
    """Write the list."""
    page.write_text(_OPENING + "\n".join(_rows(bill, locked_versions(lock))) + "\n", encoding="utf-8")


def main(name: str) -> None:
    """Read the bill of materials named and the lock beside the project."""
    write_page(json.loads(Path(name).read_text()), (ROOT / "requirements.lock").read_text())


if __name__ == "__main__":
    main(sys.argv[1])
