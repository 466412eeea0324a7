"""Towers of given sizes with fresh weights: transformers' own, with a convolutional stem where the sizes have one."""

from __future__ import annotations

from transformers import CLIPVisionModel

from valley_training.model.config import VisionSizes
from valley_training.model.conv_stem import ConvStem


def new_tower(sizes: VisionSizes, learns: bool = False) -> CLIPVisionModel:
    """A tower at random; `learns` gives its stem norms, which `fold_norms` folds away once it has learnt."""
    tower = CLIPVisionModel(sizes.to_transformers())
    if sizes.stem:
        tower.embeddings.patch_embedding = ConvStem(sizes.stem, sizes.width, learns)
    return tower
