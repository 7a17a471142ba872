"""Names that look alike: a hundred ways to write one name twice, all found; what differs is left alone."""

from __future__ import annotations

import unicodedata

import pytest

from alignment_lib.inputs.checking.look_alikes import describe_spelling, find_look_alikes, skeleton

UNSEEN = {
    "zero-width space": "\u200b",
    "zero-width joiner": "\u200d",
    "zero-width non-joiner": "\u200c",
    "soft hyphen": "\u00ad",
    "byte-order mark": "\ufeff",
    "left-to-right mark": "\u200e",
    "word joiner": "\u2060",
    "variation selector": "\ufe0f",
    "right-to-left override": "\u202e",
    "grapheme joiner": "\u034f",
}
BLANKS = ["\u00a0", "\u202f", "\u2009", "\u3000", "\u2003", "\t"]
ALPHABETS = {
    **dict(
        zip(
            "AaBCcEeHIiKMOoPpSsTXxyjN",
            "\u0410\u0430\u0412\u0421\u0441\u0415\u0435\u041d\u0406\u0456"
            "\u041a\u041c\u041e\u043e\u0420\u0440\u0405\u0455\u0422\u0425\u0445\u0443\u0458\u039d",
            strict=True,
        )
    ),
}
GREEK = dict(
    zip(
        "ABEZHIKMNOPTYXo",
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
        strict=True,
    )
)
ACCENTS = [
    *(
        "caf\u00e9",
        "m\u00fcsli",
        "ni\u00f1o",
        "fa\u00e7ade",
        "sm\u00f8r\u00e5",
        "\u010daj",
        "\u0141\u00f3d\u017a",
    ),
    *("\u1ebf", "Ti\u1ebfng", "\u00c5r", "\u00e0 la"),
]


def hundred() -> list[tuple[str, str]]:
    """Pairs of spellings of one name."""
    pairs = [(f"House {name}", f"Hou{mark}se {name}") for name, mark in UNSEEN.items()]
    pairs += [(f"Tea {name}", f"Tea {name}{mark}") for name, mark in UNSEEN.items()]
    pairs += [(f"Green tea {at}", f"Green{mark}tea {at}") for at, mark in enumerate(BLANKS)]
    pairs += [
        (f"{latin}-{at} box", f"{other}-{at} box") for at, (latin, other) in enumerate(ALPHABETS.items())
    ]
    pairs += [(f"Pot {latin}{at}", f"Pot {other}{at}") for at, (latin, other) in enumerate(GREEK.items())]
    composed = [(word, unicodedata.normalize("NFD", word)) for word in ACCENTS]
    pairs += [pair for pair in composed if pair[0] != pair[1]]
    wide = {ord(mark): ord(mark) + 0xFEE0 for mark in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"}
    pairs += [(f"SKU {at}", f"SKU {at}".translate(wide)) for at in range(10)]
    pairs += [(f"Roast {at}", f"ROAST {at}") for at in range(8)] + [
        (f"Cup {at}", f"Cup  {at}") for at in range(8)
    ]
    pairs += [
        ("\ufb01lter", "filter"),
        ("Jus d\u2019orange", "Jus d'orange"),
        ("Well\u2010being", "Well-being"),
    ]
    return pairs


def test_there_are_a_hundred() -> None:
    assert len(hundred()) >= 100


@pytest.mark.parametrize("pair", hundred(), ids=lambda pair: ascii(pair[1]))
def test_each_is_found_with_both_spellings_and_their_rows(pair: tuple[str, str]) -> None:
    first, second = pair
    found = find_look_alikes({first: 7, second: 2, "Something else": 3})
    assert [one.spellings for one in found] == [((first, 7), (second, 2))]
    assert "(7 rows)" in found[0].listed
    assert "(2 rows)" in found[0].listed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SKU 10", "SKU lO"),
        ("A1", "Al"),
        ("Kola", "K\u00f6la"),
        ("Lodz", "\u0141\u00f3d\u017a"),
        ("Tea", "Ten"),
        ("250 g", "500 g"),
        ("Size S", "Size 5"),
        ("m", "rn"),
    ],
)
def test_names_that_differ_are_left_alone(one: str, other: str) -> None:
    assert find_look_alikes({one: 1, other: 1}) == []


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        *(
            (f"Shop{mark}floor", "Shopfloor")
            for mark in "\x07\x1b\x7f\u17b4\u180b\u2065\u2800\uffa0\U000e0101"
        ),
        ("Green tea", "Green\ttea"),
        ("glass", "\u0261lass"),
        ("Mocca", "Mocc\u0251"),
        ("Shop", "Sh\u1d0fp"),
        ("refill", "re\ufb01ll"),
    ],
    ids=ascii,
)
def test_what_no_program_draws_and_phonetic_letters_are_hidden_differences(plain: str, other: str) -> None:
    found = find_look_alikes({plain: 3, other: 1})
    assert [one.is_hidden for one in found] == [True]
    assert "U+" in found[0].listed


@pytest.mark.parametrize(
    ("one", "other"),
    [("\u0130ZM\u0130R", "izmir"), ("I\u015eIK", "\u0131\u015f\u0131k"), ("Stra\u00dfe", "STRASSE")],
)
def test_small_letters_of_every_language_are_a_difference_in_case(one: str, other: str) -> None:
    assert [found.is_hidden for found in find_look_alikes({one: 1, other: 1})] == [False]


def test_only_what_the_eye_sees_is_no_hidden_difference() -> None:
    assert [one.is_hidden for one in find_look_alikes({"Web": 1, "web": 1})] == [False]
    assert [one.is_hidden for one in find_look_alikes({"New York": 1, "NewYork": 1})] == [False]
    assert [one.is_hidden for one in find_look_alikes({"New York": 1, "New\u00a0York": 1})] == [True]


def test_a_skeleton_is_its_own_skeleton() -> None:
    for first, second in hundred():
        assert skeleton(skeleton(first)) == skeleton(first) == skeleton(second)


def test_what_is_not_seen_is_written_out() -> None:
    assert describe_spelling("Hou\u200bse") == "'House' with U+200B ZERO WIDTH SPACE"
    assert describe_spelling("K\u043ela") == "'K\u043ela' with U+043E CYRILLIC SMALL LETTER O"
    assert describe_spelling("caf\u00e9") == "'caf\u00e9'"
