"""Stage 1: the CLIP-like tower learns from pictures and their captions (contrastive, Radford et al. 2021).

A batch holds several pictures of each clip: they differ only in where things are, so the tower must learn places and not
just names. Pictures that share a caption are no negatives of each other.

The decoder reads single patches, which that contrast reaches only through the class feature. So patches have a contrast of
their own against the names of what they show, by the same caption encoder (region-text contrast, RegionCLIP, arXiv
2112.09106; our regions are true by construction instead of guessed).
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel

from valley_training.data.captions import CAPTION_LENGTH, WORDS, caption_ids, caption_key, caption_words
from valley_training.data.pixels import to_pixel_values
from valley_training.data.regions import REGION_NAMES, UNNAMED, region_names
from valley_training.loop.device import bfloat16
from valley_training.model.config import VisionSizes
from valley_training.stages.contrast import contrastive_loss, learnt_scale, scaled
from valley_training.world.art import THINGS
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
    regions: Tensor  # [N, P] int64, index of each patch's name in REGION_NAMES or UNNAMED


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
        self.log_scale = learnt_scale()
        self.select_layer = sizes.select_layer
        self.region_norm = nn.LayerNorm(sizes.width)
        self.region_projection = nn.Linear(sizes.width, SHARED_WIDTH, bias=False)
        self.region_log_scale = learnt_scale()
        self.register_buffer("region_captions", torch.tensor([caption_ids([name, "<end>"]) for name in REGION_NAMES]))

    def loss(self, batch: TowerBatch) -> tuple[Tensor, dict[str, float]]:
        with bfloat16(batch.frames.device):
            output = self.tower(pixel_values=to_pixel_values(batch.frames), output_hidden_states=True)
            pictures = self.picture_projection(output.pooler_output)  # [N, shared]
            captions = self.caption_projection(self.caption_encoder(batch.captions))  # [N, shared]
            # The layer whose features the decoder will read.
            patches = self.region_projection(self.region_norm(output.hidden_states[self.select_layer][:, 1:]))
            names = self.caption_projection(self.caption_encoder(self.region_captions))  # [names, shared]
        picture_loss, recall = contrastive_loss(pictures, captions, self.log_scale, batch.same)
        region_loss, named = self._region_loss(patches, names, batch.regions)
        return picture_loss + region_loss, {"recall@1": recall, "named": named}

    def _region_loss(self, patches: Tensor, names: Tensor, regions: Tensor) -> tuple[Tensor, float]:
        """Each patch [N, P, shared] finds its name [names, shared] among all names; things and background weigh the same,
        however few patches a thing has. And the share of the things' patches that are named right."""
        seen = regions != UNNAMED
        patches = nn.functional.normalize(patches[seen].float(), dim=-1)  # [R, shared]
        names = nn.functional.normalize(names.float(), dim=-1)
        logits = scaled(self.region_log_scale) * patches @ names.T  # [R, names]
        target = regions[seen]
        each = nn.functional.cross_entropy(logits, target, reduction="none")
        thing = target < len(THINGS)
        loss = (each[thing].mean() + each[~thing].mean()) / 2
        return loss, (logits.argmax(1) == target)[thing].float().mean().item()


def make_tower_batch(seed: int, step: int, sizes: VisionSizes, clips: int, pictures: int) -> TowerBatch:
    """The batch of one step, from its numbers alone."""
    rng = random.Random(f"tower-{seed}-{step}")
    side = sizes.image_pixels
    frames, captions, keys, regions = [], [], [], []
    for _ in range(clips):
        scene = sample_scene(rng, held_out=False)
        times = sorted(rng.random() for _ in range(pictures))
        for time, picture in zip(times, render_frames(scene, times, side * RENDER_SCALE), strict=True):
            frames.append(training_frame(picture, rng, side))
            captions.append(caption_ids(caption_words(scene, time, rng)))
            keys.append(caption_key(scene, time))
            regions.append(region_names(scene, time, side // sizes.patch_pixels))
    numbers = {key: index for index, key in enumerate(dict.fromkeys(keys))}
    labels = torch.tensor([numbers[key] for key in keys])
    same = (labels[:, None] == labels[None]) & ~torch.eye(len(keys), dtype=torch.bool)
    return TowerBatch(torch.from_numpy(np.stack(frames)), torch.tensor(captions), same, torch.from_numpy(np.stack(regions)))
