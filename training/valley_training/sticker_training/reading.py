"""What the tower learns beside the contrast: to say in words that the decoder knows what each patch and each picture show
and where, and to tell of a named thing where it lies. These parts are thrown away, but for the projector."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from valley_training.stages.contrast import learnt_scale, scaled
from valley_training.sticker_training.labels import COLUMNS, REGION_NAMES, ROWS, UNNAMED
from valley_training.sticker_training.told import GROUP_STARTS, GROUP_WEIGHTS, WORD_GROUPS
from valley_training.sticker_world.things import NAMES

_ASKED_WIDTH = 256


class WordReading(nn.Module):
    """Compares what the projector says with word vectors [W, Dl], which stay as they are."""

    words: Tensor

    def __init__(self, words: Tensor) -> None:
        super().__init__()
        self.register_buffer("words", words, persistent=False)
        self.log_scales = nn.ParameterList([learnt_scale() for _ in WORD_GROUPS])

    def logits(self, said: Tensor, group: int) -> Tensor:
        """Projected features [N, Dl] -> [N, words of the group]: cosines, measured from the group's mean."""
        return scaled(self.log_scales[group]) * centred_cosines(said, self._group(group))

    def patch_losses(self, said: Tensor, regions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """[R, Dl] and the words of the patches [R, 4] -> losses of naming, of colours and places, and of the distance to
        what would be told; and which names were right, as a share. Things and ground weigh the same, however few patches
        a thing has."""
        is_thing = regions[:, 0] < len(NAMES)
        logits = self.logits(said, 0)
        naming = balanced(nn.functional.cross_entropy(logits, regions[:, 0], reduction="none"), is_thing)
        rest = torch.stack([self._choice(said, regions[:, group], group) for group in (1, 2, 3)]).sum()
        wanted = sum(
            weight * self._group(group)[regions[:, group].clamp(min=0)] * (regions[:, group] != UNNAMED)[:, None]
            for group, weight in enumerate(GROUP_WEIGHTS)
        )
        far = balanced(distance(said, wanted), is_thing)
        right = (logits.argmax(1) == regions[:, 0])[is_thing].float().mean()
        return naming + 0.3 * rest, far, right

    def frame_losses(self, said: Tensor, told: Tensor) -> tuple[Tensor, Tensor]:
        """[N, Dl] and what is told of the pictures [N, W] -> losses of naming all that is there, and of the distance."""
        start = GROUP_STARTS[0]
        shares = told[:, start : start + len(WORD_GROUPS[0])]
        shares = shares / shares.sum(1, keepdim=True)
        naming = nn.functional.cross_entropy(self.logits(said, 0), shares)
        return naming, distance(said, told @ self.words).mean()

    def _choice(self, said: Tensor, wanted: Tensor, group: int) -> Tensor:
        named = wanted != UNNAMED
        if not named.any():
            return said.sum() * 0
        return nn.functional.cross_entropy(self.logits(said[named], group), wanted[named])

    def _group(self, group: int) -> Tensor:
        return self.words[GROUP_STARTS[group] : GROUP_STARTS[group] + len(WORD_GROUPS[group])]


class AskedPlaces(nn.Module):
    """Is a thing in the picture, and where? Asked of the picture's own feature by the thing's word: the contrast among
    captions is content with much less, and how things move is seen from these features alone."""

    def __init__(self, width: int, word_width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.picture = nn.Linear(width, _ASKED_WIDTH)
        self.thing = nn.Linear(word_width, _ASKED_WIDTH)
        self.answer = nn.Linear(_ASKED_WIDTH, 1 + len(COLUMNS) + len(ROWS))

    def loss(self, pictures: Tensor, things: Tensor, places: Tensor) -> tuple[Tensor, Tensor]:
        """Features [N, Dv], word vectors of the things asked about [N, A, Dl], and columns and rows [N, A, 2] -> the loss,
        and the share of columns and rows that were right."""
        hidden = self.picture(self.norm(pictures))[:, None] * self.thing(nn.functional.normalize(things, dim=-1))
        answers = self.answer(nn.functional.gelu(hidden)).float()  # [N, A, 1 + 5 + 5]
        there = places[..., 0] != UNNAMED
        presence = nn.functional.binary_cross_entropy_with_logits(answers[..., 0], there.float())
        if not there.any():
            return presence, presence.new_zeros(())
        columns, rows = answers[there][:, 1:].split([len(COLUMNS), len(ROWS)], dim=1)
        wanted = places[there]
        placing = nn.functional.cross_entropy(columns, wanted[:, 0]) + nn.functional.cross_entropy(rows, wanted[:, 1])
        right = ((columns.argmax(1) == wanted[:, 0]) & (rows.argmax(1) == wanted[:, 1])).float().mean()
        return presence + placing / 2, right


class StemNames(nn.Module):
    """Which region a patch shows, by what the stem sees of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(width)
        self.names_head = nn.Linear(width, len(REGION_NAMES))

    def loss(self, alone: Tensor, regions: Tensor) -> Tensor:
        """Features [R, Dv] and the regions that the patches show [R]."""
        losses = nn.functional.cross_entropy(self.names_head(self.norm(alone)).float(), regions, reduction="none")
        return balanced(losses, regions < len(NAMES))


def centred_cosines(said: Tensor, vectors: Tensor) -> Tensor:
    """[N, D] and word vectors [W, D] -> [N, W], measured from the vectors' mean: all words have that in common."""
    mean = vectors.mean(0)
    return nn.functional.normalize(said - mean, dim=1) @ nn.functional.normalize(vectors - mean, dim=1).T


def balanced(losses: Tensor, is_thing: Tensor) -> Tensor:
    """The mean of both kinds of patches; of one where the other is missing."""
    kinds = [losses[kind].mean() for kind in (is_thing, ~is_thing) if kind.any()]
    return torch.stack(kinds).mean()


def distance(said: Tensor, wanted: Tensor) -> Tensor:
    """Squared distances, as shares of the mean squared length of what is wanted: [N]."""
    return (said - wanted).square().sum(-1) / wanted.square().sum(-1).mean()
