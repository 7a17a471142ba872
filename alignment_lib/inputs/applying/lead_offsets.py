"""Times of one lead that bear different offsets: brought to that of its creation, so that waits are right."""

from __future__ import annotations

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export

__all__ = ["same_offset"]

_OFFSET = r"\d(?::\d{2})(?:\.\d+)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})\s*$"


def same_offset(frame: pd.DataFrame, export: Export, mapping: ImportMapping, log: ProblemLog) -> pd.DataFrame:
    """Move times by the difference of their offset to that of the row's creation, and say how many moved.

    Parameters
    ----------
    frame : DataFrame
        Dates of leads as ISO text, each in its own offset; ``created`` among them.
    export, mapping
        Where the offsets stand.
    log : ProblemLog
        Is told.
    """
    own = _offsets(export.table[mapping.columns["created"]]) if mapping.columns.get("created") else None
    if own is None or own.isna().all():
        return frame
    for name in [name for name in frame.columns if name not in ("lead_id", "created")]:
        apart = own - _offsets(export.table[mapping.columns[name]])
        moved = apart.notna() & (apart != 0) & (frame[name] != "")
        if moved.any():
            times = pd.to_datetime(frame.loc[moved, name], format="ISO8601", errors="coerce")
            later = (times + pd.to_timedelta(apart[moved], unit="min")).dt.strftime("%Y-%m-%d %H:%M:%S")
            frame = frame.assign(
                **{name: frame[name].mask(moved, later.str.removesuffix(":00").reindex(frame.index))}
            )
            text = (
                f"{name}: {counted(int(moved.sum()), 'time')} brought to the offset of the lead's creation."
            )
            log.note("moved_offsets", text, int(moved.sum()))
    return frame


def _offsets(values: pd.Series) -> pd.Series:
    """Minutes ahead of universal time, NaN where a time bears no offset."""
    found = values.str.extract(_OFFSET, expand=False)
    signs = np.where(found.str.startswith("-", na=False), -1.0, 1.0)
    digits = found.str.replace(r"\D", "", regex=True)
    minutes = pd.to_numeric(digits.str[:2], errors="coerce") * 60 + pd.to_numeric(
        digits.str[2:4], errors="coerce"
    )
    zero = found.isin(["Z", "UTC", "GMT"])
    return (minutes * signs).mask(zero, 0.0)
