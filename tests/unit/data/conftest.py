"""The committed demo, drawn once."""

import pytest

from data.generator import Demo, draw_demo


@pytest.fixture(scope="session")
def demo() -> Demo:
    return draw_demo()
