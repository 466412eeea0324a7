"""The loss of what a decoder recalls of a thing in the middle of its layers, where a text has just named it (records.py)."""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from valley_training.sticker_training.labels import UNNAMED
from valley_training.sticker_training.records import RECORD

# Of the sum over all entries; other weights were not tried.
RECALL_WEIGHT = 0.15
_CLASSES = tuple(len(classes) for classes in RECORD.values())


def hear_middle(decoder: LlamaForCausalLM) -> nn.Module:
    """The decoder's layer whose states recall, which from now on keeps what it gave last [B, S, Dl] as `heard`; the layers
    after it are left to answer with that. (Asked for hidden states, transformers leaves the generated code at each layer.)"""
    layers = decoder.model.layers
    layer = layers[(len(layers) + 1) // 2 - 1]
    if not hasattr(layer, "heard"):
        layer.heard = None
        layer.register_forward_hook(_hear)
    return layer


def _hear(layer: nn.Module, _: Any, states: Tensor) -> None:
    layer.heard = states


def recall_loss(states: Tensor, records: Tensor) -> tuple[Tensor, float]:
    """States [M, Dl] where things are named and classes of their records int64 [M, entries] -> cross-entropy, summed over
    the entries, and the share of classes that are right. Each class has a direction that never changes, so there is nothing
    beside the network that would have to be learnt, kept or thrown away."""
    states = states.float()
    states = states * states.square().mean(-1, keepdim=True).add(1e-6).rsqrt()  # [M, Dl], as loud as a norm makes them
    logits = (states @ _directions(states.shape[-1], states.device).T).split(_CLASSES, dim=1)
    loss, right, known = states.new_zeros(()), 0, 0
    for entry, classes in zip(logits, records.unbind(1), strict=True):
        is_known = classes != UNNAMED
        if is_known.any():
            loss = loss + nn.functional.cross_entropy(entry[is_known], classes[is_known])
            right += int((entry.argmax(1) == classes)[is_known].sum())
            known += int(is_known.sum())
    return loss, right / max(1, known)


@cache
def _directions(width: int, device: torch.device) -> Tensor:
    """Of each class a unit vector [classes, Dl], by chance but always the same."""
    directions = torch.randn(sum(_CLASSES), width, generator=torch.Generator().manual_seed(0))
    return nn.functional.normalize(directions, dim=1).to(device)
