"""The network of an arm: the published poolings, and two that the published code has no switch for."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from valley_training.data.dialogue import visual_block
from valley_training.experiments.config import ExperimentConfig
from valley_training.model.valley import Valley
from valley_training.sticker_training.attention import quick_attention

Pooling = Literal["mean", "importance", "transformer", "max", "none"]
POOLINGS: tuple[Pooling, ...] = ("mean", "importance", "transformer", "max", "none")


class MaxPooling(nn.Module):
    """Each patch position's largest value over time, a number at a time."""

    def forward(self, patches: Tensor) -> Tensor:
        return patches.amax(dim=-3)  # [P, Dl]


class NoPooling(nn.Module):
    """All patches of all frames, frame after frame."""

    def forward(self, patches: Tensor) -> Tensor:
        return patches.flatten(-3, -2)  # [T P, Dl]


def build_network(config: ExperimentConfig, pooling: Pooling, device: torch.device) -> Valley:
    """A fresh network without a tower: features of the clips are kept, so none is needed. It stays where it is made, with
    attention as it learns fastest on `device`."""
    published = pooling if pooling in ("mean", "importance", "transformer") else "mean"
    model = Valley(config.valley(published), vision_tower=nn.Identity())
    if pooling == "max":
        model.pooling = MaxPooling()
    if pooling == "none":
        model.pooling = NoPooling()
    quick_attention(model.decoder, device)
    return model


def pooled_tokens(pooling: Pooling, patches: int, frames: int) -> int:
    """How many visual tokens the patches of a clip become."""
    return patches * frames if pooling == "none" else patches


def visual_tokens(model: Valley, features: Tensor, frame_tokens: bool) -> Tensor:
    """Features [B, T, 1 + P, Dv] -> [B, pooled tokens (+ T), Dl]."""
    tokens = model.pool_clip(features)
    return tokens if frame_tokens else tokens[:, : tokens.shape[1] - features.shape[1]]


def clip_block(config: ExperimentConfig, pooling: Pooling, frame_tokens: bool) -> str:
    """The placeholders of a clip, one for each visual token."""
    frames = config.clips.frames
    return visual_block(pooled_tokens(pooling, config.vision.patches, frames), frames if frame_tokens else 0)


def parameters(module: nn.Module) -> int:
    """How many numbers it learns."""
    return sum(parameter.numel() for parameter in module.parameters())
