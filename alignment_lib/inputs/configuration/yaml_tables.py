"""YAML read strictly: everything stays the text it was written as, and no key stands twice.

Plain YAML turns ``NO`` into false, ``12:30`` into 750 and ``007`` into 7, and keeps the last of two equal
keys. Here each value is text until its place says what it should be. Anchors, aliases, tags and more
than one document are refused: they let a small file stand for something else, or for a very large one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from alignment_lib.inputs.problems import Problem, ProblemLog
from alignment_lib.inputs.tables.raw import RawTable, clip

__all__ = ["YamlFault", "read_yaml", "read_yaml_table"]

_MAX_BYTES = 20_000_000
_MAX_DEPTH = 20


class YamlFault(ValueError):
    """What stands where that cannot be read; `line` counts from 1, 0 where there is none."""

    def __init__(self, found: str, line: int, mend: str) -> None:
        self.found, self.line, self.mend = found, line, mend
        super().__init__(found)


class _TextLoader(yaml.SafeLoader):
    """A safe loader without any guess of types."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - the class attribute the parser looks at


def read_yaml(source: Path | bytes) -> tuple[Any, dict[tuple[str, ...], int]]:
    """Read a file, or what was read of one, as nested dicts and lists of text.

    Returns
    -------
    content
        dict, list or str; ``""`` for an empty file or value.
    lines : dict of tuple of str to int
        Line on which each key or list item stands, by its way through the file.

    Raises
    ------
    YamlFault
        The first thing that cannot be read.
    """
    data = source if isinstance(source, bytes) else source.read_bytes()
    if len(data) > _MAX_BYTES:
        raise YamlFault(f"{len(data):,} bytes", 0, f"keep the file below {_MAX_BYTES:,} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise YamlFault("bytes that are not UTF-8", line, "save the file as UTF-8") from None
    lines: dict[tuple[str, ...], int] = {}
    try:
        _refuse_shortcuts(text)
        node = yaml.compose(text, Loader=_TextLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        found = str(getattr(error, "problem", None) or "text that is not YAML")
        raise YamlFault(found, mark.line + 1 if mark else 0, "correct that line") from None
    return ("" if node is None else _value(node, (), lines)), lines


def _refuse_shortcuts(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_TextLoader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlFault("an anchor or alias (& or *)", line, "write the value out, or put it in quotes")
        tag = getattr(event, "tag", None)
        if tag not in (None, "!"):
            raise YamlFault(f"the tag {clip(tag)}", line, "remove it, or put the value in quotes")
        opens = isinstance(event, yaml.CollectionStartEvent)
        depth += 1 if opens else -1 if isinstance(event, yaml.CollectionEndEvent) else 0
        if depth > _MAX_DEPTH:
            raise YamlFault(f"more than {_MAX_DEPTH} levels", line, "write it flatter")


def _value(node: yaml.Node, way: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> Any:
    lines[way] = node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*way, str(number)), lines) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return str(node.value)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlFault("a key that is not a word", line, "write `name: value`")
        key = str(key_node.value)
        if key in result:
            raise YamlFault(f"the key {clip(key)} twice", line, "keep one of the two")
        result[key] = _value(value_node, (*way, key), lines)
        lines[*way, key] = line
    return result


def read_yaml_table(data: bytes, file: str, table: str, log: ProblemLog) -> RawTable | None:
    """Read a table written as YAML: a list of rows, or rows under their ids.

    Parameters
    ----------
    data : bytes
        The file's content.
    file : str
        Its name, for messages.
    table : str
        Its table; rows may stand in a list under this name, in a list by itself, or under a key each,
        which then is their ``id``.
    log : ProblemLog
        Receives what cannot be read.

    Returns
    -------
    RawTable or None
        Every cell as text, for the same parser as any other file; `row_of` gives the line.
    """
    try:
        content, lines = read_yaml(data)
    except YamlFault as fault:
        log.add(Problem(file, fault.found, "rows of `column: value`", fault.mend, row=fault.line))
        return None
    way: tuple[str, ...] = ()
    if isinstance(content, dict) and list(content) == [table]:
        content, way = content[table], (table,)
    rows, places = _rows(content, way, file, lines, log)
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {
        name: np.array(
            [
                _cell(row.get(name, ""), file, place, name, log)
                for row, place in zip(rows, places, strict=True)
            ],
            dtype=object,
        )
        for name in names
    }
    return RawTable(file, "", columns, len(rows), lambda position: places[position])


def _rows(
    content: Any, way: tuple[str, ...], file: str, lines: dict[tuple[str, ...], int], log: ProblemLog
) -> tuple[list[dict[str, Any]], list[int]]:
    if isinstance(content, dict):
        items = [
            ((*way, key), {"id": key} | row if isinstance(row, dict) else row) for key, row in content.items()
        ]
    elif isinstance(content, list):
        items = [((*way, str(number)), row) for number, row in enumerate(content)]
    else:
        items = [(way, content)] if content else []
    rows, places = [], []
    for place, row in items:
        if isinstance(row, dict):
            rows.append(row)
            places.append(lines[place])
        else:
            mend = "write one `column: value` a line"
            log.add(Problem(file, clip(row), "a row of `column: value`", mend, row=lines[place]))
    return rows, places


def _cell(value: Any, file: str, line: int, column: str, log: ProblemLog) -> str:
    """One cell as text; a list of words becomes words with semicolons between them."""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "; ".join(value)
    if isinstance(value, str):
        return "" if value in ("null", "~") else value
    found = "a nested entry"
    log.add(Problem(file, found, "one value", "write text, a number or a date", row=line, column=column))
    return ""
