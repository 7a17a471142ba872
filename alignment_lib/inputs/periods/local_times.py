"""Times that bear an offset, as the business's own clock shows them.

A lead that came in at 08:30+11:00 on 1 April came in on 1 April, though it was still March in UTC. Where the
workspace names its zone (``[format] time_zone``) every such time is shown on that zone's clock. Otherwise the
offsets tell: where all are those of one zone (an hour apart at most, for summer time) the clock they were
written by is kept; where they differ more there is no one clock, UTC is taken, and that is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from alignment_lib.inputs.problems import ProblemLog, counted
from alignment_lib.inputs.tables.parsing import ParsedTable

__all__ = ["keep_local_times"]

_ONE_ZONE = 60.0
"""Minutes by which offsets of one zone differ over a year at most."""


def keep_local_times(
    parsed: Mapping[str, ParsedTable], time_zone: str, log: ProblemLog
) -> dict[str, ParsedTable]:
    """Tables whose moments with an offset stand on one clock; which one is said.

    Parameters
    ----------
    parsed : mapping of str to ParsedTable
        The tables; moments with an offset are in UTC.
    time_zone : str
        The zone the workspace names; blank where it names none.
    log : ProblemLog
        Receives what was done.
    """
    given = [minutes[~np.isnan(minutes)] for one in parsed.values() for minutes in one.offsets.values()]
    offsets = np.concatenate([np.empty(0), *given])
    if not len(offsets):
        return dict(parsed)
    one_clock = bool(offsets.max() - offsets.min() <= _ONE_ZONE)
    _say(offsets, time_zone, one_clock, parsed, log)
    if not time_zone and not one_clock:
        return dict(parsed)
    return {table: _shift(one, time_zone) for table, one in parsed.items()}


def _shift(table: ParsedTable, time_zone: str) -> ParsedTable:
    frame = table.frame
    for column, minutes in table.offsets.items():
        moments = frame[column].to_numpy(dtype="M8[ns]")
        if time_zone:
            local = pd.DatetimeIndex(moments).tz_localize("UTC").tz_convert(time_zone).tz_localize(None)
            shifted = local.to_numpy(dtype="M8[ns]")
        else:
            known = np.nan_to_num(minutes).astype("m8[m]")
            shifted = moments + known.astype("m8[ns]")
        frame = frame.assign(**{column: np.where(np.isnan(minutes), moments, shifted)})
    return replace(table, frame=frame)


def _say(
    offsets: np.ndarray, time_zone: str, one_clock: bool, parsed: Mapping[str, ParsedTable], log: ProblemLog
) -> None:
    written = ", ".join(_as_text(minutes) for minutes in sorted(set(offsets.tolist()))[:5])
    times = f"{counted(len(offsets), 'time')} with an offset ({written})"
    plain = sum(_count_plain(one) for one in parsed.values())
    beside = f"; {counted(plain, 'time')} without one taken as they stand" if plain else ""
    if time_zone:
        text = f"{times} shown on the clock of {time_zone}{beside}."
    elif not one_clock:
        text = f"{times} turned to UTC, whose days may not be yours; name time_zone under [format]{beside}."
    elif offsets.any():
        text = f"{times} keep the day and hour they were written with{beside}."
    else:
        text = f"{times} are UTC, whose days may not be yours; name time_zone under [format] if so{beside}."
    log.note("time_zones", text, len(offsets))


def _count_plain(table: ParsedTable) -> int:
    """Times without an offset in columns of which others bear one."""
    return sum(
        int((np.isnan(minutes) & table.frame[column].notna().to_numpy()).sum())
        for column, minutes in table.offsets.items()
    )


def _as_text(minutes: float) -> str:
    """An offset as it is written.

    >>> _as_text(-570.0), _as_text(0.0)
    ('-09:30', 'Z')
    """
    hours, rest = divmod(int(abs(minutes)), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}" if minutes else "Z"
