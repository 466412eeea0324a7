"""What phase 1 begins with: the projector that says best, of all linear ones, what would be told of the clips (told.py).

The tower has learnt to name patches, not to tell of whole pictures, and the decoder may have gone on learning since. Steps
make that up late, as the projector learns slowly: after 480 of them 0.70 of the squared length of what is told was missed, with
least squares 0.58 (means of four parts). They take half a minute. What is squared hardly tells names apart, though: 13 % of
patches are named so, 40 % with the tower's own projector (README.md)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from valley_training.data.pixels import to_pixel_values
from valley_training.loop.device import to_device
from valley_training.model.valley import Valley
from valley_training.sticker_training.clips import ClipBatch
from valley_training.sticker_training.phases import shows_thing, told_vectors

# Of the mean of what is squared: patches that are always alike have no weights without end.
_RIDGE = 1e-3


@torch.no_grad()
def fit_projector(model: Valley, words: Tensor, parts: Iterable[ClipBatch]) -> None:
    """Sets the projector by parts that tell of their clips; `words` are the word_weights of the told words. A mean over time
    of what is projected is the projection of the mean, so the patches of a clip are fitted as means."""
    device = model.mm_projector.weight.device
    vectors = told_vectors(model, words)
    seen, said, weights = [], [], []
    for part in parts:
        batch = to_device(part, device)
        features = model.encode_frames(to_pixel_values(batch.pictures))  # [sum of frames, 1 + P, Dv]
        for clip, told in zip(features.split(batch.lengths), batch.told, strict=True):
            seen.append(torch.cat([clip[:, 1:].mean(0), clip[:, 0]]))  # [P + T, Dv]
            said.append(told @ vectors)  # [P + T, Dl]
            weights.append(shows_thing(told))
    thing = torch.cat(weights)
    # Things weigh as much in all as the ground.
    shares = torch.where(thing, 0.5 / thing.sum(), 0.5 / (~thing).sum()).double()[:, None]
    inputs = torch.cat(seen).double()
    inputs = torch.cat([inputs, inputs.new_ones(len(inputs), 1)], dim=1)  # [N, Dv + 1]
    squares = inputs.T @ (shares * inputs)
    squares += _RIDGE * squares.diagonal().mean() * torch.eye(len(squares), dtype=squares.dtype, device=device)
    solution = torch.linalg.solve(squares, inputs.T @ (shares * torch.cat(said).double()))  # [Dv + 1, Dl]
    model.mm_projector.weight.copy_(solution[:-1].T)
    model.mm_projector.bias.copy_(solution[-1])
