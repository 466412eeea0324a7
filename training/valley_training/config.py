"""The configuration of a training run: one YAML, checked key by key."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import yaml

from valley_training.loop import Schedule, TrainingError
from valley_training.model.config import LanguageSizes, Pooling, VisionSizes


@dataclass(frozen=True)
class StageSettings:
    """Steps and rate of one stage, and its batch: `clips` x `pictures` for the tower, `batch` dialogues of at most
    `turns` turns for the others."""

    steps: int
    learning_rate: float
    warmup_steps: int
    batch: int = 32
    turns: int = 6
    clips: int = 48
    pictures: int = 4
    optimizer: Literal["adamw", "muon"] = "adamw"

    def schedule(self) -> Schedule:
        return Schedule(self.steps, self.learning_rate, self.warmup_steps, optimizer=self.optimizer)


@dataclass(frozen=True)
class FeatureSettings:
    """How many clips of each length have their features kept."""

    clips: int
    short_clips: int
    long_clips: int
    stills: int


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


def load_config(path: Path) -> TrainingConfig:
    """Reads and checks a YAML file. Raises TrainingError naming each unknown or missing key and each value of a wrong type."""
    try:
        data = yaml.safe_load(path.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise TrainingError(f"cannot read the configuration {path}: {error}") from error
    problems: list[str] = []
    config = _build(TrainingConfig, data, "", problems)
    if problems:
        raise TrainingError(f"{path}: " + "; ".join(problems))
    return config


def _build(kind: Any, data: Any, where: str, problems: list[str]) -> Any:
    if not isinstance(data, dict):
        problems.append(f"{where or 'the file'} is {type(data).__name__}, it must be a mapping")
        return None
    fields = {field.name: field for field in dataclasses.fields(kind)}
    hints = get_type_hints(kind)
    problems += [f"{where}{key} is not known; known are {', '.join(fields)}" for key in data if key not in fields]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in data:
            if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                problems.append(f"{where}{name} is missing")
            continue
        hint, value = hints[name], data[name]
        if dataclasses.is_dataclass(hint):
            values[name] = _build(hint, value, f"{where}{name}.", problems)
        elif hint is float and isinstance(value, int | float | str):
            try:
                values[name] = float(value)  # YAML 1.1 reads 2e-3 as text
            except ValueError:
                problems.append(f"{where}{name} is {value!r}, it must be a number")
        elif hint in (int, str, bool) and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
            problems.append(f"{where}{name} is {value!r}, it must be {hint.__name__}")
        elif get_origin(hint) is Literal and value not in get_args(hint):
            *most, last = get_args(hint)
            problems.append(f"{where}{name} is {value!r}, it must be {', '.join(most)} or {last}")
        elif hint is int and name in ("steps", "batch", "clips", "frames", "width", "layers", "heads") and value < 1:
            problems.append(f"{where}{name} is {value}, it must be at least 1")
        else:
            values[name] = value
    return None if problems else kind(**values)
