"""Pixel values as the tower takes them. The numbers are CLIP's, and valley_config.json carries them to the product."""

from __future__ import annotations

import torch
from torch import Tensor

# openai/clip-vit-large-patch14, preprocessor_config.json.
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def to_pixel_values(frames: Tensor) -> Tensor:
    """[N, H, W, 3] uint8 -> [N, 3, H, W] float32, scaled by 1/255 and normalised by channel."""
    scaled = frames.permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor(CLIP_MEAN)[None, :, None, None]
    std = torch.tensor(CLIP_STD)[None, :, None, None]
    return (scaled - mean) / std
