"""Batches of rows: an order that depends on the seed alone, clips decoded as they are needed, and each clip's sample kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from valley_training.data.dialogue import IGNORED
from valley_training.data.pixels import resize_and_crop, to_pixel_values
from valley_training.errors import TrainingError
from valley_training.recipe.config import Pixels
from valley_training.recipe.rows import Clip, Row, RowSource

NO_SAMPLE = -1  # of a clip that belongs to no sample

Batch = dict[str, Any]


class RowDataset(Dataset[Any]):
    """What `prepare` makes of each row. A row that cannot be used comes as its error: raised in a worker process, it would
    lose its words in a stack."""

    def __init__(self, rows: RowSource, prepare: Callable[[Row], Any]) -> None:
        self._rows, self._prepare = rows, prepare

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Any:
        try:
            return self._prepare(self._rows[index])
        except TrainingError as error:
            return error


class StepOrder:
    """Numbers of rows, `micro_batch` at a time, from a step on. Each epoch is a shuffle of its own; the order goes on over
    the ends of epochs. Accelerate deals the micro-batches out to the processes."""

    drop_last = False

    def __init__(self, rows: int, batch: int, micro_batch: int, seed: int, first: int, last: int) -> None:
        self._rows, self._seed = rows, seed
        self._begin, self._end = first * batch, last * batch
        self.batch_size = micro_batch

    def __len__(self) -> int:
        return (self._end - self._begin) // self.batch_size

    def __iter__(self) -> Iterator[list[int]]:
        numbers = self._numbers()
        for _ in range(len(self)):
            yield list(islice(numbers, self.batch_size))

    def _numbers(self) -> Iterator[int]:
        epoch, offset = divmod(self._begin, self._rows)
        while True:
            order = np.random.default_rng([self._seed, epoch]).permutation(self._rows)
            yield from order[offset:].tolist()
            epoch, offset = epoch + 1, 0


def step_batches(
    accelerator: Accelerator,
    dataset: RowDataset,
    collate: Callable[[list[Any]], Batch],
    order: StepOrder,
    micro_batches: int,
    workers: int,
) -> Iterator[list[Batch]]:
    """For each step this process's micro-batches, on its device."""

    def checked(items: list[Any]) -> Any:
        return next((item for item in items if isinstance(item, TrainingError)), None) or collate(items)

    loader = DataLoader(
        dataset,
        batch_sampler=order,  # type: ignore[arg-type]
        collate_fn=checked,
        num_workers=workers,
        multiprocessing_context="fork" if workers else None,
        # A loader draws a number when it begins; drawn from the global state, a resumed run would have drawn once more.
        generator=torch.Generator(),
    )
    return _steps(iter(accelerator.prepare(loader)), micro_batches)


def _steps(batches: Iterator[Any], micro_batches: int) -> Iterator[list[Batch]]:
    while True:
        step = list(islice(batches, micro_batches))
        if not step:
            return
        for batch in step:
            if isinstance(batch, TrainingError):
                raise batch
        yield step


def clip_pictures(clip: Clip, frames: int, pixels: Pixels, side: int) -> Tensor:
    """Pictures of a clip as the tower takes them, uint8 [T, side, side, 3]."""
    settings = pixels.video if clip.kind == "video" else pixels.image
    squares = [resize_and_crop(picture, settings.resize, side, settings.filter) for picture in clip.pictures(frames)]
    return torch.from_numpy(np.stack(squares))


def pad_tokens(samples: list[tuple[list[int], list[int]]], padding: int) -> Batch:
    """Ids and labels of different lengths as one batch, right padded: [B, S]."""
    length = max(len(ids) for ids, _ in samples)
    token_ids = [[*ids, *[padding] * (length - len(ids))] for ids, _ in samples]
    labels = [[*targets, *[IGNORED] * (length - len(targets))] for _, targets in samples]
    return {"token_ids": torch.tensor(token_ids), "labels": torch.tensor(labels)}


def add_clips(batch: Batch, clips: list[Tensor | None], side: int) -> Batch:
    """The clips of a batch, one after the other: pixel values [sum of T, 3, side, side], each clip's frames, and the sample
    that it belongs to. Where no sample has a clip, a black picture of none stands in: every process must run through the
    same layers, and those without data would let the others wait for ever."""
    seen = [(index, clip) for index, clip in enumerate(clips) if clip is not None]
    if not seen:
        seen = [(NO_SAMPLE, torch.zeros(1, side, side, 3, dtype=torch.uint8))]
    frames = torch.cat([clip for _, clip in seen])
    return batch | {
        "pixel_values": to_pixel_values(frames),
        "clip_frames": torch.tensor([len(clip) for _, clip in seen]),
        "clip_samples": torch.tensor([index for index, _ in seen]),
    }
