"""A worker's kernel: kept for the next unit, closed where its report failed, begun anew where it died."""

from __future__ import annotations

import pytest

from alignment_lib.app.batches import kept_kernel


class FakeKernel:
    """Tells what was done with it."""

    def __init__(self) -> None:
        self.is_closed, self.is_dead, self.can_be_cleared = False, False, True

    def is_alive(self) -> bool:
        return not self.is_dead

    def clear(self) -> bool:
        return self.can_be_cleared

    def close(self) -> None:
        self.is_closed = True

    def __enter__(self) -> FakeKernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_kernel, "ReportKernel", FakeKernel)
    monkeypatch.setattr(kept_kernel, "_kept", [])
    monkeypatch.setattr(kept_kernel, "_end_with_process", lambda: None)


def lent(*, keep: bool = True) -> FakeKernel:
    with kept_kernel.lend_kernel(keep=keep) as kernel:
        assert isinstance(kernel, FakeKernel)
        assert not kernel.is_closed
    return kernel


def test_one_kernel_serves_unit_after_unit() -> None:
    assert lent() is lent()
    assert not lent().is_closed


def test_a_lone_unit_closes_its_own() -> None:
    assert lent(keep=False).is_closed
    assert lent(keep=False) is not lent(keep=False)


def test_a_kernel_whose_report_failed_is_not_lent_again() -> None:
    with pytest.raises(ValueError, match="report"), kept_kernel.lend_kernel(keep=True) as failed:
        raise ValueError("report")
    assert failed.is_closed  # type: ignore[attr-defined]
    assert lent() is not failed


def test_one_that_died_meanwhile_or_cannot_be_cleared_is_replaced() -> None:
    first = lent()
    first.is_dead = True
    second = lent()
    assert second is not first
    assert first.is_closed
    second.can_be_cleared = False
    assert lent() is second
    assert second.is_closed
    assert lent() is not second
