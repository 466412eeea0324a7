"""The configuration of a model of the drawn world: one YAML, from nothing to a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from valley_training.config_file import below, build, read_mapping
from valley_training.loop.schedule import Schedule
from valley_training.model.config import LanguageSizes, Pooling, VisionSizes, pooling_problems


@dataclass(frozen=True)
class StageSettings:
    """Steps and rate of one stage, and its batch: `clips` x `pictures` for the tower, `batch` dialogues of at most
    `turns` turns for the others. The two phases are asked held-out questions each `evaluate_every` steps (0: never)."""

    steps: int
    learning_rate: float
    warmup_steps: int
    batch: int = 32
    turns: int = 6
    clips: int = 48
    pictures: int = 4
    optimizer: Literal["adamw", "muon"] = "adamw"
    evaluate_every: int = 0

    def problems(self) -> list[str]:
        rate = [] if self.learning_rate > 0 else [f"learning_rate is {self.learning_rate:g}, it must be above 0"]
        return (
            below(self, 1, "steps", "batch", "turns", "clips", "pictures")
            + below(self, 0, "warmup_steps", "evaluate_every")
            + rate
        )

    def schedule(self) -> Schedule:
        return Schedule(self.steps, self.learning_rate, self.warmup_steps, optimizer=self.optimizer)


@dataclass(frozen=True)
class FeatureSettings:
    """How many clips of each length have their features kept."""

    clips: int
    short_clips: int
    long_clips: int
    stills: int

    def problems(self) -> list[str]:
        return below(self, 1, "clips") + below(self, 0, "short_clips", "long_clips", "stills")


@dataclass(frozen=True)
class TrainingConfig:
    """One model, from nothing to a checkpoint."""

    name: str
    seed: int
    vision: VisionSizes
    language: LanguageSizes
    pooling: Pooling
    pooling_mlp_width: int
    frames: int
    tower: StageSettings
    language_stage: StageSettings
    features: FeatureSettings
    phase1: StageSettings
    phase2: StageSettings

    def problems(self) -> list[str]:
        return below(self, 1, "frames", "pooling_mlp_width") + pooling_problems(self.pooling, self.language)


def load_config(path: Path, overrides: list[str] | None = None) -> TrainingConfig:
    """Reads and checks a YAML file. Raises TrainingError naming each key that is wrong."""
    return build(TrainingConfig, read_mapping(path, overrides), path)
