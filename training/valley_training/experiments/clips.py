"""The clips of the experiments: drawn once, kept as pictures, the same for all arms and seeds."""

from __future__ import annotations

import json
import pickle
import random
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from valley_training.errors import TrainingError, first_line
from valley_training.experiments.config import ClipSettings, ExperimentConfig
from valley_training.experiments.questions import Known, know
from valley_training.world.art import THINGS
from valley_training.world.render import render_frames, training_frame
from valley_training.world.scene import HELD_OUT_SHARE, STILL, Actor, Scene, is_held_out
from valley_training.world.scene import sample_scene as sample_any

# How often each kind of scene comes up.
_SCENE_KINDS = {"together": 0.5, "sequence": 0.3, "copies": 0.2}
_MOST_TOGETHER = 2


@dataclass(frozen=True)
class Clips:
    """N scenes with their pictures [N, T, side, side, 3] uint8."""

    known: list[Known]
    pictures: Tensor


def sample_scene(number: int, held_out: bool, settings: ClipSettings) -> Scene:
    """A scene from its number alone. Compositions that are held out are in no training scene."""
    rng = random.Random(f"experiments-{'held-out' if held_out else 'training'}-{number}")
    kind = rng.choices(list(_SCENE_KINDS), list(_SCENE_KINDS.values()))[0]
    while True:
        scene = _fewer_things(sample_any(rng, rng.random() < HELD_OUT_SHARE), settings.things)
        if scene.kind == kind and _is_simple(scene) and is_held_out(kind, scene.things, scene.setting) == held_out:
            break
    shared = rng.choice(settings.styles)
    actors = [replace(one, style=shared if kind == "copies" else rng.choice(settings.styles)) for one in scene.actors]
    return replace(scene, actors=tuple(actors))


def _fewer_things(scene: Scene, things: int) -> Scene:
    """The same with the first so many things of the world alone."""
    actors = (replace(one, thing=THINGS[THINGS.index(one.thing) % things]) for one in scene.actors)
    return replace(scene, actors=tuple(actors))


def _is_simple(scene: Scene) -> bool:
    """Nothing goes slantwise, no two things became one, and what comes one after another stays where it comes."""
    directions = {actor.direction for actor in scene.actors}
    is_whole = scene.kind == "copies" or len(scene.things) == len(scene.actors)
    is_small = scene.kind != "together" or len(scene.actors) <= _MOST_TOGETHER
    allowed = {STILL} if scene.kind == "sequence" else {STILL, "left", "right", "up", "down"}
    return is_whole and is_small and directions <= allowed


def clip_times(frames: int) -> list[float]:
    """Shares of the clip at which it is seen."""
    return [index / (frames - 1) for index in range(frames)]


def open_clips(config: ExperimentConfig, folder: Path, held_out: bool) -> Clips:
    """The training clips or the held-out ones, drawn at first use."""
    settings = config.clips
    path = folder / ("held-out-clips.pt" if held_out else "training-clips.pt")
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        count = settings.held_out if held_out else settings.training
        scenes = [sample_scene(number, held_out, settings) for number in range(count)]
        part = path.with_suffix(".part")
        torch.save({"scenes": json.dumps([asdict(scene) for scene in scenes]), "pictures": _draw(config, scenes)}, part)
        part.replace(path)
    try:
        kept = torch.load(path, weights_only=True, mmap=True)
        scenes = [_scene(fields) for fields in json.loads(kept["scenes"])]
        pictures = kept["pictures"]
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, ValueError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path} is damaged ({first_line(error)}); remove it and run again, it is drawn anew") from error
    return Clips([know(scene, settings.things) for scene in scenes], pictures)


def _scene(fields: dict[str, Any]) -> Scene:
    """A scene as JSON has kept it."""
    actors = (Actor(**{**one, "start": tuple(one["start"]), "end": tuple(one["end"])}) for one in fields["actors"])
    return Scene(**{**fields, "actors": tuple(actors)})


def _draw(config: ExperimentConfig, scenes: list[Scene]) -> Tensor:
    side, times = config.vision.image_pixels, clip_times(config.clips.frames)
    pictures = np.empty((len(scenes), len(times), side, side, 3), dtype=np.uint8)
    started = shown = time.monotonic()
    for number, scene in enumerate(scenes):
        rng = random.Random(f"light-{scene.seed}")
        drawn = render_frames(scene, times, side)
        pictures[number] = np.stack([training_frame(picture, rng, side) for picture in drawn])
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            left = (len(scenes) - number - 1) * (shown - started) / (number + 1)
            print(f"clips {number + 1}/{len(scenes)} ETA {left / 60:.1f} min", file=sys.stderr, flush=True)
    return torch.from_numpy(pictures)
