"""Workers of a cluster must be as the process that sends them work."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from alignment_lib.app.batches.worker_versions import (
    WorkerRefused,
    check_versions,
    differing_workers,
    own_versions,
)


def _client(answers: dict[str, object]) -> SimpleNamespace:
    return SimpleNamespace(run=lambda function, on_error: answers)


def test_workers_alike_are_taken() -> None:
    assert (
        differing_workers(_client({"tcp://a": dict(own_versions()), "tcp://b": dict(own_versions())})) == []
    )
    check_versions(None)
    check_versions(dict(own_versions()))


@pytest.mark.parametrize("name", ["python", "numpy", "alignment_lib", "code of alignment_lib"])
def test_a_worker_of_another_version_is_named_with_both(name: str) -> None:
    other = dict(own_versions()) | {name: "0.1"}
    told = differing_workers(_client({"tcp://a": dict(own_versions()), "tcp://b": other}))
    assert told == [f"worker tcp://b has {name} 0.1 instead of {own_versions()[name]}"]
    with pytest.raises(WorkerRefused, match=f"{name} .* instead of 0.1") as refused:
        check_versions(other)
    assert refused.value.exit_code == 2


def test_a_worker_that_cannot_load_the_library_is_named() -> None:
    told = differing_workers(_client({"tcp://a": ModuleNotFoundError("alignment_lib")}))
    assert told == ["worker tcp://a cannot load this library (ModuleNotFoundError)"]
