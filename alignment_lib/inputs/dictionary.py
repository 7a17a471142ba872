"""The data dictionary: every table and column a workspace may hold, in one place.

The rows stand in ``dictionary.csv`` beside this module. Schemas, checks, the Excel template and
``docs/data-dictionary.md`` all read them, so that they cannot disagree.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = [
    "DIMENSION",
    "DRIVER",
    "Field",
    "allowed_range",
    "fields_of",
    "load_dictionary",
    "reserved_names",
    "table_names",
    "write_dictionary_markdown",
]

DIMENSION = "{dimension}"
"""Stands for one column per declared dimension."""
DRIVER = "{driver}"
"""Stands for one column per declared driver."""

_SHARED = frozenset({"source", "campaign", "device", "customer", "handler", "stage", "currency"})
"""Columns of other tables that a business may also declare as dimensions: they mean the same."""

_HEAD = """# Data dictionary

Every table and column a workspace may hold. Only `planning.toml` and `sales` are required. This page is
written from `alignment_lib/inputs/dictionary.csv` by `write_dictionary_markdown`; the checks, the Excel
template and the reader use the same rows.

`{dimension}` stands for one column per dimension of `[sales] dimensions`, `{driver}` for one per driver of
`[drivers] columns`. Missing text is an empty cell, a missing number or date likewise. Together the columns
marked *key* may occur only once.
"""


@dataclass(frozen=True)
class Field:
    """One column of one table.

    Attributes
    ----------
    table, column : str
        Where it stands.
    type : str
        ``date``, ``datetime``, ``number``, ``integer``, ``text``, ``choice`` or ``flag``.
    unit : str
        What a number counts; ``share`` is a decimal, ``percent`` is 90 for 90 %.
    required, key : bool
        Whether the column must be there, and whether it is part of the row's name.
    minimum, maximum : float or None
        Allowed range, ends included.
    choices : tuple of str
        The allowed words of a choice.
    example, description : str
        For the template and the documentation.
    """

    table: str
    column: str
    type: str
    unit: str
    required: bool
    key: bool
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    example: str
    description: str


@cache
def load_dictionary() -> Mapping[str, tuple[Field, ...]]:
    """Return all tables with their fields, in the order of the file.

    >>> [field.column for field in load_dictionary()["capacity"]]
    ['period', 'handler', 'leads']
    """
    text = files(__package__).joinpath("dictionary.csv").read_text(encoding="utf-8")
    tables: dict[str, list[Field]] = {}
    for row in csv.DictReader(text.splitlines()):
        tables.setdefault(row["table"], []).append(_field(row))
    return MappingProxyType({name: tuple(fields) for name, fields in tables.items()})


def _field(row: dict[str, str]) -> Field:
    return Field(
        table=row["table"],
        column=row["column"],
        type=row["type"],
        unit=row["unit"],
        required=row["required"] == "yes",
        key=row["key"] == "yes",
        minimum=float(row["minimum"]) if row["minimum"] else None,
        maximum=float(row["maximum"]) if row["maximum"] else None,
        choices=tuple(row["choices"].split(";")) if row["choices"] else (),
        example=row["example"],
        description=row["description"],
    )


def table_names() -> tuple[str, ...]:
    """Names of all tables, ``sales`` first."""
    return tuple(load_dictionary())


def fields_of(
    table: str, dimensions: tuple[str, ...] = (), drivers: tuple[str, ...] = ()
) -> tuple[Field, ...]:
    """Return a table's fields with the business's own dimensions and drivers written out.

    A dimension that bears the name of a column the table has anyway (such as ``device``) is that
    column.

    >>> [field.column for field in fields_of("drivers", ("brand",), ("price", "deal"))]
    ['period', 'brand', 'price', 'deal']
    """
    given = load_dictionary()[table]
    names = {field.column for field in given}
    result: list[Field] = []
    for field in given:
        if field.column == DIMENSION:
            result += [replace(field, column=name) for name in dimensions if name not in names]
        elif field.column == DRIVER:
            result += [replace(field, column=name) for name in drivers]
        else:
            result.append(field)
    return tuple(result)


@cache
def reserved_names() -> frozenset[str]:
    """Column names that no dimension may bear, because a table with dimensions uses them."""
    reserved: set[str] = set()
    for fields in load_dictionary().values():
        names = {field.column for field in fields}
        if DIMENSION in names:
            reserved |= names - {DIMENSION, DRIVER}
    return frozenset(reserved - _SHARED)


def write_dictionary_markdown() -> str:
    """Return the text of ``docs/data-dictionary.md``."""
    parts = [_HEAD]
    for table, fields in load_dictionary().items():
        parts.append(f"\n## {table}\n\n| column | type | unit | | values | example | meaning |\n")
        parts.append("| --- | --- | --- | --- | --- | --- | --- |\n")
        parts += [_markdown_row(field) for field in fields]
    return "".join(parts)


def _markdown_row(field: Field) -> str:
    marks = ["required"] * field.required + ["key"] * field.key
    cells = [f"`{field.column}`", field.type, field.unit, ", ".join(marks), _values(field)]
    cells += [field.example, field.description]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _values(field: Field) -> str:
    return ", ".join(field.choices) if field.choices else allowed_range(field)


def allowed_range(field: Field) -> str:
    """The range of a number in words, ends included; ``""`` where there is none.

    >>> allowed_range(fields_of("capacity")[2])
    '0 or more'
    """
    if field.minimum is not None and field.maximum is not None:
        return f"{field.minimum:g} to {field.maximum:g}"
    if field.minimum is not None:
        return f"{field.minimum:g} or more"
    return "" if field.maximum is None else f"{field.maximum:g} or less"
