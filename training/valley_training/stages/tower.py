"""Stage 1: the CLIP-like tower learns from pictures and their captions (contrastive, Radford et al. 2021).

A batch holds several pictures of each clip: they differ only in where things are, so the tower must learn places and not
just names. Pictures that share a caption are no negatives of each other.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel

from valley_training.data.captions import CAPTION_LENGTH, WORDS, caption_ids, caption_key, caption_words
from valley_training.data.pixels import to_pixel_values
from valley_training.model.config import VisionSizes
from valley_training.world.render import render_frames, training_frame
from valley_training.world.scene import sample_scene

RENDER_SCALE = 2  # pictures are drawn this much larger than the tower sees them
SHARED_WIDTH = 128


@dataclass(frozen=True)
class TowerBatch:
    """clips x pictures a clip, flattened to N."""

    frames: Tensor  # [N, side, side, 3] uint8
    captions: Tensor  # [N, CAPTION_LENGTH] int64
    same: Tensor  # [N, N] bool, another picture with the same caption


class CaptionEncoder(nn.Module):
    """A small transformer over caption words; its mean over words is the caption's vector."""

    def __init__(self, width: int = 128, layers: int = 2) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), width, padding_idx=0)
        self.positions = nn.Parameter(torch.randn(CAPTION_LENGTH, width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            width, 4, 4 * width, dropout=0.0, batch_first=True, norm_first=True, activation="gelu"
        )
        self.blocks = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)

    def forward(self, captions: Tensor) -> Tensor:
        padding = captions == 0
        hidden = self.blocks(self.words(captions) + self.positions, src_key_padding_mask=padding)  # [N, words, width]
        weights = (~padding)[:, :, None].float()
        return self.norm((hidden * weights).sum(1) / weights.sum(1))  # [N, width]


class Contrast(nn.Module):
    """Tower and caption encoder with their projections into the shared space."""

    def __init__(self, sizes: VisionSizes) -> None:
        super().__init__()
        self.tower = CLIPVisionModel(sizes.to_transformers())
        self.caption_encoder = CaptionEncoder()
        self.picture_projection = nn.Linear(sizes.width, SHARED_WIDTH, bias=False)
        self.caption_projection = nn.Linear(128, SHARED_WIDTH, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(math.log(10.0)))

    def loss(self, batch: TowerBatch) -> tuple[Tensor, dict[str, float]]:
        with torch.autocast("cpu", torch.bfloat16):
            pooled = self.tower(pixel_values=to_pixel_values(batch.frames)).pooler_output  # [N, Dv]
            pictures = self.picture_projection(pooled)
            captions = self.caption_projection(self.caption_encoder(batch.captions))
        pictures = nn.functional.normalize(pictures.float(), dim=-1)
        captions = nn.functional.normalize(captions.float(), dim=-1)
        logits = self.log_scale.clamp(max=math.log(100.0)).exp() * pictures @ captions.T  # [N, N]
        logits = logits.masked_fill(batch.same, -1e4)
        target = torch.arange(logits.shape[0])
        loss = (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target)) / 2
        return loss, {"recall@1": (logits.argmax(1) == target).float().mean().item()}


def make_tower_batch(seed: int, step: int, side: int, clips: int, pictures: int) -> TowerBatch:
    """The batch of one step, from its numbers alone."""
    rng = random.Random(f"tower-{seed}-{step}")
    frames, captions, keys = [], [], []
    for _ in range(clips):
        scene = sample_scene(rng, held_out=False)
        times = sorted(rng.random() for _ in range(pictures))
        for time, picture in zip(times, render_frames(scene, times, side * RENDER_SCALE), strict=True):
            frames.append(training_frame(picture, rng, side))
            captions.append(caption_ids(caption_words(scene, time, rng)))
            keys.append(caption_key(scene, time))
    numbers = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    labels = torch.tensor([numbers[key] for key in keys])
    same = (labels[:, None] == labels[None]) & ~torch.eye(len(keys), dtype=torch.bool)
    return TowerBatch(torch.from_numpy(np.stack(frames)), torch.tensor(captions), same)
