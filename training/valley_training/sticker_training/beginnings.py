"""The weights that networks begin with. From random ones it takes a decoder hundreds of steps until a word attends to the same
word elsewhere, and a tower as long until a patch attends to those near it; both can be there from the start."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel, LlamaForCausalLM

# How loud the products of queries and keys are, and what attention adds to the embeddings, which begin with _EMBEDDING.
_MATCHING, _COPYING, _EMBEDDING = 0.8, 0.04, 0.02
_NEARNESS, _SUBTRACTED, _PLACES = 0.7, 0.4, 0.5
# Radians from one patch to the next, and how many times longer than the shortest wave the longest is.
_SHORTEST_WAVE, _WAVE_SPAN = math.pi / 2, 16.0


@torch.no_grad()
def begin_by_matching(decoder: LlamaForCausalLM) -> None:
    """Keys like queries and outputs like values: a token attends to tokens like itself and takes over what they are (mimetic
    initialization, arXiv 2305.09828; for recall, arXiv 2410.11135)."""
    config = decoder.config
    grouped = (config.num_key_value_heads, config.num_attention_heads // config.num_key_value_heads, -1, config.hidden_size)
    for layer in decoder.model.layers:
        attention = layer.self_attn
        nn.init.orthogonal_(attention.q_proj.weight, _MATCHING)
        # Of the queries that share a key, the first is like it.
        attention.k_proj.weight.copy_(attention.q_proj.weight.view(grouped)[:, 0].flatten(0, 1))
        nn.init.orthogonal_(attention.v_proj.weight)
        values = attention.v_proj.weight.view(grouped[0], 1, -1, grouped[3]).expand(grouped)
        attention.o_proj.weight.copy_(_COPYING * values.flatten(0, 2).T)
        nn.init.normal_(layer.mlp.down_proj.weight, std=_EMBEDDING / math.sqrt(2 * config.num_hidden_layers))


@torch.no_grad()
def begin_by_nearness(tower: CLIPVisionModel) -> None:
    """Places as waves, as loud as what patches show, and keys like queries: a patch attends to those near it, and is told
    from them (mimetic initialization, arXiv 2305.09828)."""
    places = tower.embeddings.position_embedding.weight  # [1 + P, Dv]
    places[1:] = _PLACES * place_waves(math.isqrt(tower.embeddings.num_patches), places.shape[1])
    for layer in tower.encoder.layers:
        attention = layer.self_attn
        nn.init.orthogonal_(attention.q_proj.weight, _NEARNESS)
        attention.k_proj.weight.copy_(attention.q_proj.weight)
        nn.init.orthogonal_(attention.v_proj.weight)
        nn.init.orthogonal_(attention.out_proj.weight, _SUBTRACTED)
        attention.out_proj.weight.sub_(_SUBTRACTED * attention.v_proj.weight.T)


def place_waves(side: int, width: int) -> Tensor:
    """Sines and cosines of column and row over a square of patches, of geometric lengths [side * side, width], row by row.
    The product of two rows falls with the distance of their patches. The width is a multiple of 4."""
    count = width // 4
    lengths = _WAVE_SPAN ** (torch.arange(count) / max(1, count - 1))
    angles = torch.arange(side)[:, None] * _SHORTEST_WAVE / lengths  # [side, count]
    line = torch.cat([angles.sin(), angles.cos()], dim=1)  # [side, width / 2]
    columns, rows = line[None, :].expand(side, -1, -1), line[:, None].expand(-1, side, -1)
    return torch.cat([columns, rows], dim=2).flatten(0, 1)
