"""The two phases of arXiv 2306.07207 on clips that are drawn and looked at as they come. The tower is frozen in both."""

from __future__ import annotations

import torch
from torch import Tensor

from valley_training.data.pixels import to_pixel_values
from valley_training.errors import TrainingError
from valley_training.model.valley import Valley
from valley_training.sticker_training.clips import ClipBatch
from valley_training.sticker_training.language import answer_loss
from valley_training.sticker_training.precision import quick_precision


def clip_loss(model: Valley, batch: ClipBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss of all dialogues of a part."""
    with quick_precision(batch.token_ids.device):
        with torch.no_grad():
            features = model.encode_frames(to_pixel_values(batch.pictures))  # [sum of frames, 1 + P, Dv]
        visual = model.pool_clips(list(features.split(batch.lengths)))
        rows = torch.cat([visual[index] for clips in batch.clips for index in clips])
        return answer_loss(model.decoder, spliced(model, batch.token_ids, rows), batch.labels)


def spliced(model: Valley, token_ids: Tensor, rows: Tensor) -> Tensor:
    """Embeddings [B, S, Dl] with the visual tokens of all dialogues in their placeholders, in order."""
    ids = model.config.special_ids
    embeddings = model.decoder.get_input_embeddings()(token_ids)
    mask = (token_ids == ids["<im_patch>"]) | (token_ids == ids["<vi_frame>"])
    if int(mask.sum()) != len(rows):
        raise TrainingError(f"{int(mask.sum())} placeholders but {len(rows)} visual tokens; make language.context longer")
    return embeddings.masked_scatter(mask[..., None], rows.to(embeddings.dtype))
