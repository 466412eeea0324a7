"""Sizes, steps and counts of the experiments: one YAML for all of them, so that arms differ in nothing but what they ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from valley_training.config import StageSettings
from valley_training.config_file import below, build, read_mapping
from valley_training.model.config import LanguageSizes, ValleyConfig, VisionSizes, pooling_problems
from valley_training.model.valley import SPECIAL_TOKENS
from valley_training.world.art import STYLES, THINGS


@dataclass(frozen=True)
class ClipSettings:
    """Clips that are drawn once and kept: those that all runs learn from, and those of held-out compositions that all
    are asked about. things: the first so many of the small world."""

    training: int
    held_out: int
    frames: int
    things: int
    styles: list[str]

    def problems(self) -> list[str]:
        unknown = [style for style in self.styles if style not in STYLES]
        told = [f"styles has {style!r}, it can have {', '.join(STYLES)}" for style in unknown]
        return told + ([] if self.styles else ["styles is empty, it must name one at least"]) + self._counts()

    def _counts(self) -> list[str]:
        problems = below(self, 1, "training", "held_out") + below(self, 2, "frames") + below(self, 4, "things")
        return problems + ([f"things is {self.things}, it must be at most {len(THINGS)}"] if self.things > len(THINGS) else [])


@dataclass(frozen=True)
class MeasureSettings:
    """What a run is asked: questions of each kind, and clips that look for their caption among so many."""

    questions: int
    captions: int
    queries: int

    def problems(self) -> list[str]:
        problems = below(self, 1, "questions", "queries")
        if self.queries > self.captions:
            problems.append(f"queries is {self.queries}, it must be at most captions ({self.captions})")
        return problems


@dataclass(frozen=True)
class ExperimentConfig:
    """Everything that all arms share."""

    vision: VisionSizes
    language: LanguageSizes
    pooling_mlp_width: int
    clips: ClipSettings
    tokenizer_scenes: int
    tower: StageSettings
    language_stage: StageSettings
    phase1: StageSettings
    phase2: StageSettings
    measures: MeasureSettings

    def problems(self) -> list[str]:
        problems = below(self, 1, "pooling_mlp_width", "tokenizer_scenes") + pooling_problems("transformer", self.language)
        if self.clips.held_out < self.measures.queries:
            problems.append(f"clips.held_out is {self.clips.held_out}, it must be at least measures.queries")
        return problems

    def valley(self, pooling: Any) -> ValleyConfig:
        """The network with one of the published poolings."""
        ids = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
        return ValleyConfig(self.vision, self.language, pooling, self.pooling_mlp_width, ids)



def load_experiment_config(path: Path, overrides: list[str] | None = None) -> ExperimentConfig:
    """Reads and checks a YAML file. Raises TrainingError naming each key that is wrong."""
    return build(ExperimentConfig, read_mapping(path, overrides), path)
