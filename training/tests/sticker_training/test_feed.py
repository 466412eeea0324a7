"""Parts come in their order, however many processes make them and wherever a run goes on."""

from __future__ import annotations

import itertools
import os

import pytest
import torch

from valley_training.sticker_training import feed


def numbered(number: int) -> tuple[int, int]:
    return number, os.getpid()


# Of the larger ones shared memory has room for one at a time.
@pytest.mark.parametrize("part_bytes", [16, 2**50])
def test_in_turns_parts_come_in_order_from_processes_that_stay(part_bytes: int) -> None:
    parts = list(itertools.islice(feed.parts_in_turns(numbered, 7, workers=2, part_bytes=part_bytes), 30))
    assert [number for number, _ in parts] == list(range(7, 37))
    makers = {maker for _, maker in parts}
    assert len(makers) == 2
    assert os.getpid() not in makers


def test_turns_leave_the_random_state_as_it_is() -> None:
    torch.manual_seed(0)
    expected = torch.randn(3)
    torch.manual_seed(0)
    for _ in itertools.islice(feed.parts_in_turns(numbered, 0, workers=2, part_bytes=16), 30):
        pass
    assert torch.randn(3).equal(expected)


@pytest.mark.parametrize(
    ("device", "processors", "turns", "processes"),
    [("cpu", 1, True, 1), ("cpu", 2, True, 2), ("cpu", 8, False, 7), ("cuda", 2, False, 1), ("cuda", 16, False, 15)],
)
def test_who_draws_depends_on_what_learns(
    device: str, processors: int, turns: bool, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    assert feed.takes_turns(torch.device(device)) is turns
    assert feed.processes(torch.device(device)) == processes
