"""What a camera, a codec and bad light do to pictures, drawn for a whole batch on the device: on the processor it takes
longer than drawing the stickers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_CONTRAST, _BRIGHTNESS, _SATURATION = (0.78, 1.2), (-22.0, 22.0), (0.75, 1.2)
_NOISE_SHARE, _NOISE = 0.3, 10.0
_COARSE_SHARE, _COARSE_SCALES = 0.3, (0.45, 0.6, 0.75)


def finished(pictures: Tensor) -> Tensor:
    """uint8 [N, side, side, 3] -> float32 of the same shape, 0 to 255, each with a light and losses of its own."""
    count, device = len(pictures), pictures.device

    def drawn(low: float, high: float) -> Tensor:
        return torch.empty(count, 1, 1, 1, device=device).uniform_(low, high)

    values = pictures.float()
    grey = values.mean(-1, keepdim=True)
    values = grey + (values - grey) * drawn(*_SATURATION)
    values = 128 + (values - 128) * drawn(*_CONTRAST) + drawn(*_BRIGHTNESS)
    # Seen from farther away, or sharpened by nobody: shrunk and enlarged again. One scale a batch part keeps it quick.
    coarse = int(count * _COARSE_SHARE)
    if coarse:
        scale = _COARSE_SCALES[int(torch.randint(len(_COARSE_SCALES), ()))]
        planes = values[:coarse].permute(0, 3, 1, 2)
        small = nn.functional.interpolate(planes, scale_factor=scale, mode="bilinear", antialias=True)
        large = nn.functional.interpolate(small, size=planes.shape[-2:], mode="bilinear")
        values = torch.cat([large.permute(0, 2, 3, 1), values[coarse:]])
    noise = drawn(0, _NOISE) * (torch.rand(count, 1, 1, 1, device=device) < _NOISE_SHARE)
    return (values + torch.randn_like(values) * noise).clamp(0, 255)
