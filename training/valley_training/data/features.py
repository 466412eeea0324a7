"""Features of many clips, encoded once by the frozen tower and kept: class and patch features of each frame."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from valley_training.config import TrainingConfig
from valley_training.data.pixels import to_pixel_values
from valley_training.loop.device import bfloat16
from valley_training.loop.steps import StepDataset
from valley_training.stages.tower import RENDER_SCALE
from valley_training.world.render import render_frames, training_frame
from valley_training.world.scene import Scene, sample_scene

SHORT_FRAMES, LONG_FRAMES = 4, 16
CLIPS_A_BATCH = 32


@dataclass(frozen=True)
class FeatureStore:
    """Features of N clips. Clip i has the frames starts[i] .. starts[i + 1]."""

    features: Tensor  # [sum of T, 1 + P, Dv] float16
    starts: Tensor  # [N + 1] int64

    def clip(self, index: int) -> Tensor:
        """[T, 1 + P, Dv] float16 of one clip, class feature first."""
        return self.features[int(self.starts[index]) : int(self.starts[index + 1])]


def clip_plan(config: TrainingConfig) -> list[int]:
    """Frames of each kept clip, in order."""
    kept = config.features
    return (
        [config.frames] * kept.clips + [SHORT_FRAMES] * kept.short_clips + [LONG_FRAMES] * kept.long_clips + [1] * kept.stills
    )


def scene_of(config: TrainingConfig, index: int, frames: int) -> Scene:
    """The scene of a kept clip, from its number alone. A still picture shows everything."""
    rng = random.Random(f"clip-{config.seed}-{index}")
    while True:
        scene = sample_scene(rng, held_out=False)
        if frames > 1 or scene.kind != "sequence":
            return scene


def build_features(config: TrainingConfig, tower: nn.Module, path: Path) -> FeatureStore:
    """Encodes all clips of the plan, or loads them when the file is there."""
    if path.exists():
        return FeatureStore(**torch.load(path, weights_only=True, mmap=True))
    plan = clip_plan(config)
    sizes = config.vision
    starts = torch.tensor(np.concatenate([[0], np.cumsum(plan)]))
    features = torch.zeros(int(starts[-1]), 1 + sizes.patches, sizes.width, dtype=torch.float16)
    batches = [range(first, min(first + CLIPS_A_BATCH, len(plan))) for first in range(0, len(plan), CLIPS_A_BATCH)]
    loader = DataLoader(
        StepDataset(lambda number: [_draw(config, index, plan[index]) for index in batches[number]], 0, len(batches)),
        batch_size=None,
        num_workers=1,
        prefetch_factor=4,
        multiprocessing_context="fork",
    )
    device = next(tower.parameters()).device
    tower.eval()
    started = shown = time.monotonic()
    for number, clips in enumerate(loader):
        frames = torch.from_numpy(np.concatenate(clips))
        with torch.no_grad(), bfloat16(device):
            output = tower(pixel_values=to_pixel_values(frames.to(device)), output_hidden_states=True)
        # Clips of a batch follow each other, so their frames do too.
        first = int(starts[batches[number].start])
        features[first : first + len(frames)] = output.hidden_states[sizes.select_layer].half().cpu()
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            left = (len(batches) - number - 1) * (shown - started) / (number + 1)
            print(f"features {number + 1}/{len(batches)} ETA {left / 60:.1f} min", file=sys.stderr, flush=True)
    torch.save({"features": features, "starts": starts}, path)
    return FeatureStore(features, starts)


def _draw(config: TrainingConfig, index: int, frames: int) -> np.ndarray:
    """Pictures of one clip as the tower takes them, uint8 [T, side, side, 3]."""
    scene = scene_of(config, index, frames)
    rng = random.Random(f"light-{config.seed}-{index}")
    side = config.vision.image_pixels
    times = [rng.random()] if frames == 1 else [number / (frames - 1) for number in range(frames)]
    return np.stack([training_frame(picture, rng, side) for picture in render_frames(scene, times, side * RENDER_SCALE)])
