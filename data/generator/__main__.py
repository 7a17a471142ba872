"""Writes the demo workspace: ``python -m data.generator [FOLDER]``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from data.generator.demo import DEMO_SEED, draw_demo
from data.generator.files import render_demo, write_changed
from data.generator.written import DEMO_FOLDER


def main(arguments: list[str] | None = None) -> int:
    """Draw the demo and write what changed; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m data.generator", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, default=DEMO_FOLDER, help="where to write (data/demo)"
    )
    parser.add_argument("--seed", type=int, default=DEMO_SEED, help="seed of the draw (%(default)s)")
    given = parser.parse_args(arguments)
    files = render_demo(draw_demo(given.seed))
    changed = write_changed(given.folder, files)
    sys.stdout.write(f"{given.folder}: {len(files)} files, {len(changed)} written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
