"""Markup: text cannot become code."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from alignment_lib.answers.markup import Html, escape, join, tag


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text())
def test_any_text_comes_back_as_text_in_one_element(text: str) -> None:
    reader = _Reader()
    reader.feed(str(tag("p", text, title=text)))
    reader.close()
    clean = reader.text
    assert [name for name, _ in reader.elements] == ["p"]
    assert dict(reader.elements[0][1])["title"] == clean
    assert len(clean) == len(text)


def test_attributes_may_be_flags_or_absent() -> None:
    assert (
        str(tag("input", disabled=True, value=None, checked=False, data_value=3))
        == '<input disabled data-value="3">'
    )


def test_parts_are_joined_with_strings_escaped_and_none_left_out() -> None:
    assert str(join([Html("<b>"), "<", None], between="&")) == "<b>&amp;&lt;"


def test_forbidden_and_reordering_characters_are_shown_as_replaced() -> None:
    assert escape("a\x00b\u202ec\ud800") == "a\ufffdb\ufffdc\ufffd"


def test_html_shows_itself_in_jupyter_without_an_address() -> None:
    piece = Html("<p>x</p>")
    assert piece._repr_html_() == "<p>x</p>"
    assert repr(piece) == "<Html, 8 characters>"
