"""The configuration of a model of the sticker world: sizes, and how long each stage learns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from valley_training.config_file import below, build, read_mapping
from valley_training.model.config import LanguageSizes, Pooling, ValleyConfig, VisionSizes, pooling_problems
from valley_training.model.valley import SPECIAL_TOKENS


@dataclass(frozen=True)
class StageSettings:
    """One stage. It learns for `seconds` of training time or for `steps`, one of the two.

    A step is `parts` parts of `batch`: pictures for the tower, clips for the others, each with `dialogues` dialogues of
    `turns` turns. The rate rises for `warmup_steps`, stays, and falls to nothing over the last `cooldown_share`. What Muon
    does not take, AdamW learns at `adamw_share` of it."""

    learning_rate: float
    warmup_steps: int
    batch: int
    seconds: float = 0.0
    steps: int = 0
    parts: int = 1
    turns: int = 6
    dialogues: int = 1
    cooldown_share: float = 0.3
    weight_decay: float = 0.05
    optimizer: Literal["adamw", "muon"] = "muon"
    adamw_share: float = 1.0

    def problems(self) -> list[str]:
        problems = below(self, 1, "batch", "parts", "turns", "dialogues") + below(self, 0, "warmup_steps", "seconds", "steps")
        if (self.seconds > 0) == (self.steps > 0):
            problems.append(f"seconds is {self.seconds:g} and steps is {self.steps}, one of them must be above 0")
        if not 0 < self.cooldown_share <= 1:
            problems.append(f"cooldown_share is {self.cooldown_share:g}, it must be above 0 and at most 1")
        if not 0 < self.adamw_share <= 1:
            problems.append(f"adamw_share is {self.adamw_share:g}, it must be above 0 and at most 1")
        if self.learning_rate <= 0:
            problems.append(f"learning_rate is {self.learning_rate:g}, it must be above 0")
        return problems


@dataclass(frozen=True)
class StickerConfig:
    """One model, from nothing to a checkpoint."""

    name: str
    seed: int
    vision: VisionSizes
    language: LanguageSizes
    pooling: Pooling
    pooling_mlp_width: int
    frames: int
    # Scenes that the tokenizer is learnt from.
    tokenizer_scenes: int
    tower: StageSettings
    language_stage: StageSettings
    phase1: StageSettings
    phase2: StageSettings
    # Patches of a picture that the tower sees while it learns, of most pictures; 0 for all.
    tower_patches: int = 0
    # The tower's pictures that share a setting and a cast. Sharing spares up to half of the drawing; a small batch needs all
    # the names that it can have.
    pictures_a_setting: int = 8
    # Whether processors generate code for the networks, which takes a minute or two of each piece.
    compiled: bool = False

    def problems(self) -> list[str]:
        problems = below(self, 1, "pooling_mlp_width", "tokenizer_scenes", "pictures_a_setting") + below(self, 2, "frames")
        return problems + below(self, 0, "tower_patches") + self._pooling_problems()

    def _pooling_problems(self) -> list[str]:
        return pooling_problems(self.pooling, self.language)

    def valley(self) -> ValleyConfig:
        """The network."""
        ids = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
        return ValleyConfig(self.vision, self.language, self.pooling, self.pooling_mlp_width, ids)


def load_sticker_config(path: Path, overrides: list[str] | None = None) -> StickerConfig:
    """Reads and checks a YAML file. Raises TrainingError naming each key that is wrong."""
    return build(StickerConfig, read_mapping(path, overrides), path)
