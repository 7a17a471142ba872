"""Use case: a sheet that came back: read with every fault at its cell, and its answers taken."""

from __future__ import annotations

import io
import math
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from alignment_lib.app.collecting.asked import Recipient, find_recipients, row_of_claim
from alignment_lib.app.collecting.sheet import ABOUT, ANSWERS, FACTS
from alignment_lib.inputs.configuration.settings_reader import load_settings, nearest
from alignment_lib.inputs.problems import InputError, Problem, ProblemLog
from alignment_lib.inputs.spreadsheets.workbook_tables import read_workbook
from alignment_lib.inputs.spreadsheets.workbooks import open_workbook
from alignment_lib.inputs.tables.headers import column_letter
from alignment_lib.inputs.tables.input_files import read_once
from alignment_lib.inputs.tables.raw import RawTable, clip, show_cell
from alignment_lib.inputs.workspace import name_of_unit
from alignment_lib.planning.register.acceptance import claim_terms
from alignment_lib.planning.register.assumptions import Assumption
from alignment_lib.planning.round.lifecycle import SIDES
from alignment_lib.rounds.files.clocks import Clock, read_clock
from alignment_lib.rounds.round_answers import PLAN, Outcome, RoundAnswer, take_answers
from alignment_lib.rounds.round_life import ChosenRound, choose_round, describe_life

__all__ = ["Returned", "is_answer_sheet", "take_sheet"]

_Fault = Callable[[str, str, str], Problem]
"""A problem of the row at hand, from column, what is expected, and how to mend it."""
_LONGEST_LIST = 1_000_000
"""Bytes of a workbook's list of sheets that are looked at."""
_OPEN = ("decision", "comment", "by")
_MEND = "take the sheet as alignment ask-for wrote it, and write into decision, comment and by only"


@dataclass(frozen=True)
class Returned:
    """What came of a sheet: which round, whose it was, and what became of each answer."""

    chosen: ChosenRound
    role: str
    outcomes: tuple[Outcome, ...]


def is_answer_sheet(file: Path) -> bool:
    """Whether a file is a workbook with the sheets of `ask_for`, told from its list of sheets alone."""
    if file.suffix.casefold() != ".xlsx" or not file.is_file():
        return False
    try:
        with zipfile.ZipFile(file) as package, package.open("xl/workbook.xml") as part:
            listed = part.read(_LONGEST_LIST).decode("utf-8", "replace")
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError, ValueError, zlib.error):
        return False
    return all(f'name="{name}"' in listed for name in (ANSWERS, ABOUT))


def take_sheet(file: Path, workspace: Path, output: Path, clock: Clock = read_clock) -> Returned:
    """Bring a returned sheet into the round it was asked for.

    Parameters
    ----------
    file : Path
        The ``.xlsx`` that came back.
    workspace : Path
        The unit's workspace: its name, and who may answer for whom.
    output : Path
        Folder over rounds.
    clock : callable
        Says what time it is.

    Raises
    ------
    InputError
        Every fault of the sheet, by row and column; nothing is written then.
    LifeError
        Where the round is locked.
    """
    log = ProblemLog()
    data = read_once(file, file.name, log)
    table = None if data is None else read_workbook(data, file.name, ANSWERS, ANSWERS, log)
    if data is None or table is None:
        raise InputError(log.problems)
    for problem in _formulas(data, file.name):
        log.add(problem)
    facts = _read_facts(data, file.name)
    _check_facts(file.name, facts, name_of_unit(workspace), log)
    log.raise_if_any()
    chosen = choose_round(output, facts["Round"], facts["Unit"])
    life = describe_life(chosen)
    recipients = {one.role: one for one in find_recipients(life, load_settings(workspace).owners)}
    known = {row.id: row for row in life.register}
    asked = _recipient(file.name, facts["Asked"], recipients, life.register, log)
    answers = list(_answers(table, asked, known, int(facts["Log lines"]), log))
    log.raise_if_any()
    if not answers:
        found, expected = "nothing in decision or comment", "at least one answer"
        mend = "write accept, reject or sign, or a comment, and save the file"
        raise InputError([Problem(file.name, found, expected, mend, sheet=ANSWERS)])
    return Returned(chosen, facts["Asked"], take_answers(chosen, answers, clock))


def _read_facts(data: bytes, file: str) -> dict[str, str]:
    log = ProblemLog()
    book = open_workbook(data, file, log)
    has = book is not None and ABOUT in {sheet.name for sheet in book.sheets}
    cells = book.read(ABOUT, log) if book is not None and has else None
    if cells is None or len(cells.columns) < 2:
        return {}
    pairs = zip(cells.columns[0], cells.columns[1], strict=True)
    return {show_cell(name): show_cell(text) for name, text in pairs if name is not None}


def _check_facts(file: str, facts: dict[str, str], unit: str, log: ProblemLog) -> None:
    for name in FACTS:
        if not facts.get(name):
            expected = "an answer sheet as alignment ask-for writes it"
            log.add(Problem(file, f"no {name.lower()}", expected, _MEND, sheet=ABOUT))
    if facts.get("Unit", unit) != unit:
        mend = "name the workspace the sheet was sent for"
        log.add(Problem(file, f"a sheet of {clip(facts['Unit'])}", unit, mend, sheet=ABOUT))
    if not facts.get("Log lines", "0").isdecimal():
        log.add(Problem(file, clip(facts["Log lines"]), "a number of log lines", _MEND, sheet=ABOUT))


def _recipient(
    file: str,
    role: str,
    recipients: dict[str, Recipient],
    register: tuple[Assumption, ...],
    log: ProblemLog,
) -> Recipient | None:
    """Whose sheet it is; an owner all of whose claims have ended meanwhile is still known."""
    if role in recipients:
        return recipients[role]
    owners = sorted({row.owner for row in register} | set(recipients))
    if role in owners:
        return None
    mend = nearest(role, owners) or f"the round knows {', '.join(owners)}"
    log.add(Problem(file, f"answers of {clip(role)}", "an owner or function of this round", mend, ABOUT))
    return None


def _answers(
    table: RawTable, asked: Recipient | None, known: dict[str, Assumption], seen: int, log: ProblemLog
) -> Iterator[RoundAnswer]:
    missing = [name for name in ("id", "function", "reading", *_OPEN) if name not in table.columns]
    if missing:
        expected = f"the columns {', '.join(('id', 'function', 'reading', *_OPEN))}"
        log.add(Problem(table.file, f"no column {missing[0]}", expected, _MEND, ANSWERS, 1))
        return
    taken: set[str] = set()
    for row in range(table.rows):
        name = table.cell("id", row)
        faults = list(_row_faults(table, row, name, asked, known, taken))
        taken.add(name)
        for problem in faults:
            log.add(problem)
        if faults or not (table.cell("decision", row) or table.cell("comment", row)):
            continue
        yield RoundAnswer(
            name,
            table.cell("decision", row).casefold(),
            table.cell("comment", row),
            table.cell("function", row),
            table.cell("by", row),
            table.cell("reading", row),
            seen,
            table.file,
            table.sheet,
            table.row_of(row),
        )


def _row_faults(
    table: RawTable,
    row: int,
    name: str,
    asked: Recipient | None,
    known: dict[str, Assumption],
    taken: set[str],
) -> Iterator[Problem]:
    def fault(column: str, expected: str, mend: str) -> Problem:
        what = clip(table.cell(column, row)) if table.cell(column, row) else "an empty cell"
        return Problem(table.file, what, expected, mend, table.sheet, table.row_of(row), column)

    if name in taken:
        yield fault("id", "each row once", "leave one of the two rows")
    elif name != PLAN and name not in known:
        yield fault("id", "an id of the round's register", nearest(name, list(known)) or _MEND)
    else:
        side = asked.function if asked is not None and asked.function else ""
        yield from _altered(table, row, known.get(name), side, fault)
        yield from _answer_faults(table, row, name, asked, fault)


def _answer_faults(
    table: RawTable, row: int, name: str, asked: Recipient | None, fault: _Fault
) -> Iterator[Problem]:
    """What does not fit together in the three cells that were written."""
    decision, comment, by = (table.cell(column, row) for column in _OPEN)
    word, words = decision.casefold(), ("sign",) if name == PLAN else ("accept", "reject")
    if word and word not in words:
        yield fault("decision", " or ".join(words), "all else belongs into the column comment")
    elif word and table.cell("function", row) not in SIDES:
        yield fault("decision", "a comment alone", "only marketing and sales accept or reject claims")
    if word == "reject" and not comment:
        yield fault("comment", "the reason of the rejection", "say why: its owner has to answer it")
    if word or comment:
        yield from _role_faults(by, asked.answering if asked is not None else (), fault)


def _role_faults(by: str, allowed: tuple[str, ...], fault: _Fault) -> Iterator[Problem]:
    if not by:
        yield fault("by", "the role that answers", "write a role such as head of sales")
    elif allowed and by.casefold() not in {one.casefold() for one in allowed}:
        mend = "answer as that role, or name a delegate under [owners] in planning.toml"
        yield fault("by", f"{' or '.join(allowed)}, whose sheet it is", mend)


def _altered(
    table: RawTable, row: int, claim: Assumption | None, side: str, fault: _Fault
) -> Iterator[Problem]:
    """Cells that differ from what was sent; a claim that was changed meanwhile is another matter."""
    right = side or (claim.function if claim is not None else "")
    if right and table.cell("function", row) != right:
        yield fault("function", right, _MEND)
    if claim is None or table.cell("reading", row) != claim_terms(claim):
        return
    for column, value in row_of_claim(claim).items():
        if column in ("status", "reason given") or _is_same(table.cell(column, row), value):
            continue
        shown = f"{value:g}" if isinstance(value, float) else clip(value) if value else "an empty cell"
        mend = "change the claim in the register of assumptions, and say so in the column comment"
        yield fault(column, f"{shown}, as it was sent", mend)


def _is_same(given: str, value: str | float) -> bool:
    if isinstance(value, float):
        return _is_number(given) and math.isclose(float(given), value, rel_tol=1e-9, abs_tol=1e-12)
    return given == value.strip()


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _formulas(data: bytes, file: str) -> Iterator[Problem]:
    """Every formula of the answers: a cell that works something out is no answer anybody gave."""
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True)
        for cells in book[ANSWERS].iter_rows():
            for cell in cells:
                if cell.data_type == "f":
                    where = (ANSWERS, cell.row, column_letter(cell.column - 1))
                    mend = "write the answer itself"
                    yield Problem(file, "a formula", "a value or nothing", mend, *where)
