"""Tables: aligned, with units, sums and inert text."""

from __future__ import annotations

import math

import pandas as pd

from alignment_lib.answers.tables import Column, Table, count_note, render_table
from alignment_lib.answers.wording import Scale

_ROWS = pd.DataFrame(
    {
        "name": ["A & B", "C"],
        "amount": [1234.4, math.nan],
        "change": [-0.05, 0.0],
        "when": pd.to_datetime(["2026-01-05", None]),
        "verdict": ["optimistic", ""],
        "odds": [0.001, 0.5],
        "more": ["<i>below</i>", None],
    }
)
_COLUMNS = [
    Column("name", "Name", below="more"),
    Column("amount", "Amount", "amount"),
    Column("change", "Change", "share", decimals=1, signed=True),
    Column("when", "When", "date"),
    Column("verdict", "Verdict", "mark"),
    Column("odds", "Odds", "odds"),
]


def _render(**options: object) -> str:
    table = Table("Caption", _COLUMNS, _ROWS, Scale(1.0, 0, "units"), **options)  # type: ignore[arg-type]
    return str(render_table(table)).replace("\u202f", " ")


def test_cells_are_written_aligned_and_sortable() -> None:
    markup = _render()
    assert '<th scope="row" class="short">A &amp; B<small>&lt;i&gt;below&lt;/i&gt;</small></th>' in markup
    assert '<td class="number" data-value="1234.4">1,234</td>' in markup
    assert '<td class="number">–</td>' in markup
    assert '<td class="number bad" data-value="-0.05">−5.0 %</td>' in markup
    assert '<td class="number" data-value="0">0.0 %</td>' in markup
    assert '<td class="words" data-value="2026-01-05T00:00:00">5 January 2026</td>' in markup
    assert '<span class="mark bad">optimistic</span>' in markup
    assert ">below 1 %</td>" in markup


def test_headings_bear_the_unit_and_tell_browsers_what_they_head() -> None:
    markup = _render()
    assert '<th scope="col" class="number"><span>Amount</span><small>units</small></th>' in markup
    assert "<caption>Caption</caption>" in markup
    assert 'role="region" aria-label="Caption"' in markup


def test_a_total_stands_in_the_foot_and_a_note_below() -> None:
    markup = _render(total={"name": "Total", "amount": 1234.4}, note="Rounded to 1.")
    assert (
        '<tfoot><tr><th scope="row" class="short">Total</th><td class="number" data-value="1234.4">1,234</td>'
        in markup
    )
    assert markup.endswith('<p class="note">Rounded to 1.</p>')


def test_a_cut_table_says_what_it_left_out() -> None:
    assert count_note(12, 40, "store") == "The 12 largest of 40 stores; the others are together in one row."
    assert count_note(12, 12, "store") == ""
