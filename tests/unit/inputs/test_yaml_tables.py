"""YAML read strictly: text stays text, nothing stands twice, nothing stands for something else."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from alignment_lib.inputs.configuration.yaml_tables import YamlFault, read_yaml, read_yaml_table
from alignment_lib.inputs.problems import ProblemLog
from alignment_lib.inputs.tables.raw import RawTable
from tests.unit.inputs.workspace_files import CLAIM, CLAIMS, SALES, load, only_problem, problems_of


def _write(folder: Path, text: str) -> Path:
    path = folder / "assumptions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def read_table(path: Path, log: ProblemLog) -> RawTable | None:
    return read_yaml_table(path.read_bytes(), path.name, "assumptions", log)


def test_words_that_plain_yaml_would_turn_into_something_else_stay_text(tmp_path: Path) -> None:
    path = _write(
        tmp_path, "- {id: 007, title: NO, at: 12:30, day: 2026-01-05, n: 1_000, e: 1e3, t: true, h: 0x10}\n"
    )
    log = ProblemLog()
    table = read_table(path, log)
    assert {name: column[0] for name, column in table.columns.items()} == {
        "id": "007",
        "title": "NO",
        "at": "12:30",
        "day": "2026-01-05",
        "n": "1_000",
        "e": "1e3",
        "t": "true",
        "h": "0x10",
    }
    assert not log.problems


def test_a_key_given_twice_is_named_with_its_line(tmp_path: Path) -> None:
    log = ProblemLog()
    assert read_table(_write(tmp_path, "A1:\n  title: x\n  title: y\n"), log) is None
    assert str(log.problems[0]) == (
        "assumptions.yaml, row 3: found the key 'title' twice, expected rows of `column: value`; "
        "keep one of the two"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: &x 1\nb: *x\n", "an anchor or alias (& or *)"),
        ("a: !!python/object:os.system {}\n", "the tag 'tag:yaml.org,2002:python/object:os.system'"),
        ("a: [1, 2\n", "expected ',' or ']', but got '<stream end>'"),
        ("? [a, b]\n: 1\n", "a key that is not a word"),
        ("[" * 30 + "]" * 30, "more than 20 levels"),
    ],
)
def test_what_could_stand_for_something_else_is_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(YamlFault) as fault:
        read_yaml(_write(tmp_path, text))
    assert fault.value.found == found
    assert fault.value.line >= 1


def test_bytes_of_another_encoding_are_named(tmp_path: Path) -> None:
    path = tmp_path / "assumptions.yaml"
    path.write_bytes("a: 1\nb: Größe\n".encode("latin-1"))
    with pytest.raises(YamlFault, match="bytes that are not UTF-8") as fault:
        read_yaml(path)
    assert fault.value.line == 2


def test_rows_may_stand_under_their_ids_or_under_the_tables_name(tmp_path: Path) -> None:
    for text in (
        "A1: {title: x}\nA2: {title: y}\n",
        "assumptions:\n- {id: A1, title: x}\n- {id: A2, title: y}\n",
    ):
        table = read_table(_write(tmp_path, text), ProblemLog())
        assert table.columns["id"].tolist() == ["A1", "A2"]
        assert table.columns["title"].tolist() == ["x", "y"]
    assert table.row_of(1) == 3


def test_lists_of_words_become_words_and_nested_entries_are_named(tmp_path: Path) -> None:
    log = ProblemLog()
    text = "- id: A1\n  moves_from: [Large, Giant]\n  rationale: {because: it}\n  low:\n- just text\n"
    table = read_table(_write(tmp_path, text), log)
    assert table.columns["moves_from"].tolist() == ["Large; Giant"]
    assert table.columns["low"].tolist() == [""]
    assert [problem.found for problem in log.problems] == ["'just text'", "a nested entry"]
    assert log.problems[1].column == "rationale"


def test_hostile_text_stays_inert_text(tmp_path: Path) -> None:
    nasty = ["=HYPERLINK(1)", "<script>x</script>", "😀" * 5, "\u202eright to left", "x" * 10_000]
    text = "".join(f'- {{id: A{at}, title: "{value}"}}\n' for at, value in enumerate(nasty))
    table = read_table(_write(tmp_path, text), ProblemLog())
    assert table.columns["title"].tolist() == nasty


def test_an_empty_file_is_an_empty_table(tmp_path: Path) -> None:
    table = read_table(_write(tmp_path, "# nothing yet\n"), ProblemLog())
    assert table.rows == 0


_ROW = """\
kind: promotion
  title: Coupon
  owner: brand marketing
  function: marketing
  start: 2025-04-01
  end: 2025-04-30
  unit: percent
  expected: 10
"""


def test_a_workspace_may_write_its_assumptions_as_yaml(tmp_path: Path) -> None:
    sales = SALES.replace("Small", "NO").replace("Large", "12:30")
    text = f"'007':\n  {_ROW}  product: NO\n  moves_from: ['12:30', NO]\n  moved_share: 0.2\n"
    table = load(tmp_path, {"sales.csv": sales, "assumptions.yaml": text}).tables["assumptions"]
    (row,) = table.to_dict("records")
    assert (row["id"], row["product"], row["moves_from"]) == ("007", "NO", "12:30; NO")
    assert (row["start"], row["expected"], row["status"]) == (pd.Timestamp("2025-04-01"), 10.0, "proposed")


def test_faults_in_a_yaml_register_are_named_by_file_and_line(tmp_path: Path) -> None:
    rows = f"A1:\n  {_ROW}  product: Grande\nA2:\n  {_ROW.replace('10', 'ten')}"
    found = [str(problem) for problem in problems_of(tmp_path, {"assumptions.yaml": rows})]
    assert any(text.startswith("assumptions.yaml, row 1, column product: found 'Grande'") for text in found)
    assert any(text.startswith("assumptions.yaml, row 11, column expected: found 'ten'") for text in found)


def test_a_key_twice_in_a_yaml_register_is_refused(tmp_path: Path) -> None:
    told = only_problem(tmp_path, {"assumptions.yaml": f"A1:\n  {_ROW}  unit: units\n"})
    assert told.startswith("assumptions.yaml, row 10: found the key 'unit' twice")


def test_only_the_register_may_be_yaml(tmp_path: Path) -> None:
    workspace = load(tmp_path, {"targets.yaml": "- {round: 2026}\n"})
    assert "targets" not in workspace.tables
    told = only_problem(tmp_path, {"assumptions.yaml": f"A1:\n  {_ROW}", "assumptions.csv": CLAIMS + CLAIM})
    assert "the files assumptions.csv and assumptions.yaml" in told
