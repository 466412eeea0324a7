"""What pooling leaves to be read at all: a linear reader of what the tower sees of a clip, pooled in several ways.

No decoder learns here, so seconds suffice. What is read is there; what is not read may still be there for a reader that is
not linear. v2 and v3 have weights that learn with a decoder; they are compared by training (arms.py). The reader is a ridge
regression with a share of the training clips kept aside to choose its penalty; it is asked about the held-out clips."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from valley_training.errors import TrainingError, first_line
from valley_training.experiments.arms import ARMS
from valley_training.experiments.ground import Ground
from valley_training.experiments.pretraining import look
from valley_training.experiments.results import PROBES, provenance
from valley_training.loop.files import replace_file
from valley_training.world.art import THINGS
from valley_training.world.scene import DIRECTIONS, SETTINGS, STILL, Scene

# What is given to the reader, of patches [N, T, P, Dv] and frame features [N, T, Dv].
READERS: dict[str, Callable[[Tensor, Tensor], list[Tensor]]] = {
    "mean": lambda patches, frames: [patches.mean(1)],
    "max": lambda patches, frames: [patches.amax(1)],
    "no pooling": lambda patches, frames: [patches],
    "frame features alone": lambda patches, frames: [frames],
    "mean, frame features": lambda patches, frames: [patches.mean(1), frames],
    "max, frame features": lambda patches, frames: [patches.amax(1), frames],
    "no pooling, frame features": lambda patches, frames: [patches, frames],
}
_PENALTIES = (10.0, 100.0, 1000.0, 10000.0)
# More clips than these would make the reader no better by much, and its time grows with their third power.
_MOST_CLIPS = 2000
_KEPT_ASIDE = 5  # of so many training clips, one


def _direction(scene: Scene) -> int | None:
    """Where all that is there goes; None where things do different things or come one after another."""
    directions = {actor.direction for actor in scene.actors}
    if scene.kind == "sequence" or len(directions) > 1:
        return None
    return [STILL, *DIRECTIONS].index(directions.pop())


def _first(scene: Scene) -> int | None:
    """What came first, where things come one after another."""
    return THINGS.index(scene.things[0]) if scene.kind == "sequence" else None


# What is read: the number of a class, or None for a clip that is not asked about it.
TARGETS: dict[str, Callable[[Scene], int | None]] = {
    "motion": _direction,
    "order": _first,
    "count": lambda scene: len(scene.actors),
    "setting": lambda scene: SETTINGS.index(scene.setting),
}


@dataclass(frozen=True)
class Probe:
    """Shares of held-out clips that are read right, by reader and target; `guess`: the commonest class of the training
    clips, always; `clips`: how many are asked."""

    seed: int
    right: dict[str, dict[str, float]]
    guess: dict[str, float]
    clips: dict[str, int]
    provenance: dict[str, Any]


def probe_seed(ground: Ground, seed: int) -> Probe | None:
    """Reads what a seed's tower sees; None when time was up while it learnt."""
    place = probe_path(ground.folder, seed)
    if place.exists():
        return read_probe(place)
    seen = look(ground, seed)
    if seen is None:
        return None
    scenes = [[one.scene for one in clips.known] for clips in (ground.training, ground.held_out)]
    right: dict[str, dict[str, float]] = {reader: {} for reader in READERS}
    guess, clips = {}, {}
    for target, of_scene in TARGETS.items():
        (rows, classes), (held_rows, held_classes) = (_labelled(part, of_scene) for part in scenes)
        rows, classes = rows[:_MOST_CLIPS], classes[:_MOST_CLIPS]
        guess[target] = (held_classes == classes.mode().values).float().mean().item()
        clips[target], asked = len(held_rows), (rows, held_rows)
        for reader, given in READERS.items():
            inputs, held_inputs = (_given(features[part], given) for features, part in zip(seen, asked, strict=True))
            right[reader][target] = (read(inputs, classes, held_inputs) == held_classes).float().mean().item()
    found = Probe(seed, right, guess, clips, provenance(ground.config, ARMS["base"], ground.device))
    place.parent.mkdir(parents=True, exist_ok=True)
    replace_file(place, (json.dumps(asdict(found), indent=1) + "\n").encode())
    return found


def read(inputs: Tensor, classes: Tensor, asked: Tensor) -> Tensor:
    """Fits inputs [N, D] to their classes [N] and gives the classes of others [M, D]."""
    scale = inputs.std(0).clamp(min=1e-6)
    centre = inputs.mean(0)
    inputs, asked = (inputs - centre) / scale, (asked - centre) / scale
    aside = torch.arange(len(inputs)) % _KEPT_ASIDE == 0
    targets = torch.nn.functional.one_hot(classes).float()
    likeness = inputs @ inputs.T

    def fitted(penalty: float, chosen: Tensor, rows: Tensor) -> Tensor:
        kernel = likeness[chosen][:, chosen] + penalty * torch.eye(int(chosen.sum()))
        middle = targets[chosen].mean(0)
        return rows @ torch.linalg.solve(kernel, targets[chosen] - middle) + middle

    def shares(penalty: float) -> float:
        said = fitted(penalty, ~aside, likeness[aside][:, ~aside])
        return (said.argmax(1) == classes[aside]).float().mean().item()

    everything = torch.ones(len(inputs), dtype=torch.bool)
    return fitted(max(_PENALTIES, key=shares), everything, asked @ inputs.T).argmax(1)


def probe_path(folder: Path, seed: int) -> Path:
    """The file of a seed's probe."""
    return folder / PROBES / f"seed-{seed}.json"


def read_probe(path: Path) -> Probe:
    """What a probe has measured. Raises TrainingError for a damaged file."""
    try:
        found = Probe(**json.loads(path.read_text()))
        if set(found.right) != set(READERS) or any(set(by_target) != set(TARGETS) for by_target in found.right.values()):
            raise ValueError("a reader or a target is missing")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path} is damaged ({first_line(error)}); remove it to have it made anew") from error
    return found


def _labelled(scenes: list[Scene], of_scene: Callable[[Scene], int | None]) -> tuple[Tensor, Tensor]:
    """Numbers of the clips that are asked, and their classes."""
    found = [(index, label) for index, scene in enumerate(scenes) if (label := of_scene(scene)) is not None]
    if len(found) < _KEPT_ASIDE:
        raise TrainingError(f"clips are {len(scenes)}, too few for a probe; set clips.training and clips.held_out higher")
    rows, classes = zip(*found, strict=True)
    return torch.tensor(rows), torch.tensor(classes)


def _given(features: Tensor, given: Callable[[Tensor, Tensor], list[Tensor]]) -> Tensor:
    """Of features [N, T, 1 + P, Dv] what a reader gets: [N, D] float32."""
    parts = given(features[:, :, 1:].float(), features[:, :, 0].float())
    return torch.cat([part.flatten(1) for part in parts], 1).cpu()
