"""The loop of one stage: parts come in, the clock says how fast to learn and when to stop, checkpoints resume exactly."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn

from valley_training.errors import TrainingError
from valley_training.loop.checkpoint import FileCheckpoint
from valley_training.loop.device import to_device
from valley_training.loop.loss_log import LossLog
from valley_training.loop.schedule import Schedule
from valley_training.optimizer import Optimizers, build_optimizer
from valley_training.sticker_training.clock import StageClock
from valley_training.sticker_training.config import StageSettings
from valley_training.sticker_training.shards import take_up_weights

_CLIP_NORM = 1.0
_LOG_EVERY_STEPS, _SHOW_EVERY_SECONDS = 20, 10.0
_FOR_EVER = 2**40
# Features are long and embeddings short, so the projector's weights are some ten times smaller than others.
_SLOW = ("projector.", "mm_projector.")


@dataclass(frozen=True)
class TimedStage:
    """A stage: what learns, how, and from what. `parts` gives parts from a number on; `loss` takes the parts of a step
    that have to be seen together (`together`), else one after another. `samples` writes answers down after each piece."""

    name: str
    module: nn.Module
    settings: StageSettings
    parts: Callable[[int], Iterator[Any]]
    loss: Callable[[Any], tuple[Tensor, dict[str, float]]]
    together: Callable[[list[Any]], Any] | None = None
    samples: Callable[[int], None] | None = None


# How a stage ended: over before anything was done, over now, or stopped by the clock.
Ending = Literal["was over", "over", "stopped"]


def run_timed_stage(
    stage: TimedStage, directory: Path, device: torch.device, until: float, checkpoint_seconds: float
) -> Ending:
    """Learns until the stage is over or the clock `time.monotonic` passes `until`; a step at least."""
    optimizer = build_optimizer(stage.module.to(device), _schedule(stage.settings), _SLOW)
    checkpoint = FileCheckpoint(directory / f"{stage.name}.pt", stage.module, optimizer)
    clock = StageClock(stage.settings, directory / f"{stage.name}-clock.json")
    take_up_weights(stage.name, stage.module, checkpoint, directory)
    step = checkpoint.load(_FOR_EVER if clock.end is None else clock.end)
    if clock.is_done(step):
        checkpoint.restore_random_state()
        return "was over"
    log = LossLog(directory / f"{stage.name}.csv", step)
    parts = stage.parts(step * stage.settings.parts)
    checkpoint.restore_random_state()
    stage.module.train()
    started = last = saved = shown = time.monotonic()
    waited = 0.0
    while True:
        batch = [next(parts) for _ in range(stage.settings.parts)]
        waited += time.monotonic() - last
        rate = clock.rate(step)
        loss, figures, norm = _gradients(stage, batch, rate, optimizer, device)
        # A finite loss may have gradients that are not, and those would be in the next checkpoint.
        for what, value in (("loss", loss), ("gradient", norm)):
            if not math.isfinite(value):
                raise TrainingError(
                    f"{stage.name}: the {what} is {value} at step {step}; lower the learning rate "
                    f"({stage.settings.learning_rate:g}) and run again, it goes on from {checkpoint.place}"
                )
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        now = time.monotonic()
        clock.pass_time(now - last, step)
        last = now
        if step % _LOG_EVERY_STEPS == 0:
            log.add(step, loss, rate, figures)
        done, stop = clock.is_done(step), now >= until
        if now - shown > _SHOW_EVERY_SECONDS or done or stop:
            words = " ".join(f"{name} {value:.3f}" for name, value in figures.items())
            left, starved = clock.seconds_left(step), waited / (now - started)
            line = f"{stage.name} {step} loss {loss:.4f} {words} rate {rate:.2g} waited {starved:.0%} left {left:.0f} s"
            print(line, file=sys.stderr, flush=True)
            shown = now
        if done or stop or now - saved > checkpoint_seconds:
            log.write()
            checkpoint.save(step)
            clock.save()
            saved = last = time.monotonic()
        if done or stop:
            log.draw(stage.name)
            if stage.samples is not None:
                stage.samples(step)
            return "over" if done else "stopped"


def _gradients(
    stage: TimedStage, parts: list[Any], rate: float, optimizer: Optimizers, device: torch.device
) -> tuple[float, dict[str, float], float]:
    """Those of one step, clipped; loss and figures as means over its parts, and the norm before clipping."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]
    batches = [stage.together(parts)] if stage.together is not None else parts
    losses: list[float] = []
    shown: list[dict[str, float]] = []
    for batch in batches:
        loss, figures = stage.loss(to_device(batch, device))
        (loss / len(batches)).backward()
        losses.append(loss.item())
        shown.append(figures)
    norm = nn.utils.clip_grad_norm_([one for one in stage.module.parameters() if one.requires_grad], _CLIP_NORM)
    mean = {name: sum(figures[name] for figures in shown) / len(shown) for name in shown[0]}
    return sum(losses) / len(losses), mean, norm.item()


def _schedule(settings: StageSettings) -> Schedule:
    """What build_optimizer asks for; the rate of a step comes from the clock."""
    return Schedule(
        max(1, settings.steps),
        settings.learning_rate,
        settings.warmup_steps,
        weight_decay=settings.weight_decay,
        optimizer=settings.optimizer,
        adamw_share=settings.adamw_share,
    )
