"""The stages in order, each from the files of the run folder to the files of the run folder."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from tokenizers import Tokenizer
from torch import Tensor, nn

from valley_training.config import TrainingConfig
from valley_training.data.features import FeatureStore, build_features
from valley_training.errors import TrainingError
from valley_training.loop.checkpoint import FileCheckpoint, read_state
from valley_training.loop.device import to_device
from valley_training.loop.run_stage import Pace, Stage, run_stage
from valley_training.loop.schedule import Schedule
from valley_training.loop.steps import batches_by_step
from valley_training.model.config import ValleyConfig
from valley_training.model.freeze import learn_phase1, learn_phase2
from valley_training.model.valley import SPECIAL_TOKENS, Valley
from valley_training.optimizer import build_optimizer
from valley_training.stages.language import language_loss, make_language_batch
from valley_training.stages.phases import make_phase_batch, phase_loss
from valley_training.stages.tower import Contrast, make_tower_batch
from valley_training.tokenizer import train_tokenizer
from valley_training.validate import validate

TOKENIZER_FILE = "tokenizer.json"
SAMPLED_SCENES = 20  # asked about at each evaluation


class Run:
    """One training run: a configuration and its folder. Each stage can be stopped and run again to go on."""

    def __init__(self, config: TrainingConfig, directory: Path, pace: Pace | None = None) -> None:
        self.config, self.directory, self.pace = config, directory, pace or Pace()
        self.accelerator = Accelerator()
        if self.accelerator.num_processes > 1:
            raise TrainingError("the drawn world trains in one process; start it without accelerate launch")
        torch.manual_seed(config.seed)

    def tokenizer(self) -> Tokenizer:
        """The run's tokenizer, learnt at first use."""
        path = self.directory / TOKENIZER_FILE
        if not path.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            train_tokenizer(self.config.language.vocabulary, self.config.seed).save(str(path))
        return Tokenizer.from_file(str(path))

    def model(self) -> Valley:
        """A model of the configured sizes with fresh weights."""
        ids = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
        config = self.config
        return Valley(ValleyConfig(config.vision, config.language, config.pooling, config.pooling_mlp_width, ids))

    def train_tower(self) -> bool:
        config = self.config
        contrast = Contrast(config.vision)
        settings = config.tower

        def batch(step: int) -> Any:
            return make_tower_batch(config.seed, step, config.vision, settings.clips, settings.pictures)

        return self._run("tower", contrast, batch, contrast.loss, settings.schedule())

    def train_language(self) -> bool:
        config, tokenizer, decoder = self.config, self.tokenizer(), self.model().decoder
        settings = config.language_stage

        def batch(step: int) -> Any:
            return make_language_batch(config.seed, step, settings, tokenizer, config.frames)

        return self._run("language", decoder, batch, partial(language_loss, decoder), settings.schedule())

    def keep_features(self) -> FeatureStore:
        tower = self.model().vision_tower
        tower.load_state_dict(_part(self._weights("tower"), "tower."))
        tower.to(self.accelerator.device)
        return build_features(self.config, tower, self.directory / "features.pt")

    def train_phase1(self) -> bool:
        """Only the projector learns, and the temporal pooling where it has weights."""
        model = self.model()
        model.vision_tower.load_state_dict(_part(self._weights("tower"), "tower."))
        model.decoder.load_state_dict(self._weights("language"))
        learn_phase1(model)
        return self._train_phase(1, model)

    def train_phase2(self) -> bool:
        """Projector, temporal pooling and decoder learn together."""
        model = self.model()
        model.load_state_dict(self._weights("phase1"))
        learn_phase2(model)
        return self._train_phase(2, model)

    def trained(self, stage: str = "phase2") -> Valley:
        """The model as a stage left it, ready to be asked."""
        model = self.model()
        model.load_state_dict(self._weights(stage))
        return model.eval()

    def _train_phase(self, phase: int, model: Valley) -> bool:
        config, tokenizer, store = self.config, self.tokenizer(), self.keep_features()
        settings = config.phase1 if phase == 1 else config.phase2

        def batch(step: int) -> Any:
            return make_phase_batch(config, phase, step, tokenizer)

        def evaluate(step: int) -> None:
            validate(model, tokenizer, SAMPLED_SCENES, config.frames, self.directory / f"phase{phase}-samples-{step}.tsv")

        name, every = f"phase{phase}", settings.evaluate_every
        loss = partial(phase_loss, model, store)
        return self._run(name, model, batch, loss, settings.schedule(), evaluate=evaluate, evaluate_every=every)

    def _run(self, name: str, module: nn.Module, make_batch: Any, loss_of: Any, schedule: Schedule, **evaluation: Any) -> bool:
        device = self.accelerator.device
        optimizer = build_optimizer(module.to(device), schedule)
        checkpoint = FileCheckpoint(self.directory / f"{name}.pt", module, optimizer)

        def backward(batch: Any) -> tuple[float, dict[str, float]]:
            loss, figures = loss_of(to_device(batch, device))
            loss.backward()
            return loss.item(), figures

        batches = partial(batches_by_step, make_batch, last=schedule.steps)
        stage = Stage(name, module, optimizer, schedule, checkpoint, batches, backward, **evaluation)
        return run_stage(stage, self.directory, self.accelerator, self.pace)

    def _weights(self, stage: str) -> dict[str, Tensor]:
        path = self.directory / f"{stage}.pt"
        if not path.exists():
            raise TrainingError(f"{path} is not there; run the stage '{stage}' first")
        return read_state(path)["module"]


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
