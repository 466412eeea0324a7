"""Question 1: what the poolings make of clips of any length. Nothing is trained: the modules are run."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from valley_training.data.dialogue import visual_block
from valley_training.experiments.config import ExperimentConfig
from valley_training.experiments.network import POOLINGS, Pooling, build_network, parameters, pooled_tokens, visual_tokens
from valley_training.model.pooling import build_pooling

LENGTHS = (1, 2, 4, 6, 8, 16, 32, 64, 128)
# CLIP ViT-L/14 at 224 pixels, Llama-2-7b, and the length that it was trained with.
PUBLISHED_PATCHES, PUBLISHED_WIDTH, PUBLISHED_CONTEXT = 256, 4096, 2048
# The markers around patches and around frames.
MARKERS = visual_block(0, 0).count("<")


@dataclass(frozen=True)
class Shape:
    """A pooling on a clip of so many frames. pooled, in_all: visual tokens of patches alone, and with one a frame."""

    pooling: Pooling
    frames: int
    pooled: int
    in_all: int


@torch.no_grad()
def measure_shapes(config: ExperimentConfig, lengths: tuple[int, ...] = LENGTHS) -> list[Shape]:
    """Runs each pooling of the small network on random features of each length. One frame is a still image."""
    found = []
    for pooling in POOLINGS:
        model = build_network(config, pooling, torch.device("cpu")).eval()
        for frames in lengths:
            features = torch.randn(1, frames, 1 + config.vision.patches, config.vision.width)
            alone, with_frames = (visual_tokens(model, features, frame_tokens) for frame_tokens in (False, True))
            found.append(Shape(pooling, frames, alone.shape[1], with_frames.shape[1]))
    return found


def published_positions(pooling: Pooling, frames: int) -> int:
    """Positions that a clip takes in the prompt of the published sizes, markers included."""
    return pooled_tokens(pooling, PUBLISHED_PATCHES, frames) + frames + MARKERS


def most_frames(pooling: Pooling) -> int:
    """The longest clip that leaves any room in the published context."""
    frames = 1
    while published_positions(pooling, frames + 1) < PUBLISHED_CONTEXT:
        frames += 1
    return frames


def published_parameters(pooling: Pooling) -> int:
    """What a pooling learns at the published sizes, counted on a module without memory."""
    if pooling in ("max", "none"):
        return 0
    with torch.device("meta"):
        return parameters(build_pooling(pooling, PUBLISHED_PATCHES, PUBLISHED_WIDTH))
