"""The contrast of pictures and captions (Radford et al. 2021): each finds the other among all of a batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

FIRST_SCALE = 10.0
LARGEST_SCALE = 100.0


def learnt_scale() -> nn.Parameter:
    """The logarithm of the scale of similarities."""
    return nn.Parameter(torch.tensor(math.log(FIRST_SCALE)))


def scaled(log_scale: Tensor) -> Tensor:
    """The scale itself, bounded."""
    return log_scale.clamp(max=math.log(LARGEST_SCALE)).exp()


def contrastive_loss(pictures: Tensor, captions: Tensor, log_scale: Tensor, same: Tensor) -> tuple[Tensor, float]:
    """Loss of both directions for vectors [N, shared] each, and the share of pictures that find their caption.
    `same` [N, N] marks captions that another picture has too: they are no negatives."""
    pictures = nn.functional.normalize(pictures.float(), dim=-1)
    captions = nn.functional.normalize(captions.float(), dim=-1)
    logits = scaled(log_scale) * pictures @ captions.T  # [N, N]
    logits = logits.masked_fill(same, -1e4)
    target = torch.arange(logits.shape[0], device=logits.device)
    loss = (nn.functional.cross_entropy(logits, target) + nn.functional.cross_entropy(logits.T, target)) / 2
    return loss, (logits.argmax(1) == target).float().mean().item()
