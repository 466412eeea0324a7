"""The loop: batches by step, cosine schedule, checkpoints that resume exactly, losses, samples, pieces."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from torch import nn

from valley_training.errors import TrainingError
from valley_training.loop.checkpoint import Checkpoint
from valley_training.loop.loss_log import LossLog
from valley_training.loop.progress import Progress
from valley_training.loop.schedule import Schedule


@dataclass(frozen=True)
class Stage:
    """What the loop runs. `module` and `optimizer` are ready for the accelerator's processes."""

    name: str
    module: nn.Module
    optimizer: Any
    schedule: Schedule
    checkpoint: Checkpoint
    batches: Callable[[int], Iterator[Any]]  # from a step on, one item a step
    backward: Callable[[Any], tuple[float, dict[str, float]]]  # gradients of one step's item; its loss and figures
    evaluate: Callable[[int], None] | None = None  # called after so many steps, with the module in evaluation mode
    evaluate_every: int = 0  # steps; 0 for never
    log_every: int = 10  # steps


@dataclass(frozen=True)
class Pace:
    """When the loop writes and when it ends a piece."""

    checkpoint_seconds: float = 120
    stop_after_seconds: float | None = None


def run_stage(stage: Stage, directory: Path, accelerator: Accelerator, pace: Pace) -> bool:
    """Trains until all steps are done (True) or the piece is over (False: run again to go on).

    Raises TrainingError when the loss or a gradient is not a number; the last checkpoint stays as it was.
    """
    directory.mkdir(parents=True, exist_ok=True)
    schedule, checkpoint = stage.schedule, stage.checkpoint
    step = checkpoint.load(schedule.steps)
    if step >= schedule.steps:
        # What follows draws from where this stage ended, whether it ended now or in an earlier piece.
        checkpoint.restore_random_state()
        return True
    parameters = list(stage.module.parameters())
    batches = stage.batches(step)
    checkpoint.restore_random_state()
    stage.module.train()
    log = LossLog(directory / f"{stage.name}.csv", step)
    started = saved = time.monotonic()
    with closing(Progress(stage.name, step, schedule.steps, accelerator.is_local_main_process)) as progress:
        for batch in batches:
            rate = schedule.rate(step)
            for group in stage.optimizer.param_groups:
                group["lr"] = rate
            loss, figures = stage.backward(batch)
            _require_finite(stage, step, "loss", loss)
            norm = accelerator.clip_grad_norm_(parameters, schedule.clip_norm)
            # A finite loss may have gradients that are not, and those would be in the next checkpoint.
            _require_finite(stage, step, "gradient", _number(norm))
            stage.optimizer.step()
            stage.optimizer.zero_grad(set_to_none=True)
            step += 1
            if step % stage.log_every == 0:
                log.add(step, loss, rate, figures)
            progress.show(step, loss, figures)
            done = step == schedule.steps
            if stage.evaluate is not None and stage.evaluate_every and (step % stage.evaluate_every == 0 or done):
                stage.module.eval()
                stage.evaluate(step)
                stage.module.train()
            now = time.monotonic()
            stop = pace.stop_after_seconds is not None and now - started > pace.stop_after_seconds and not done
            save, stop = _agreed(accelerator, [now - saved > pace.checkpoint_seconds or done, stop])
            if save or stop:
                saved = now
                if accelerator.is_main_process:
                    # Before the checkpoint: rows past it are dropped on resuming, rows before it would be missed.
                    log.write()
                checkpoint.save(step)
            if done or stop:
                if accelerator.is_main_process:
                    log.draw(stage.name)
                return done
    raise AssertionError(f"{stage.name}: the batches ended at step {step} of {schedule.steps}")


def _require_finite(stage: Stage, step: int, what: str, value: float) -> None:
    if math.isfinite(value):
        return
    rate = stage.schedule.learning_rate
    raise TrainingError(
        f"{stage.name}: the {what} is {value} at step {step}; lower the learning rate ({rate}) and run again, "
        f"it goes on from {stage.checkpoint.place}"
    )


def _number(norm: Any) -> float:
    """A norm that FSDP may have left in shares; None where nothing was clipped."""
    if norm is None:
        return 0.0
    return float(norm.full_tensor() if hasattr(norm, "full_tensor") else norm)


def _agreed(accelerator: Accelerator, wishes: list[bool]) -> list[bool]:
    """The main process's wishes: clocks differ, but all must save and stop at one step."""
    if accelerator.num_processes == 1:
        return wishes
    return [bool(wish) for wish in broadcast(torch.tensor(wishes, device=accelerator.device))]
