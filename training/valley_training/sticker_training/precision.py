"""Half precision and the form of attention, each where it is quick."""

from __future__ import annotations

import contextlib
from typing import Any

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from transformers import PreTrainedModel


def quick_precision(device: torch.device) -> Any:
    """Matrix products in bfloat16 on a GPU and on processors that have units for it. On others they take twice as long
    (3.9 s against 1.8 s a step of the tower, measured), so there everything stays float32."""
    quick = device.type != "cpu" or _has_bfloat16_units()
    return torch.autocast(device.type, torch.bfloat16) if quick else contextlib.nullcontext()


def quick_attention(tower: PreTrainedModel, device: torch.device) -> None:
    """Attention among the few patches of a picture, in the form that learns faster: on processors a third of a step was the
    backward pass of the fused kernel (1.5 s a step with it, 1.1 s as plain products, measured)."""
    if device.type == "cpu":
        tower.set_attn_implementation("eager")


def short_text_attention(device: torch.device) -> Any:
    """The same for the caption encoder's few words: a twelfth of a step of the tower was the fused kernel's, measured."""
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else contextlib.nullcontext()


def _has_bfloat16_units() -> bool:
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
