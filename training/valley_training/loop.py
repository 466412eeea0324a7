"""The loop that all stages share: batches by step number, cosine schedule, checkpoints that resume exactly, a CSV of the
loss and one progress line with ETA. A batch depends on nothing but its step, so the data position is the step itself."""

from __future__ import annotations

import csv
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from valley_training.optimizer import Optimizers, build_optimizer


class TrainingError(RuntimeError):
    """Something a person can act on: what was seen, what is allowed, what to do."""


@dataclass(frozen=True)
class Schedule:
    """Peak learning rate after `warmup_steps`, then cosine to `final_share` of it at `steps`."""

    steps: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float = 0.05
    final_share: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    clip_norm: float = 1.0
    optimizer: Literal["adamw", "muon"] = "adamw"

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        share = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return self.learning_rate * (self.final_share + (1 - self.final_share) * 0.5 * (1 + math.cos(math.pi * share)))


class StepDataset(Dataset[Any]):
    """One item a step: whatever `make_batch(step)` gives."""

    def __init__(self, make_batch: Callable[[int], Any], first: int, last: int) -> None:
        self.make_batch, self.first, self.last = make_batch, first, last

    def __len__(self) -> int:
        return self.last - self.first

    def __getitem__(self, index: int) -> Any:
        return self.make_batch(self.first + index)


def run_stage(
    name: str,
    directory: Path,
    module: nn.Module,
    make_batch: Callable[[int], Any],
    loss_of: Callable[[Any], tuple[Tensor, dict[str, float]]],
    schedule: Schedule,
    *,
    checkpoint_seconds: float = 120,
    stop_after_seconds: float | None = None,
    data_workers: int = 1,
) -> bool:
    """Trains the parameters of `module` that require a gradient.

    Resumes from `directory/<name>.pt` when it is there. Returns True when all steps are done, False when
    `stop_after_seconds` ended the piece before that (run again to go on).
    Raises TrainingError when the loss is not a number; the last checkpoint stays as it was.
    """
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{name}.pt"
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = build_optimizer(module, schedule)
    step = _resume(path, module, optimizer, schedule.steps) if path.exists() else 0
    if step >= schedule.steps:
        return True
    loader = DataLoader(
        StepDataset(make_batch, step, schedule.steps),
        batch_size=None,
        num_workers=data_workers,
        prefetch_factor=4 if data_workers else None,
        multiprocessing_context="fork" if data_workers else None,
    )
    module.train()
    started = saved = shown = time.monotonic()
    first = step
    with (directory / f"{name}.csv").open("a", newline="") as log:
        rows = csv.writer(log)
        for batch in loader:
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate(step)
            loss, figures = loss_of(batch)
            if not torch.isfinite(loss):
                raise TrainingError(
                    f"{name}: the loss is {loss.item()} at step {step}; lower the learning rate "
                    f"({schedule.learning_rate}) and run again, it goes on from {path}"
                )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, schedule.clip_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            step += 1
            now = time.monotonic()
            if step % 10 == 0:
                rows.writerow([step, f"{loss.item():.5f}", *(f"{key}={value:.4f}" for key, value in figures.items())])
            if now - shown > 10 or step == schedule.steps:
                shown = now
                log.flush()
                left = (schedule.steps - step) * (now - started) / (step - first)
                words = " ".join(f"{key} {value:.3f}" for key, value in figures.items())
                print(
                    f"{name} {step}/{schedule.steps} loss {loss.item():.4f} {words} ETA {left / 60:.1f} min",
                    file=sys.stderr,
                    flush=True,
                )
            if now - saved > checkpoint_seconds or step == schedule.steps:
                saved = now
                _save(path, module, optimizer, step)
            if stop_after_seconds is not None and now - started > stop_after_seconds and step < schedule.steps:
                _save(path, module, optimizer, step)
                return False
    return True


def _save(path: Path, module: nn.Module, optimizer: Optimizers, step: int) -> None:
    """Writes beside the old checkpoint and renames, so that a full disk or a kill leaves the last good one."""
    temporary = path.with_suffix(".pt.part")
    torch.save(
        {
            "module": module.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": step,
            "rng": torch.get_rng_state(),
        },
        temporary,
    )
    os.replace(temporary, path)


def _resume(path: Path, module: nn.Module, optimizer: Optimizers, steps: int) -> int:
    """Steps done. A finished stage needs no optimizer any more, so it may have been trained with another one."""
    try:
        state = torch.load(path, weights_only=True)
        module.load_state_dict(state["module"])
        if int(state["step"]) < steps:
            optimizer.load_state_dict(state["optimizer"])
    except (RuntimeError, KeyError, ValueError) as error:
        raise TrainingError(f"{path} does not fit this configuration ({error}); move it away to begin anew") from error
    torch.set_rng_state(state["rng"])
    return int(state["step"])
