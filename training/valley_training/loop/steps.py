"""Batches by step number: a batch depends on nothing but its step, so the data position is the step itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset


class StepDataset(Dataset[Any]):
    """One item a step: whatever `make_batch(step)` gives."""

    def __init__(self, make_batch: Callable[[int], Any], first: int, last: int) -> None:
        self.make_batch, self.first, self.last = make_batch, first, last

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, index: int) -> Any:
        return self.make_batch(self.first + index)


def batches_by_step(make_batch: Callable[[int], Any], first: int, last: int, workers: int = 1) -> Iterator[Any]:
    """Batches of the steps from `first` to `last`, exclusive, made ahead in `workers` processes (0: in this one)."""
    loader = DataLoader(
        StepDataset(make_batch, first, last),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        multiprocessing_context="fork" if workers else None,
    )
    return iter(loader)
