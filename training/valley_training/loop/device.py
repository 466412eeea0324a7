"""Batches to the device that the model is on."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")


def to_device(batch: Batch, device: torch.device) -> Batch:
    """A dataclass with its tensors on a device; the same object where they are there."""
    moved = {
        field.name: value.to(device)
        for field in dataclasses.fields(batch)  # type: ignore[arg-type]
        if isinstance(value := getattr(batch, field.name), Tensor) and value.device != device
    }
    return dataclasses.replace(batch, **moved) if moved else batch  # type: ignore[type-var]


def bfloat16(device: torch.device) -> Any:
    """Matrix products in bfloat16, on the device."""
    return torch.autocast(device.type, torch.bfloat16)
