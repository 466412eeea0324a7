"""Pixel values as the tower takes them. The numbers are CLIP's, and valley_config.json carries them to the product."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor

# openai/clip-vit-large-patch14, preprocessor_config.json.
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def resize_and_crop(frame: np.ndarray, resize: int, crop: int, filter_name: str) -> np.ndarray:
    """[H, W, 3] uint8 -> [crop, crop, 3]: short side to `resize` by Pillow's filter, the long one truncated; the square
    from the middle, as source at round((side - crop) / 2) with halves to even."""
    height, width = frame.shape[:2]
    short = min(height, width)
    size = (int(resize * width / short), int(resize * height / short))
    resized = np.asarray(Image.fromarray(frame).resize(size, Image.Resampling[filter_name.upper()]))
    left, top = round((size[0] - crop) / 2), round((size[1] - crop) / 2)
    return resized[top : top + crop, left : left + crop]


def to_pixel_values(frames: Tensor) -> Tensor:
    """[N, H, W, 3] uint8 -> [N, 3, H, W] float32, scaled by 1/255 and normalised by channel."""
    scaled = frames.permute(0, 3, 1, 2).float() / 255
    mean = torch.tensor(CLIP_MEAN, device=frames.device)[None, :, None, None]
    std = torch.tensor(CLIP_STD, device=frames.device)[None, :, None, None]
    return (scaled - mean) / std
