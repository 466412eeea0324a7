"""What a model sees of a scene, drawn for the occasion: outside training, clips come one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from valley_training.data.pixels import to_pixel_values
from valley_training.model.valley import Valley
from valley_training.sticker_world.render import render_frames
from valley_training.sticker_world.scene import Scene


def seen_clip(model: Valley, scene: Scene, times: Sequence[float]) -> Tensor:
    """The visual tokens of a scene at so many times [P + T, Dl], on the model's device."""
    pictures = np.stack(list(render_frames(scene, times, model.config.vision.image_pixels)))  # [T, side, side, 3]
    values = to_pixel_values(torch.from_numpy(pictures).to(model.mm_projector.weight.device))
    return model.pool_clip(model.encode_frames(values))
