"""Optimizers of the stages: AdamW for everything, or Muon for the matrices inside the blocks and AdamW for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from valley_training.loop.schedule import Schedule

SLOW_SHARE = 0.1
# Looked up by row rather than multiplied with.
_TABLES = ("embed_tokens.weight", "position_embedding.weight", "words.weight")


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


def build_optimizer(module: nn.Module, schedule: Schedule, slow: tuple[str, ...] = ()) -> Optimizers:
    """The optimizers of the parameters that learn. Muon (Jordan 2024) takes the matrices except embeddings and heads,
    with its update scaled to AdamW's size (Moonlight, arXiv 2502.16982), so that both share one learning rate, unless the
    schedule's `adamw_share` gives AdamW less. The groups of parameters whose names begin with one of `slow` have SLOW_SHARE of
    that as their `share` of it."""
    learning = [(name, parameter) for name, parameter in module.named_parameters() if parameter.requires_grad]
    with_muon = schedule.optimizer == "muon"
    matrices, rest = _Groups(schedule, slow), _Groups(schedule, slow, schedule.adamw_share if with_muon else 1.0)
    for name, parameter in learning:
        is_matrix = parameter.ndim == 2 and not name.endswith(_TABLES) and "_head." not in name
        (matrices if with_muon and is_matrix else rest).add(name, parameter)
    decay = schedule.weight_decay
    members: list[torch.optim.Optimizer] = []
    if rest.found:
        members.append(torch.optim.AdamW(rest.found, betas=schedule.betas, weight_decay=decay, fused=True))
    if matrices.found:
        members.append(torch.optim.Muon(matrices.found, weight_decay=decay, adjust_lr_fn="match_rms_adamw"))
    return Optimizers(members)


class _Groups:
    """Parameters by their share of the rate, as torch's optimizers take them."""

    def __init__(self, schedule: Schedule, slow: tuple[str, ...], share: float = 1.0) -> None:
        self._rate, self._slow, self._share = schedule.learning_rate, slow, share
        self.found: list[dict[str, Any]] = []

    def add(self, name: str, parameter: nn.Parameter) -> None:
        share = self._share * (SLOW_SHARE if self._slow and name.startswith(self._slow) else 1.0)
        for group in self.found:
            if group["share"] == share:
                group["params"].append(parameter)
                return
        self.found.append({"params": [parameter], "lr": self._rate * share, "share": share})
