"""Parts of steps, made ahead by many processes, so that the device never waits."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from valley_training.loop.steps import StepDataset

# Parts go from process to process in shared memory; this much of it is used at most.
_SHARED_MEMORY, _SHARED_MEMORY_SHARE = "/dev/shm", 0.5
_MOST_AHEAD = 4
_ENDLESS = 2**40


def processes(device: torch.device) -> int:
    """As many as there are processors that this process may use, but one: that one feeds the device. None where the device
    is two processors: a process beside them makes each of their threads wait for the other (a step of the tower 1.38 s with
    one, 0.91 s drawing in between, measured)."""
    count = len(os.sched_getaffinity(0))
    return 0 if device.type == "cpu" and count <= 2 else max(1, count - 1)


def parts_ahead(part_bytes: int, workers: int) -> int:
    """How many parts each worker may have ready."""
    room = shutil.disk_usage(_SHARED_MEMORY).free if os.path.exists(_SHARED_MEMORY) else 0
    return max(1, min(_MOST_AHEAD, int(room * _SHARED_MEMORY_SHARE / max(1, part_bytes * workers))))


def parts_from(make_part: Callable[[int], Any], first: int, workers: int, part_bytes: int) -> Iterator[Any]:
    """Part after part without an end, from a number on; with 0 workers made in this process."""
    loader = DataLoader(
        StepDataset(make_part, first, _ENDLESS),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=parts_ahead(part_bytes, workers) if workers else None,
        multiprocessing_context="fork" if workers else None,
        pin_memory=False,
    )
    return iter(loader)
