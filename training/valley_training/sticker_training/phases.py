"""The two phases of arXiv 2306.07207 on clips that are drawn and looked at as they come. The tower is frozen in both."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from valley_training.data.pixels import to_pixel_values
from valley_training.model.pooling import TransformerPooling
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import dialogue_loss
from valley_training.sticker_training.clips import ClipBatch
from valley_training.sticker_training.precision import quick_precision

# Embeddings begin with this deviation, too.
_FIRST_DELTA = 0.02


def clip_loss(model: Valley, batch: ClipBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss of all dialogues of a part."""
    with quick_precision(batch.pictures.device):
        with torch.no_grad():
            features = model.encode_frames(to_pixel_values(batch.pictures))  # [sum of frames, 1 + P, Dv]
        return dialogue_loss(model.decoder, batch.dialogues, model.pool_clips(list(features.split(batch.lengths))))


def start_as_mean(pooling: nn.Module) -> None:
    """Makes what the temporal transformer adds to the mean small at first: at its random start it is far larger than what
    the projector has learnt to say."""
    if isinstance(pooling, TransformerPooling):
        nn.init.constant_(pooling.transformer_delta_encoder.layers[0].norm2.weight, _FIRST_DELTA)
