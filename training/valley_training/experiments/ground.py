"""What all runs stand on: configuration, folder, device, tokenizer and clips."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from tokenizers import Tokenizer
from torch import Tensor, nn

from valley_training.errors import TrainingError
from valley_training.experiments.clips import Clips, open_clips
from valley_training.experiments.config import ExperimentConfig
from valley_training.experiments.tokens import open_tokenizer
from valley_training.loop.checkpoint import FileCheckpoint
from valley_training.loop.device import to_device
from valley_training.loop.files import replace_file
from valley_training.loop.run_stage import Pace, Stage, run_stage
from valley_training.loop.schedule import Schedule
from valley_training.loop.steps import batches_by_step
from valley_training.optimizer import build_optimizer

CONFIG_FILE = "config.json"
_CHECKPOINT_SECONDS = 30.0
_LOG_EVERY_STEPS = 10


@dataclass(frozen=True)
class Ground:
    """Opened once a command. `until` is where the clock `time.monotonic` ends it."""

    config: ExperimentConfig
    folder: Path
    accelerator: Accelerator
    tokenizer: Tokenizer
    training: Clips
    held_out: Clips
    until: float

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.until

    def learn(
        self,
        place: Path,
        module: nn.Module,
        make_batch: Callable[[int], Any],
        loss_of: Callable[[Any], tuple[Tensor, dict[str, float]]],
        schedule: Schedule,
    ) -> bool:
        """Trains what learns in a module until its steps are done (True) or time is up (False). `place` is the stage's
        file without its ending; the same call goes on where the last one ended."""
        optimizer = build_optimizer(module.to(self.device), schedule)

        def backward(batch: Any) -> tuple[float, dict[str, float]]:
            loss, figures = loss_of(to_device(batch, self.device))
            loss.backward()
            return loss.item(), figures

        place.parent.mkdir(parents=True, exist_ok=True)
        checkpoint = FileCheckpoint(place.with_name(f"{place.name}.pt"), module, optimizer)
        # Made in this process: an experiment takes one processor.
        batches = partial(batches_by_step, make_batch, last=schedule.steps, workers=0)
        stage = Stage(place.name, module, optimizer, schedule, checkpoint, batches, backward, log_every=_LOG_EVERY_STEPS)
        return run_stage(stage, place.parent, self.accelerator, Pace(_CHECKPOINT_SECONDS, self.until - time.monotonic()))


def open_ground(config: ExperimentConfig, folder: Path, device: str | None, until: float) -> Ground:
    """Opens a folder of experiments, or begins one. Raises TrainingError when it is of another configuration."""
    keep_config(config, folder)
    accelerator = Accelerator(cpu=device == "cpu")
    if device == "cuda" and accelerator.device.type != "cuda":
        raise TrainingError("device is cuda, but there is none here; leave --device out to take what there is")
    tokenizer = open_tokenizer(config, folder)
    training, held_out = (open_clips(config, folder, held) for held in (False, True))
    return Ground(config, folder, accelerator, tokenizer, training, held_out, until)


def keep_config(config: ExperimentConfig, folder: Path) -> None:
    """Writes the configuration of a new folder; in an old one, all runs must have the same."""
    path, text = folder / CONFIG_FILE, json.dumps(dataclasses.asdict(config), indent=2)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(path, f"{text}\n".encode())
        return
    try:
        kept, wanted = json.loads(path.read_text()), json.loads(text)
    except ValueError as error:
        raise TrainingError(f"{path} is damaged ({error}); take another folder with --folder") from error
    if kept != wanted:
        names = [name for name in wanted if not isinstance(kept, dict) or kept.get(name) != wanted[name]]
        told = ", ".join(names) or "keys that are not known"
        raise TrainingError(f"{folder} is of another configuration ({told}); take another folder with --folder")
