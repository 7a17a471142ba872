"""What leads and deals of a CRM have in common: outcomes from words, ids, and the newest of several rows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from alignment_lib.inputs.applying.import_cells import read_figures
from alignment_lib.inputs.applying.list_accounts import ListLog
from alignment_lib.inputs.problems import Problem, counted
from alignment_lib.inputs.proposing.mapping_files import ImportMapping
from alignment_lib.inputs.reading.exports import Export
from alignment_lib.inputs.words.stage_words import read_stage

__all__ = ["BY_ROW", "NOT_GIVEN", "keep_newest", "read_amounts", "read_column", "read_ids", "read_outcomes"]

NOT_GIVEN = "(blank)"
"""Stands where an export leaves a source blank: the contract asks for one."""
BY_ROW = "(row)"
"""In place of a heading: the rows of the export are numbered."""
_MOST_NAMED = 8


def read_column(export: Export, mapping: ImportMapping, role: str) -> pd.Series:
    """The words of a role: its column, else the one word of `[values]`, else nothing."""
    column = mapping.columns.get(role, "")
    if column in export.table.columns:
        return export.table[column]
    return pd.Series(mapping.values.get(role, ""), index=export.table.index, dtype=object)


def read_ids(export: Export, mapping: ImportMapping, role: str, thing: str, log: ListLog) -> pd.Series:
    """Ids; rows without one are named by their row, and counted."""
    if mapping.columns.get(role) == BY_ROW:
        ids = pd.Series("", index=export.table.index, dtype=object)
    else:
        ids = read_column(export, mapping, role)
        lacking = int((ids == "").sum())
        if lacking:
            log.note("without_id", f"{counted(lacking, thing)} without an id named by the row.", lacking)
    rows = [f"row {export.row_of(place)}" for place in range(len(ids))]
    return ids.where(ids != "", pd.Series(rows, index=ids.index, dtype=object))


def read_outcomes(export: Export, mapping: ImportMapping, roles: Sequence[str], log: ListLog) -> pd.Series:
    """``won``, ``lost`` or ``""`` by the words of the first of the columns that says an end.

    A word that the saved mapping does not know is taken where it is clear, and said; else the import stops
    and asks: stages were renamed since the mapping was made.
    """
    outcome = pd.Series("", index=export.table.index, dtype=object)
    for role in roles:
        column = mapping.columns.get(role, "")
        if column in export.table.columns:
            words = export.table[column]
            known = {**_new_words(export, column, words, mapping, log), **mapping.outcomes}
            outcome = outcome.where(outcome != "", words.map(known).fillna(""))
    return outcome


def _new_words(
    export: Export, column: str, words: pd.Series, mapping: ImportMapping, log: ListLog
) -> dict[str, str]:
    counts = words[(words != "") & ~words.isin(list(mapping.outcomes))].value_counts()
    clear: dict[str, str] = {}
    for word, count in sorted(counts.items()):
        stage = read_stage(str(word))
        if stage.is_sure:
            clear[str(word)] = stage.outcome
            continue
        mend = f'add the line "{word}" = "won", "lost" or "" under [outcomes] of the mapping'
        found = f"the stage {str(word)!r}, which the saved mapping does not know"
        log.add(Problem(export.file, found, "stages of the mapping", mend, column=column, count=int(count)))
    if clear:
        _say_renamed(column, words, counts, clear, mapping, log)
    return clear


def _say_renamed(
    column: str,
    words: pd.Series,
    counts: pd.Series,
    clear: dict[str, str],
    mapping: ImportMapping,
    log: ListLog,
) -> None:
    shown = [f"{word} ({counts[word]:,}) as {clear[word] or 'open'}" for word in list(clear)[:_MOST_NAMED]]
    gone = sorted(set(mapping.outcomes) - set(words) - {""})
    text = (
        f"{column}: stages that the saved mapping does not know were taken by their words: {', '.join(shown)}"
    )
    text += f" and {len(clear) - _MOST_NAMED} more" if len(clear) > _MOST_NAMED else ""
    text += f". No longer there: {', '.join(gone[:_MOST_NAMED])}; were they renamed?" if gone else "."
    log.note("new_stages", text, int(counts[list(clear)].sum()))


def read_amounts(export: Export, mapping: ImportMapping, log: ListLog) -> pd.Series:
    """Money of the rows; negative sums are left out, and said with their total."""
    column = mapping.columns.get("amount", "")
    if column not in export.table.columns:
        return pd.Series(float("nan"), index=export.table.index)
    amounts = read_figures(export, column, mapping, log)
    negative = amounts < 0
    if negative.any():
        total = f"{amounts[negative].sum():,.2f}".replace("-", "−")
        text = f"{counted(int(negative.sum()), 'negative amount')} of {column} left out: {total} in all."
        log.note("negative_amounts", text, int(negative.sum()))
        log.leave_out("negative amounts, the rows kept", 0, float(amounts[negative].sum()))
    return amounts.mask(negative)


def keep_newest(
    frame: pd.DataFrame,
    key: str,
    changed: pd.Series | None,
    lasting: Sequence[str],
    thing: str,
    log: ListLog,
) -> pd.DataFrame:
    """One row of each: the newest, with what it leaves blank of the lasting columns from the rows before.

    Parameters
    ----------
    frame : DataFrame
        Rows of the contract.
    key : str
        Column of the id.
    changed : Series or None
        When each row's state began; without it the order of the file counts.
    lasting : sequence of str
        Columns that do not change with the state, such as the source.
    thing : str
        What a row is, for the notice.
    log : ListLog
        Is told how many rows were joined.
    """
    twice = frame[key].duplicated(keep=False)
    if not twice.any():
        return frame.reset_index(drop=True)
    place = pd.Series(range(len(frame)), index=frame.index)
    # Of rows of one moment the one that ended the matter is the newer.
    ended = frame["outcome"] != "" if "outcome" in frame and changed is not None else False
    order = pd.DataFrame({"at": changed if changed is not None else place, "ended": ended, "place": place})
    rows = frame.loc[order.sort_values(["at", "ended", "place"], kind="stable").index]
    last = rows.drop_duplicates(key, keep="last").copy()
    present = [column for column in lasting if column in frame]
    # The newest word that is there: the last of each id, blanks aside.
    filled = rows[present].where((rows[present] != "") & rows[present].notna())
    newest = filled.groupby(rows[key], sort=False).last()
    for column in present:
        values = last[key].map(newest[column])
        last[column] = values if frame[column].dtype != object else values.fillna("")
    joined = int(twice.sum()) - int(frame.loc[twice, key].nunique())
    alike = int(frame.duplicated().sum()) if changed is None else 0
    text = _say_joined(joined, alike, changed is not None, int(frame.loc[twice, key].nunique()), thing)
    log.note("twice", text, joined)
    if "amount" in frame:
        log.leave_out(
            f"earlier rows of the same {thing}", joined, frame["amount"].sum() - last["amount"].sum()
        )
    else:
        log.leave_out(f"earlier rows of the same {thing}", joined, 0.0)
    return last.loc[place[last.index].sort_values().index].reset_index(drop=True)


def _say_joined(joined: int, alike: int, dated: bool, several: int, thing: str) -> str:
    if alike == joined:
        return f"{counted(several, thing)} listed twice in the same words: one row of each kept."
    which = "the newest state of each kept" if dated else "the last row of each kept"
    return f"{counted(several, thing)} in several rows: {which}, {counted(joined, 'row')} joined to it."
