"""The tower as it learns: from some of each picture's patches (FLIP, arXiv 2212.00794), as half of them show bare ground. Every
so often from all, as it will see pictures later."""

from __future__ import annotations

import random

import numpy as np
import torch
from torch import Tensor
from transformers import CLIPVisionModel

from valley_training.sticker_training.labels import UNNAMED
from valley_training.sticker_world.things import NAMES

_WHOLE_EVERY = 4
# What follows the layer that the decoder reads serves the contrast alone, and is thrown away: it sees this share of patches.
_SHARE_AFTERWARDS = 4


def seen_patches(step: int, some: int, all_patches: int) -> int:
    """How many patches of each picture the tower sees in a step; with `some` 0 always all."""
    return all_patches if step % _WHOLE_EVERY == 0 or some == 0 else min(some, all_patches)


def kept_patches(regions: np.ndarray, count: int, rng: random.Random) -> np.ndarray:
    """Numbers of `count` of the patches [P, 4] in random order, int64 [count]: first those that show a thing, then any."""
    shows = (regions[:, 0] != UNNAMED) & (regions[:, 0] < len(NAMES))
    order = sorted(range(len(regions)), key=lambda patch: (not shows[patch], rng.random()))[:count]
    rng.shuffle(order)
    return np.array(order, dtype=np.int64)


def look(
    tower: CLIPVisionModel, pixel_values: Tensor, kept: Tensor, select_layer: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Pictures [N, 3, H, W] and the patches kept of each [N, K] -> features of the selected layer [N, 1 + K, Dv], the class
    feature first, the pooled ones [N, Dv], and what was seen of the patches before they knew of each other and of their places
    [N, K, Dv]. With all patches in their order the features are those of the tower's own
    forward pass."""
    embedded = tower.embeddings(pixel_values)  # [N, 1 + P, Dv]
    patches = embedded[:, 1:].gather(1, kept[:, :, None].expand(-1, -1, embedded.shape[2]))  # [N, K, Dv]
    alone = patches - tower.embeddings.position_embedding.weight[1:][kept]
    hidden = tower.pre_layrnorm(torch.cat([embedded[:, :1], patches], dim=1))  # [N, 1 + K, Dv]
    read = range(len(tower.encoder.layers) + 1)[select_layer]
    features = hidden
    for number, layer in enumerate(tower.encoder.layers, start=1):
        hidden = layer(hidden, None)
        if number == read:
            features = hidden
            hidden = hidden[:, : 1 + -(-kept.shape[1] // _SHARE_AFTERWARDS)]
    return features, tower.post_layernorm(hidden[:, 0]), alone
