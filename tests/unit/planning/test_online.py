"""Online sales are told by the words of a name, never by a part of a word."""

from __future__ import annotations

import pandas as pd
import pytest

from alignment_lib.planning.register.online import is_online, online_series


@pytest.mark.parametrize(
    ("name", "online"),
    [
        ("web", True),
        ("Mobile app", True),
        ("E-commerce", True),
        ("Apple", False),
        ("cobweb", False),
        ("", False),
    ],
)
def test_a_name_is_online_by_its_words(name: str, online: bool) -> None:
    assert is_online(name) is online


def test_a_series_is_online_by_any_of_its_dimensions() -> None:
    keys = pd.DataFrame({"product": ["App stand", "Beans", "Beans"], "channel": ["shop", "web", "shop"]})
    assert online_series(keys).tolist() == [True, True, False]
