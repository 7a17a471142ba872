"""Reading ``planning.toml``: every fault at once, with its line and a suggestion."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from alignment_lib.inputs.checking.calendar_checks import check_calendar
from alignment_lib.inputs.configuration.settings import Settings
from alignment_lib.inputs.dictionary import table_names
from alignment_lib.inputs.periods.round_names import CYCLE_MONTHS
from alignment_lib.inputs.problems import InputError, Problem

__all__ = ["SETTINGS_FILE", "load_settings", "nearest", "parse_settings", "read_settings"]

SETTINGS_FILE = "planning.toml"
_MAX_BYTES = 1_000_000


def load_settings(folder: Path) -> Settings:
    """Read a workspace's settings.

    Raises
    ------
    InputError
        With every problem found, each placed at its line.
    """
    return read_settings(folder)[0]


def read_settings(folder: Path) -> tuple[Settings, str]:
    """Read a workspace's settings, and the SHA-256 of what was read.

    Raises
    ------
    InputError
        With every problem found, each placed at its line.
    """
    path = folder / SETTINGS_FILE
    if not folder.is_dir():
        raise InputError([Problem(str(folder), "no such folder", "a workspace folder", "check the path")])
    if not path.is_file():
        mend = f"add a {SETTINGS_FILE}; `alignment new` writes one to start from"
        raise InputError(
            [Problem(SETTINGS_FILE, f"no such file in {folder}", "the workspace's settings", mend)]
        )
    if path.stat().st_size > _MAX_BYTES:
        raise InputError(
            [Problem(SETTINGS_FILE, "a file above 1 MB", "a short text file", "restore the file")]
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(
            [
                Problem(
                    SETTINGS_FILE, "text that is not UTF-8", "UTF-8 text", "save the file as UTF-8", row=row
                )
            ]
        ) from None
    return parse_settings(text), hashlib.sha256(data).hexdigest()


def parse_settings(text: str) -> Settings:
    """Turn the text of ``planning.toml`` into settings.

    >>> parse_settings('''
    ... [business]
    ... name = "Shop"
    ... currency = "EUR"
    ... [calendar]
    ... grain = "month"
    ... [sales]
    ... dimensions = ["product"]
    ... ''').plan.cycle
    'quarter'
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError([_syntax_problem(error)]) from None
    problems: list[Problem] = []
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        problems = [_explain(details, text) for details in error.errors()]
        settings = None
    problems += list(_unknown_tables(data, text))
    if settings is not None:
        problems += list(_check_together(settings, text))
    if problems or settings is None:
        raise InputError(sorted(problems, key=lambda problem: problem.row))
    return settings


def nearest(word: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean `x`?`` for the nearest candidate, or ``""``.

    >>> nearest("dimension", ["measure", "dimensions"])
    'did you mean `dimensions`?'
    """
    names = sorted(set(candidates))
    folded = {name.casefold(): name for name in reversed(names)}
    found = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f"did you mean `{folded[found[0]]}`?" if found else ""


def _syntax_problem(error: Exception) -> Problem:
    message = str(error)
    place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    row = int(place[1]) if place and place[1] else 0
    found = message[: place.start()].strip() if place else "nesting too deep"
    mend = "mend the line; text stands in double quotes, lists in [ ], and each key once"
    return Problem(SETTINGS_FILE, f"a TOML error: {found}", "valid TOML", mend, row=row)


def _explain(details: Any, text: str) -> Problem:
    """One pydantic error in our words."""
    loc = [part for part in details["loc"] if part not in ("Source", "DriverColumn", "HolidayColumn")]
    keys = [part for part in loc if isinstance(part, str)]
    row = line_of(text, keys)
    key = ".".join(str(part) for part in loc)
    kind = details["type"]
    if kind == "extra_forbidden":
        known = _known_keys(keys[:-1])
        guess = nearest(str(loc[-1]), known)
        expected = "one of " + ", ".join(f"`{name}`" for name in known)
        return _problem(row, key, f"unknown key `{loc[-1]}`", expected, guess or "remove it")
    if kind == "missing":
        what = "section" if len(loc) == 1 else "key"
        return _problem(row, key, f"no {what} `{loc[-1]}`", f"`{loc[-1]}` to be set", f"add the {what}")
    shown = "a url" if loc[-1:] == ["url"] else _shown(details["input"])
    return _problem(row, key, shown, *_expected(details))


def _problem(row: int, key: str, found: str, expected: str, mend: str) -> Problem:
    return Problem(SETTINGS_FILE, found, expected, mend, row=row, column=key)


def _expected(details: Any) -> tuple[str, str]:
    """What should stand there, and how to mend it."""
    context = details.get("ctx", {})
    kind = details["type"]
    if kind == "literal_error":
        choices = [word.strip("'") for word in re.split(r", | or ", context["expected"])]
        guess = nearest(str(details["input"]), choices)
        return f"one of {context['expected']}", guess or "use one of these words"
    if kind == "value_error":
        return str(context["error"]), "correct the value"
    words = {
        "string_type": "text in double quotes",
        "int_type": "a whole number",
        "float_type": "a number",
        "bool_type": "true or false",
        "tuple_type": 'a list such as ["store", "brand"]',
        "dict_type": "a section or { key = value }",
        "model_type": "a section or { key = value }",
        "string_too_short": "text that is not empty",
        "string_too_long": f"at most {context.get('max_length')} characters",
        "too_short": "at least one entry",
        "too_long": f"at most {context.get('max_length')} entries",
        "greater_than_equal": f"{context.get('ge', 0):g} or more",
        "greater_than": f"more than {context.get('gt', 0):g}",
        "less_than_equal": f"{context.get('le', 0):g} or less",
        "less_than": f"less than {context.get('lt', 0):g}",
    }
    if kind.startswith("date_"):
        return "a date such as 2025-01-31, without quotes", "correct the value"
    return words.get(kind, details["msg"]), "correct the value"


def _shown(value: Any) -> str:
    """The value as written; nothing of a url or of what holds one, for a secret may stand in it."""
    if isinstance(value, dict) and "url" in value:
        return "a source with " + ", ".join(f"`{key}`" for key in value)
    if isinstance(value, str) and "://" in value:
        return f"a url {value.partition('://')[0][:20]}://…"
    text = repr(value).replace("\n", " ")
    return text if len(text) <= 60 else text[:57] + "..."


def _known_keys(path: Sequence[str]) -> list[str]:
    """The keys that may stand at a place in the file."""
    model: Any = Settings
    for part in path:
        field = model.model_fields.get(part)
        # A name that is no field is a key of a mapping whose values were already reached.
        model = _model_in(field.annotation) if field else model
    return list(model.model_fields)


def _model_in(annotation: Any) -> Any:
    """The settings model inside an annotation such as ``dict[str, Model] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [_model_in(part) for part in get_args(annotation)]
    return next((model for model in found if model is not None), None)


def _unknown_tables(data: dict[str, Any], text: str) -> Iterable[Problem]:
    given = data.get("tables", {})
    allowed = [name for name in table_names() if name not in ("sales", "drivers")]
    for name in given if isinstance(given, dict) else ():
        if name in ("sales", "drivers"):
            mend = f"move it to [{name}] source"
            yield _problem(
                line_of(text, ["tables", name]), f"tables.{name}", f"`{name}`", "another table", mend
            )
        elif name not in allowed:
            expected = "one of " + ", ".join(f"`{table}`" for table in allowed)
            mend = nearest(name, allowed) or "remove it"
            row = line_of(text, ["tables", name])
            yield _problem(row, f"tables.{name}", f"unknown table `{name}`", expected, mend)


def _check_together(settings: Settings, text: str) -> Iterable[Problem]:
    """Rules that bind several sections."""
    sale_type, dimensions = settings.sales.sale_type, settings.dimensions
    if sale_type is not None and sale_type not in dimensions:
        mend = nearest(sale_type, dimensions) or "add it to dimensions, or remove sale_type"
        expected = "one of the dimensions " + ", ".join(f"`{name}`" for name in dimensions)
        yield _problem(
            line_of(text, ["sales", "sale_type"]), "sales.sale_type", f"'{sale_type}'", expected, mend
        )
    for name in settings.drivers_by_name:
        if name in (*dimensions, "period"):
            row = line_of(text, ["drivers", "columns", name])
            found = (
                f"a driver and {'a dimension' if name in dimensions else 'the period'} both called `{name}`"
            )
            yield _problem(
                row, f"drivers.columns.{name}", found, "names of their own", "rename the driver's column"
            )
    yield from _check_functions(settings, text)
    scopes = {
        "override": {name for one in settings.override for name in one.scope},
        "life": {name for one in settings.life for name in one.scope},
    }
    for section, given in scopes.items():
        for name in sorted(given - set(dimensions)):
            expected = "one of the dimensions " + ", ".join(f"`{known}`" for known in dimensions)
            mend = nearest(name, dimensions) or "name only dimensions in a scope"
            yield _problem(line_of(text, [section]), f"{section}.scope.{name}", f"'{name}'", expected, mend)
    yield from _check_calendar(settings, text)
    cycle, grain = settings.plan.cycle, settings.calendar.grain
    if CYCLE_MONTHS[cycle] < CYCLE_MONTHS.get(grain, 0):
        row = line_of(text, ["plan", "cycle"])
        expected = f"a cycle no finer than the grain `{grain}`"
        yield _problem(
            row, "plan.cycle", f"the cycle `{cycle}`", expected, f'set cycle = "{grain}" or longer'
        )


def _check_calendar(settings: Settings, text: str) -> Iterable[Problem]:
    for key, found, expected, mend in check_calendar(settings.calendar, settings.dimensions):
        yield _problem(line_of(text, ["calendar", key]), f"calendar.{key}", found, expected, mend)


def _check_functions(settings: Settings, text: str) -> Iterable[Problem]:
    """Every function that shares in the pool has weights of its own, and no other has."""
    scheme = settings.incentives
    if scheme is None or scheme.shared_share == 1.0:
        return
    for name in sorted(set(scheme.functions) ^ set(scheme.weights)):
        key = "weights" if name in scheme.functions else "functions"
        row = line_of(text, ["incentives", key]) or line_of(text, ["incentives"])
        found = f"no {key} for `{name}`"
        mend = f"add `{name}` to incentives.{key}, or take it out of the other"
        yield _problem(
            row, f"incentives.{key}", found, "the same functions in `functions` and `weights`", mend
        )


def line_of(text: str, keys: Sequence[str]) -> int:
    """Line (from 1) of the deepest of `keys` that can be found, 0 for none.

    tomllib keeps no positions; the file's own section headers and ``key =`` are enough to find them.
    """
    lines = text.splitlines()
    start, stop, rest = _section_span(lines, keys)
    found = start
    for key in rest:
        pattern = re.compile(rf"(?:^|[{{,.\s])[\"']?{re.escape(key)}[\"']?\s*[.=]")
        position = next(
            (at for at in range(max(found - 1, 0), stop) if pattern.search(_code(lines[at]))), None
        )
        if position is None:
            break
        found = position + 1
    return found


def _section_span(lines: Sequence[str], keys: Sequence[str]) -> tuple[int, int, Sequence[str]]:
    """Line of the deepest matching section header, where it ends, and the keys still to be found."""
    for depth in range(len(keys), 0, -1):
        path = r"\s*\.\s*".join(rf"[\"']?{re.escape(key)}[\"']?" for key in keys[:depth])
        header = re.compile(rf"\s*\[\[?\s*{path}\s*\]")
        for at, line in enumerate(lines):
            if header.match(line):
                after = range(at + 1, len(lines))
                stop = next(
                    (end for end in after if re.match(r"\s*\[\[?[^\[\],]+\]\]?\s*(#|$)", lines[end])),
                    len(lines),
                )
                return at + 1, stop, keys[depth:]
    return 0, len(lines), keys


def _code(line: str) -> str:
    """The line without a trailing comment (a # inside text is left alone well enough for a search)."""
    return re.sub(r"\s#[^\"']*$", "", line) if not line.lstrip().startswith("#") else ""
