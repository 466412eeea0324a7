"""Attention in the form that learns fastest. On processors the fused kernel's backward pass loses to plain products of the
same sizes: 32 ms against 14 ms for 8 dialogues of 320 tokens, 1.1 s against 0.9 s for a step of the tower, measured."""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import AttentionInterface, PreTrainedModel

_PRODUCTS = "valley_products"


def quick_attention(model: PreTrainedModel, device: torch.device) -> None:
    """Gives a tower or a decoder attention by plain products, if it learns on processors."""
    if device.type == "cpu":
        model.set_attn_implementation(_PRODUCTS)


def short_text_attention(device: torch.device) -> Any:
    """The same for the caption encoder's few words, whose layers are PyTorch's: a twelfth of a step of the tower was the
    fused kernel's, measured."""
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else contextlib.nullcontext()


def product_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **_: Any,
) -> tuple[Tensor, None]:
    """query [B, H, S, D], key and value [B, K, R, D], where K divides H and the query's positions are the last S of R
    -> [B, S, H, D]. attention_mask [B, 1, S, R] is true where a position is seen; without one, a decoder's positions see those
    before them: dialogues are padded at their ends, which nothing before them sees."""
    heads, length, seen = query.shape[1], query.shape[2], key.shape[2]
    if key.shape[1] != heads:
        key, value = (one.repeat_interleave(heads // one.shape[1], dim=1) for one in (key, value))
    scores = (query * (query.shape[-1] ** -0.5 if scaling is None else scaling)) @ key.transpose(2, 3)  # [B, H, S, R]
    if attention_mask is not None:
        scores = scores.masked_fill(~attention_mask, float("-inf"))
    elif getattr(module, "is_causal", True) and length > 1:
        later = torch.ones(length, seen, dtype=torch.bool, device=query.device).triu(1 + seen - length)
        scores = scores.masked_fill(later, float("-inf"))
    return (scores.softmax(-1) @ value).transpose(1, 2).contiguous(), None


AttentionInterface.register(_PRODUCTS, product_attention)
