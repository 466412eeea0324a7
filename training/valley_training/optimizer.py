"""Optimizers of the stages: AdamW for everything, or Muon for the matrices inside the blocks and AdamW for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from valley_training.loop.schedule import Schedule


class Optimizers:
    """Several optimizers that step together; their state is one dictionary."""

    def __init__(self, members: list[torch.optim.Optimizer]) -> None:
        self.members = members

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        return [group for member in self.members for group in member.param_groups]

    def step(self) -> None:
        for member in self.members:
            member.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for member in self.members:
            member.zero_grad(set_to_none=set_to_none)

    def state_dict(self) -> dict[str, Any]:
        return {str(index): member.state_dict() for index, member in enumerate(self.members)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if len(state) != len(self.members):
            raise ValueError(f"it holds {len(state)} optimizers, {len(self.members)} are configured")
        for index, member in enumerate(self.members):
            member.load_state_dict(state[str(index)])


def build_optimizer(module: nn.Module, schedule: Schedule) -> Optimizers:
    """The optimizers of the parameters that learn. Muon (Jordan 2024) takes the matrices except embeddings and heads,
    with its update scaled to AdamW's size (Moonlight, arXiv 2502.16982), so that both share one learning rate."""
    learning = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
    matrices = [
        parameter
        for name, parameter in learning
        if schedule.optimizer == "muon" and parameter.ndim == 2 and "embed" not in name and "lm_head" not in name
    ]
    chosen = {id(parameter) for parameter in matrices}
    rest = [parameter for _, parameter in learning if id(parameter) not in chosen]
    members: list[torch.optim.Optimizer] = []
    if rest:
        members.append(
            torch.optim.AdamW(
                rest, lr=schedule.learning_rate, betas=schedule.betas, weight_decay=schedule.weight_decay, fused=True
            )
        )
    if matrices:
        members.append(
            torch.optim.Muon(
                matrices, lr=schedule.learning_rate, weight_decay=schedule.weight_decay, adjust_lr_fn="match_rms_adamw"
            )
        )
    return Optimizers(members)
