"""The meeting pack: agenda with chart, question and options, house rules, and the sheet to fill in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from alignment_lib.answers.answer import Answer
from alignment_lib.answers.charts.notation import Chart
from alignment_lib.answers.claims.decided import earlier_table, sheet_table
from alignment_lib.answers.markup import Html, join, tag
from alignment_lib.answers.notebook_frame import framed
from alignment_lib.answers.past.groups import proposed_table, standing_table
from alignment_lib.answers.plan.agenda import agenda, say_stake
from alignment_lib.answers.tables import list_rows, render_tables
from alignment_lib.answers.wording import Scale, choose_scale, write_date
from alignment_lib.publishing.plain_page import PagePart, render_page
from alignment_lib.publishing.workbook_cells import make_styles, open_book, put_text, write_table
from alignment_lib.rounds.files.atomic_files import replace_file
from alignment_lib.rounds.files.saving import hold_saves

__all__ = ["MeetingPack", "render_decisions", "render_groups", "render_items", "render_pack", "render_rules",
           "render_sheet"]  # fmt: skip

_STYLE = """\
.agenda-item h3 { margin-top: 1.6rem; }
.agenda-item .stake { color: var(--muted); font-size: .9rem; }
.agenda-item .question { font-weight: 600; max-width: none; }
.agenda-item ol { margin: .3rem 0 .6rem 1.2rem; padding: 0 0 0 .6rem; }
.agenda-item .write { border: 1px solid var(--rule); min-height: 2.6rem; padding: .35rem .6rem;
  color: var(--muted); font-size: .82rem; margin: .4rem 0 0; max-width: none; }
.fill td, .fill tbody th { height: 2.4rem; }
@media print {
  .agenda-item { break-inside: avoid; } .agenda-item .write { min-height: 9mm; }
  .agenda-item .stake, .agenda-item .write { font-size: 8.5pt; }
  .fill td, .fill tbody th { height: 9mm; } #agenda, #decisions { break-before: page; }
}
"""


@dataclass(frozen=True)
class MeetingPack:
    """Everything a moderator brings to the table.

    Attributes
    ----------
    business, unit, round, currency : str
        Whose meeting, of which round, in which money.
    as_of : Timestamp
        The day it was worked out on.
    minutes : int
        Length of the meeting.
    agenda : DataFrame
        `meeting_agenda`.
    charts : dict of int to Chart
        One per agenda item, by its place.
    rules : sequence of str
        House rules.
    decisions : DataFrame
        `decision_sheet` with ``became``: what became of it, in words.
    groups : DataFrame
        `workgroup_status`.
    proposed : DataFrame
        `propose_workgroups`.
    notices : sequence of str
        What did not fit, what could not be measured.
    factors : Html
        The six factors, as the report shows them; blank where they were not gone through.
    spend : Html
        Marketing's money: of the last round and of this one; blank without a spend table.
    title : str
        The round with its days, where its name alone does not say them.
    """

    business: str
    unit: str
    round: str
    currency: str
    as_of: pd.Timestamp
    minutes: int
    agenda: pd.DataFrame
    charts: Mapping[int, Chart]
    rules: Sequence[str]
    decisions: pd.DataFrame
    groups: pd.DataFrame
    proposed: pd.DataFrame
    notices: Sequence[str] = field(default=())
    factors: Html = field(default=Html(""))
    spend: Html = field(default=Html(""))
    title: str = ""

    def save(self, folder: str | Path) -> tuple[Path, ...]:
        """Write the printable page and the sheet to fill in into a folder, made where it is missing."""
        place = Path(folder)
        files = {"meeting.html": render_pack(self), "decisions.xlsx": render_sheet(self)}
        with hold_saves(place):
            for name, content in files.items():
                replace_file(place / name, content)
        return tuple(place / name for name in files)

    def _repr_html_(self) -> str:
        """The agenda in one view, then item by item."""
        notes = [tag("p", text, class_="note") for text in self.notices]
        return str(framed(_ask(self).to_html(("sentence", "table")), *render_items(self), *notes))


def render_pack(pack: MeetingPack) -> bytes:
    """The printable page: rules, agenda, decision sheet, working groups."""
    view = _ask(pack)
    items, said = render_items(pack), [tag("p", text, class_="note") for text in pack.notices]
    decided, groups = (
        render_decisions(pack.decisions, pack.currency),
        render_groups(pack.groups, pack.proposed),
    )
    parts = [
        PagePart("rules", "House rules", [render_rules(pack.rules), view.to_html(("table",))]),
        PagePart("agenda", "Agenda", [*(items or [tag("p", "Nothing is open.")]), *said]),
        *([PagePart("factors", "Has anything been forgotten?", [pack.factors])] if pack.factors else []),
        *([PagePart("spend", "Marketing's money", [pack.spend])] if pack.spend else []),
        PagePart("decisions", "Decision sheet", [decided]),
        PagePart("groups", "Working groups", [groups]),
    ]
    facts = [
        ("Meeting", pack.title or pack.round),
        ("As of", write_date(pack.as_of)),
        ("Time", f"{pack.minutes} minutes"),
    ]
    lead = [tag("p", view.sentence, class_="lead")]
    return render_page(f"Planning meeting {pack.round}", pack.business, facts, lead, parts, _STYLE)


def _ask(pack: MeetingPack) -> Answer:
    return agenda(pack.agenda, pack.round, pack.currency, pack.minutes)


def render_rules(rules: Sequence[str]) -> Html:
    """The rules, read out at the opening."""
    return tag("ol", *(tag("li", rule) for rule in rules))


def render_items(pack: MeetingPack) -> list[Html]:
    """Each item: its stake and time box, its chart, the question, the options, room for the decision."""
    money = choose_scale(pack.agenda["money"], pack.currency)
    return [_item(row, pack.charts.get(int(row["place"])), money) for row in list_rows(pack.agenda)]


def _item(row: Mapping[str, Any], chart: Chart | None, money: Scale) -> Html:
    options = [option for option in str(row["options"]).split("\n") if option]
    return tag(
        "article",
        tag("h3", f"{row['place']}. {row['title']}"),
        tag("p", say_stake(row, money), class_="stake"),
        chart.to_html() if chart is not None else None,
        tag("p", str(row["question"]), class_="question"),
        tag("ol", *(tag("li", option) for option in options), type="A"),
        tag("p", "Decision, owner role, due:", class_="write"),
        class_="agenda-item",
    )


def render_decisions(decisions: pd.DataFrame, currency: str) -> Html:
    """Earlier decisions with what became of them, then rows to write on."""
    blank = sheet_table(decisions, currency)
    note = (
        "The same sheet is the workbook decisions.xlsx; filled in and laid into the workspace it is the "
        "table of decisions that the next round opens with."
    )
    said = [tag("p", note, class_="note")] if blank is not None else []
    return join([*render_tables(earlier_table(decisions, currency), blank), *said])


def render_groups(status: pd.DataFrame, proposed: pd.DataFrame) -> Html:
    """Working groups with the light of their own figure, and charters the review proposes."""
    parts = render_tables(standing_table(status), proposed_table(proposed))
    return join(parts or [tag("p", "There is no working group, and the review proposes none.")])


def render_sheet(pack: MeetingPack) -> bytes:
    """The workbook to fill in: sheet ``decisions`` in the columns of the table, then agenda, rules, groups.

    Laid into the workspace as ``decisions.xlsx`` it is the next round's table of decisions. Every text is
    inert.
    """
    buffer = io.BytesIO()
    book = open_book(buffer, f"Meeting {pack.round}", pack.as_of)
    styles = make_styles(book)
    columns = ["decision", "round", "date", "text", "assumptions", "expected_effect", "owner", "due"]
    # Empty rows stay empty: a half-filled one would not be read.
    rows = pack.decisions.loc[pack.decisions["state"] != "new", [*columns, "status", "outcome"]]
    sheet = book.add_worksheet("decisions")
    write_table(sheet, rows, styles, f"Decisions {pack.round}")
    states = {"validate": "list", "source": ["open", "done", "dropped"]}
    sheet.data_validation(1, 8, len(rows) + 40, 8, states)
    fresh = pack.decisions.loc[pack.decisions["state"] == "new", "decision"]
    if len(fresh):
        sheet.write_comment(0, 0, f"New decisions are named {fresh.iloc[0]} and on, round {pack.round}.")
    named = ["place", "topic", "title", "money", "question", "options", "minutes", "owner", "ids"]
    agenda = pack.agenda[named]
    write_table(book.add_worksheet("agenda"), agenda, styles, f"Agenda {pack.round}")
    rules = book.add_worksheet("house rules")
    rules.set_column(0, 0, 100)
    for number, rule in enumerate(pack.rules):
        put_text(rules, number, 0, rule, styles["wrapped"], styles["quoted"])
    if len(pack.groups):
        kept = [name for name in pack.groups if name not in ("latest_on",)]
        write_table(book.add_worksheet("working groups"), pack.groups[kept], styles, "Working groups")
    if len(pack.proposed):
        write_table(book.add_worksheet("proposed groups"), pack.proposed, styles, "Proposed groups")
    book.close()
    return buffer.getvalue()
