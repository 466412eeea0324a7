"""A model so small that tests build it anew each time."""

from __future__ import annotations

import torch

from valley_training.model.config import LanguageSizes, Pooling, ValleyConfig, VisionSizes
from valley_training.model.valley import SPECIAL_TOKENS, Valley


def tiny_model(pooling: Pooling = "mean", tied: bool = True) -> Valley:
    """Two tower blocks of 4 patches, two decoder layers, seeded random weights."""
    torch.manual_seed(0)
    ids = {token: index for index, token in enumerate(SPECIAL_TOKENS)}
    vision = VisionSizes(width=32, layers=2, heads=2, mlp_width=64, image_pixels=16, patch_pixels=8)
    language = LanguageSizes(width=48, layers=2, heads=6, key_value_heads=2, mlp_width=96, vocabulary=300, tied=tied)
    return Valley(ValleyConfig(vision, language, pooling, special_ids=ids)).eval()
