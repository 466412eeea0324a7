"""Parts of steps, made by many processes: ahead, so that the device never waits, or in turns with a device that is itself made
of the processors."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from valley_training.loop.steps import StepDataset

# Parts go from process to process in shared memory; this much of it is used at most.
_SHARED_MEMORY, _SHARED_MEMORY_SHARE = "/dev/shm", 0.5
_MOST_AHEAD = 4
# Parts that each process makes in its turn. Long turns wait less for the slower process, and give up more when a run is killed.
_A_TURN = 6
_ENDLESS = 2**40


def takes_turns(device: torch.device) -> bool:
    """Whether drawing and learning share two processors. A process beside them makes each of their threads wait for the other
    (a step of the tower 1.38 s with one, 0.91 s drawing in between, measured)."""
    return device.type == "cpu" and _processors() <= 2


def processes(device: torch.device) -> int:
    """As many as there are processors that this process may use, but one: that one feeds the device. All where they take
    turns."""
    return _processors() if takes_turns(device) else max(1, _processors() - 1)


def parts_ahead(part_bytes: int, workers: int, most: int = _MOST_AHEAD) -> int:
    """How many parts each worker may have ready."""
    room = shutil.disk_usage(_SHARED_MEMORY).free if os.path.exists(_SHARED_MEMORY) else 0
    return max(1, min(most, int(room * _SHARED_MEMORY_SHARE / max(1, part_bytes * workers))))


def parts_from(make_part: Callable[[int], Any], first: int, workers: int, part_bytes: int) -> Iterator[Any]:
    """Part after part without an end, from a number on; with 0 workers made in this process."""
    return iter(_loader(make_part, first, workers, parts_ahead(part_bytes, workers) if workers else None))


def parts_in_turns(make_part: Callable[[int], Any], first: int, workers: int, part_bytes: int) -> Iterator[Any]:
    """The same parts, some at a time: whoever asks for the first of them waits until all are made, and the workers rest until
    they are used up."""
    each = parts_ahead(part_bytes, workers, _A_TURN)
    loader = _loader(make_part, first, workers, each, sampler=_Turns(each * workers), persistent_workers=True)
    while True:
        yield from list(loader)


def _loader(make_part: Callable[[int], Any], first: int, workers: int, ahead: int | None, **options: Any) -> DataLoader[Any]:
    """Its generator is its own, as loaders draw a seed each time that they are gone through: what a run draws must depend
    neither on who makes its parts nor on where it was cut."""
    return DataLoader(
        StepDataset(make_part, first, _ENDLESS),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=ahead,
        multiprocessing_context="fork" if workers else None,
        generator=torch.Generator(),
        **options,
    )


class _Turns(Sampler[int]):
    """Numbers from 0 on, `count` each time that it is gone through."""

    def __init__(self, count: int) -> None:
        self._count, self._numbers = count, itertools.count()

    def __iter__(self) -> Iterator[int]:
        return itertools.islice(self._numbers, self._count)

    def __len__(self) -> int:
        return self._count


def _processors() -> int:
    return len(os.sched_getaffinity(0))
