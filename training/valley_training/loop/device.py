"""Batches to the device that the model is on."""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

import torch
from torch import Tensor

Batch = TypeVar("Batch")


def to_device(batch: Batch, device: torch.device) -> Batch:
    """Tensors, lists and dataclasses of them on a device; the same objects where they are there."""
    if isinstance(batch, Tensor):
        return batch.to(device)  # type: ignore[return-value]
    if isinstance(batch, list):
        return [to_device(one, device) for one in batch]  # type: ignore[return-value]
    if not dataclasses.is_dataclass(batch):
        return batch
    values = {field.name: getattr(batch, field.name) for field in dataclasses.fields(batch)}
    moved = {name: there for name, value in values.items() if (there := to_device(value, device)) is not value}
    return dataclasses.replace(batch, **moved) if moved else batch  # type: ignore[type-var]


def bfloat16(device: torch.device) -> Any:
    """Matrix products in bfloat16, on the device."""
    return torch.autocast(device.type, torch.bfloat16)
