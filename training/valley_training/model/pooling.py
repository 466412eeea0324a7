"""Temporal pooling of projected patch features: v1 mean, v2 importance, v3 transformer.

Source: RupertLuo/Valley at 83d794f, valley/model/valley_model.py; formulas checked against the paper (arXiv 2306.07207).
All take [T, P, Dl] of one clip and give [P, Dl]; a batch of clips of equal length may stand before: [B, T, P, Dl]. The frame
(class) features never pass through here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

MAX_FRAMES = 2048  # rows of the position table, as source
TRANSFORMER_HEADS = 8  # as source
TRANSFORMER_MLP_WIDTH = 2048  # PyTorch's default, as source


class MeanPooling(nn.Module):
    """v1: each patch position's mean over time."""

    def forward(self, patches: Tensor) -> Tensor:
        return patches.mean(dim=-3)  # [P, Dl]


class ImportancePooling(nn.Module):
    """v2: one score a frame from all its patches, softmax over time, weighted sum."""

    def __init__(self, patches: int, width: int) -> None:
        super().__init__()
        self.pooling_layer = nn.Linear(patches * width, 1)

    def forward(self, patches: Tensor) -> Tensor:
        scores = self.pooling_layer(patches.flatten(-2))  # [T, 1]
        weights = scores.softmax(dim=-2)  # [T, 1]
        return (weights[..., None] * patches).sum(dim=-3)  # [P, Dl]


class TransformerPooling(nn.Module):
    """v3: one transformer layer over time at each patch position; its output at the last frame, plus the mean."""

    position_matrix: Tensor

    def __init__(self, width: int, mlp_width: int = TRANSFORMER_MLP_WIDTH) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(width, TRANSFORMER_HEADS, mlp_width, dropout=0.1, batch_first=True)
        self.transformer_delta_encoder = nn.TransformerEncoder(layer, num_layers=1, enable_nested_tensor=False)
        self.register_buffer("position_matrix", sinusoid_table(MAX_FRAMES, width))

    def forward(self, patches: Tensor) -> Tensor:
        by_patch = patches.transpose(-3, -2)  # [P, T, Dl]
        positioned = by_patch + self.position_matrix[: by_patch.shape[-2]]  # [P, T, Dl]
        # The table stays float32 where FSDP has the weights in bfloat16.
        positioned = positioned.to(self.transformer_delta_encoder.layers[0].norm1.weight.dtype)
        # Each patch position is a sequence of its own, whatever stands before.
        delta = self._encode_last(positioned.flatten(0, -3)).view_as(by_patch[..., 0, :])  # [P, Dl]
        # As source: the mean is of the features without their positions.
        return delta + by_patch.mean(dim=-2)  # [P, Dl]

    def _encode_last(self, sequences: Tensor) -> Tensor:
        """[B, T, Dl] -> [B, Dl], the encoder's output at the last position: the only one that is used, so the only one
        that is computed. Equal to `self.transformer_delta_encoder(sequences)[:, -1]`."""
        layer = self.transformer_delta_encoder.layers[0]
        last = sequences[:, -1:]  # [B, 1, Dl]
        attended, _ = layer.self_attn(last, sequences, sequences, need_weights=False)
        hidden = layer.norm1(last + layer.dropout1(attended))
        mlp = layer.linear2(layer.dropout(torch.relu(layer.linear1(hidden))))
        return layer.norm2(hidden + layer.dropout2(mlp))[:, 0]


def sinusoid_table(rows: int, width: int) -> Tensor:
    """Interleaved sinusoid, base 10000: even columns sine, odd columns cosine. [rows, width] float32."""
    position = torch.arange(rows, dtype=torch.float64)[:, None]
    frequency = torch.exp(torch.arange(0, width, 2, dtype=torch.float64) * (-math.log(10000.0) / width))
    table = torch.zeros(rows, width, dtype=torch.float64)
    table[:, 0::2] = torch.sin(position * frequency)
    table[:, 1::2] = torch.cos(position * frequency)
    return table.float()


def build_pooling(kind: str, patches: int, width: int, mlp_width: int = TRANSFORMER_MLP_WIDTH) -> nn.Module:
    """The module that a config names; `mlp_width` is of the transformer."""
    if kind == "mean":
        return MeanPooling()
    if kind == "importance":
        return ImportancePooling(patches, width)
    if kind == "transformer":
        return TransformerPooling(width, mlp_width)
    raise ValueError(f"pooling is {kind!r}; it can be mean, importance or transformer")
