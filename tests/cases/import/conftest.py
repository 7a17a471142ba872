"""Importing a case as a user does: propose, settle the doubts in the file, apply."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.app.imports.import_data import ImportOutcome, import_data

TODAY = dt.date(2026, 11, 30)


class Desk:
    """A user with a folder: what was asked, and what came of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.doubts: tuple[str, ...] = ()
        self.outcome: ImportOutcome | None = None

    def bring(self, source: Path, edits: dict[str, str] | None = None, **options: object) -> pd.DataFrame:
        """Import a file, answering its doubts by the proposals and the edits; returns sales."""
        options.setdefault("today", TODAY)
        first = import_data(source, self.folder, **options)
        self.outcome = first
        if first.is_new and not first.written:
            self.doubts = first.mapping.doubts
            self.settle(first.mapping_file, edits or {})
            self.outcome = import_data(source, self.folder, **options)
        sales = self.folder / "sales.csv"
        return pd.read_csv(sales, dtype={"sku": str, "store": str}) if sales.exists() else pd.DataFrame()

    def settle(self, mapping: Path, edits: dict[str, str]) -> None:
        text = re.sub(r"doubts = \[.*?\n\]\n", "", mapping.read_text(encoding="utf-8"), flags=re.DOTALL)
        for old, new in edits.items():
            assert old in text, (old, text)
            text = text.replace(old, new)
        mapping.write_text(text, encoding="utf-8")

    def asked(self, words: str) -> bool:
        return any(words in doubt for doubt in self.doubts)

    def says(self, words: str) -> bool:
        assert self.outcome is not None
        lines = [*self.outcome.reconciliation, *(notice.text for notice in self.outcome.notices)]
        return any(words in line for line in lines)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "business")
