"""Gradients of one step over its micro-batches and processes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import torch
from accelerate import Accelerator
from torch import nn

from valley_training.data.dialogue import IGNORED
from valley_training.recipe.batches import Batch


def learnt_positions(batch: Batch) -> int:
    """Positions of a batch whose token is learnt."""
    return int((batch["labels"] != IGNORED).sum())


def backward(
    accelerator: Accelerator, module: nn.Module, micro_batches: list[Batch], figure: str, weigh: Any = learnt_positions
) -> tuple[float, dict[str, float]]:
    """Each learnt position weighs the same, however the step is cut into micro-batches and processes. `weigh` counts what
    a batch's loss is summed over."""
    device = accelerator.device
    weights = torch.tensor([weigh(batch) for batch in micro_batches], device=device, dtype=torch.float32)
    weight = accelerator.reduce(weights.sum(), "sum").clamp(min=1)
    total = torch.zeros(2, device=device)
    for number, batch in enumerate(micro_batches):
        last = number == len(micro_batches) - 1
        # Processes exchange gradients once a step.
        with nullcontext() if last else accelerator.no_sync(module):
            summed = module(**batch)
            # The processes' gradients are averaged, ours are to be added up.
            accelerator.backward(summed[0] * accelerator.num_processes / weight)
        total += summed.detach()
    loss, right = (accelerator.reduce(total, "sum") / weight).tolist()
    return loss, {figure: right}
