"""The two phases of arXiv 2306.07207 on clips that are drawn and looked at as they come. The tower is frozen in both.

Both have a second teacher beside the answers: which thing a visual token shows, as a choice among all names. Answers alone
teach the projector names late (README.md). Phase 1 has a third: what would be told of the clip (told.py), token by token. A
description hardly tells the pooling apart from its mean; from the rows it learns to say when a patch shows a thing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from valley_training.data.pixels import to_pixel_values
from valley_training.model.pooling import TransformerPooling
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import dialogue_loss
from valley_training.sticker_training.clips import ClipBatch
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_training.reading import balanced, centred_cosines, distance
from valley_training.sticker_training.told import GROUP_STARTS
from valley_training.sticker_training.told_words import word_vectors
from valley_training.sticker_world.things import NAMES

# Of the loss of naming, beside a loss of one for what says nothing at all.
NAMING_WEIGHT = 0.3
# Of cosines: a name that fits as well as the next but for a tenth is then twenty times as likely.
_SHARPNESS = 30.0
# Embeddings begin with this deviation, too.
_FIRST_DELTA = 0.02


def clip_loss(model: Valley, phase: int, words: Tensor, batch: ClipBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss of all dialogues of a part and of what the visual tokens say; `words` are the word_weights of the told words."""
    with quick_precision(batch.pictures.device):
        with torch.no_grad():
            features = model.encode_frames(to_pixel_values(batch.pictures))  # [sum of frames, 1 + P, Dv]
        visual = model.pool_clips(list(features.split(batch.lengths)))  # of each clip [P + T, Dl]
        loss, figures = dialogue_loss(model.decoder, batch.dialogues, visual)
    said, told, vectors = torch.cat(visual).float(), torch.cat(batch.told), told_vectors(model, words)
    naming, named = naming_loss(said, told, vectors)
    loss, figures = loss + NAMING_WEIGHT * naming, {**figures, "named": named}
    if phase == 2:
        return loss, figures
    far = told_loss(said, told, vectors)
    return loss + far, {**figures, "far": far.item()}


def told_vectors(model: Valley, words: Tensor) -> Tensor:
    """What the told words' weights are in the decoder's own embeddings, as they are now [W, Dl]."""
    embeddings = model.decoder.get_input_embeddings().weight.detach()
    return word_vectors(embeddings, words.to(embeddings.device))


def shows_thing(told: Tensor) -> Tensor:
    """Of rows of weights over the told words [N, W], whether they tell of a thing [N]."""
    return told[:, GROUP_STARTS[0] : GROUP_STARTS[0] + len(NAMES)].any(1)


def told_loss(said: Tensor, told: Tensor, vectors: Tensor) -> Tensor:
    """Visual tokens [N, Dl], weights over the told words [N, W] and their vectors [W, Dl] -> the distance between the two, as a
    share of the length of what is told; rows that show a thing weigh as much in all as those that show none."""
    return balanced(distance(said, told @ vectors), shows_thing(told))


def naming_loss(said: Tensor, told: Tensor, vectors: Tensor) -> tuple[Tensor, float]:
    """Visual tokens [N, Dl], weights over the told words [N, W] and their vectors [W, Dl] -> the cross-entropy of the things'
    names over the rows that show one, by their cosines measured from the mean of all names; and the share of these rows whose
    nearest name is the one that they show most. Both are 0 where no row shows a thing."""
    things = shows_thing(told)
    if not things.any():
        return said.sum() * 0, 0.0
    start = GROUP_STARTS[0]
    shares = nn.functional.normalize(told[things, start : start + len(NAMES)], p=1, dim=1)
    cosines = centred_cosines(said[things], vectors[start : start + len(NAMES)])
    named = (cosines.argmax(1) == shares.argmax(1)).float().mean()
    return nn.functional.cross_entropy(_SHARPNESS * cosines, shares), named.item()


def start_as_mean(pooling: nn.Module) -> None:
    """Makes what the temporal transformer adds to the mean small at first: at its random start it is far larger than what
    the projector has learnt to say."""
    if isinstance(pooling, TransformerPooling):
        nn.init.constant_(pooling.transformer_delta_encoder.layers[0].norm2.weight, _FIRST_DELTA)
