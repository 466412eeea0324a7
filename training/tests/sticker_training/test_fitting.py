"""The projector that phase 1 begins with."""

from __future__ import annotations

import torch

from valley_training.data.pixels import to_pixel_values
from valley_training.model.valley import Valley
from valley_training.sticker_training.clips import ClipBatch, make_clip_part
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.fitting import fit_projector
from valley_training.sticker_training.phases import told_loss, told_vectors
from valley_training.sticker_training.records import Mentions
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_training.told_words import word_weights


@torch.no_grad()
def missed(model: Valley, parts: list[ClipBatch], words: torch.Tensor) -> float:
    """What the projector misses of what is told, over all parts at once."""
    said = []
    for part in parts:
        for clip in model.encode_frames(to_pixel_values(part.pictures)).split(part.lengths):
            said.append(model.mm_projector(torch.cat([clip[:, 1:].mean(0), clip[:, 0]])))
    told = torch.cat([told for part in parts for told in part.told])
    return told_loss(torch.cat(said), told, told_vectors(model, words)).item()


def test_no_other_projector_says_what_is_told_better(tiny_config: StickerConfig) -> None:
    tokenizer = sticker_tokenizer(600, 0, 4)
    mentions, words = Mentions(tokenizer), word_weights(tokenizer)
    parts = [make_clip_part(tiny_config, 1, number, tokenizer, mentions) for number in range(4)]
    torch.manual_seed(0)
    model = Valley(tiny_config.valley())
    before = missed(model, parts, words)
    fit_projector(model, words, parts)
    fitted = missed(model, parts, words)
    assert fitted < before
    assert fitted < 1.0
    weight, bias = model.mm_projector.weight.clone(), model.mm_projector.bias.clone()
    for _ in range(8):
        with torch.no_grad():
            model.mm_projector.weight.copy_(weight * (1 + 0.2 * torch.randn_like(weight)))
            model.mm_projector.bias.copy_(bias * (1 + 0.2 * torch.randn_like(bias)))
        assert missed(model, parts, words) > fitted
