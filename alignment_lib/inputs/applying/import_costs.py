"""Lists of costs and of prices by a mapping: what a unit costs or is sold at, from which day on."""

from __future__ import annotations

import pandas as pd

from alignment_lib.inputs.applying.crm_rows import read_column
from alignment_lib.inputs.applying.import_cells import read_days, read_dimensions, read_figures
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.periods.calendar import Calendar
from alignment_lib.inputs.problems import Problem, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.export_dates import parse_days

__all__ = ["take_costs", "take_prices"]


def take_costs(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """The costs table: cost of a unit by product and the day from which it holds, blank for always."""
    frame = _read(export, mapping, "unit_cost", log)
    if log.problems:
        return {}
    frame["period"] = frame["period"].dt.strftime("%Y-%m-%d").fillna("")
    frame = _one_each(export, frame, mapping, "unit_cost", log)
    return {"costs": frame} if not log.problems else {}


def take_prices(export: Export, mapping: ImportMapping, log: ListLog) -> dict[str, pd.DataFrame]:
    """Prices as a driver: the price of the period that holds the day from which it is valid."""
    frame = _read(export, mapping, "price", log)
    undated = frame["period"].isna()
    if undated.any() and not log.problems:
        mend = 'write period = "2025-01-01", the day from which the prices hold, under [values]'
        found = "prices without a day from which they hold"
        log.add(Problem(export.file, found, "a date", mend, count=int(undated.sum())))
    if log.problems:
        return {}
    frame = _one_each(export, frame, mapping, "price", log)
    if log.problems:
        return {}
    calendar = Calendar("week" if mapping.grain == "week" else "month")
    frame["period"] = calendar.floor(pd.DatetimeIndex(frame["period"]))
    keys = ["period", *mapping.dimensions]
    means = frame.groupby(keys, sort=True)["price"].mean().round(6).reset_index()
    if len(means) < len(frame):
        text = f"{counted(len(frame), 'price')} averaged to {counted(len(means), 'row')}."
        log.note("averaged", text, len(frame) - len(means))
        gone = float(frame["price"].sum() - means["price"].sum())
        log.leave_out("averaged with others of their period", len(frame) - len(means), gone)
    log.note(
        "declare_price",
        'Prices act once planning.toml says so: [drivers] with source = "drivers.csv" and '
        'columns = { price = "price" }.',
    )
    return {"drivers": means.assign(period=means["period"].dt.strftime("%Y-%m-%d"))}


def _read(export: Export, mapping: ImportMapping, figure: str, log: ListLog) -> pd.DataFrame:
    """Day, dimensions and figure; rows without a figure or with none above zero are left out and counted."""
    frame = read_dimensions(export, mapping)
    if mapping.columns.get("period"):
        days = read_days(export, mapping.columns["period"], mapping.date, log, needed=False)
    else:
        days = parse_days(read_column(export, mapping, "period"), "%Y-%m-%d")
    frame.insert(0, "period", days)
    frame[figure] = read_figures(export, mapping.columns[figure], mapping, log)
    unknown = frame[figure].isna() | (frame[figure] <= 0)
    if unknown.any() and not log.problems:
        word = figure.replace("_", " ")
        text = f"{counted(int(unknown.sum()), 'row')} without a {word} above 0 left out."
        log.note("unknown", text, int(unknown.sum()))
        log.leave_out(
            f"without a {word} above 0", int(unknown.sum()), float(frame.loc[unknown, figure].sum())
        )
    return frame[~unknown]


def _in_words(key: object) -> str:
    return f"{key:%Y-%m-%d}" if isinstance(key, pd.Timestamp) else str(key) or "always"


def _one_each(
    export: Export, frame: pd.DataFrame, mapping: ImportMapping, figure: str, log: ListLog
) -> pd.DataFrame:
    """Rows that say the same once; two figures for one product and day are a fault."""
    keys = ["period", *mapping.dimensions]
    alone = frame.drop_duplicates()
    if len(alone) < len(frame):
        twice = len(frame) - len(alone)
        log.note("twice", f"{counted(twice, 'row')} listed twice.", twice)
        log.leave_out("listed twice", twice, float(frame[figure].sum() - alone[figure].sum()))
    clash = alone.duplicated(keys, keep=False)
    if clash.any():
        first = alone[clash].iloc[0]
        found = f"two figures for {', '.join(_in_words(first[key]) for key in keys)}"
        row = export.first_row + int(alone.index[clash.to_numpy()][0])
        mend = "keep one, as of several price lists, or name what tells them apart under [dimensions]"
        column = mapping.columns[figure]
        log.add(
            Problem(
                export.file,
                found,
                "one figure for each",
                mend,
                row=row,
                column=column,
                count=int(clash.sum()),
            )
        )
    return alone.reset_index(drop=True)
