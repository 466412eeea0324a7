"""Which optimizer takes what, and how fast."""

from __future__ import annotations

import torch
from torch import nn

from valley_training.loop.schedule import Schedule
from valley_training.model.config import VisionSizes
from valley_training.model.conv_stem import StemStage
from valley_training.model.vision_tower import new_tower
from valley_training.optimizer import SLOW_SHARE, build_optimizer

SIZES = VisionSizes(
    width=32, layers=1, heads=2, mlp_width=64, image_pixels=16, patch_pixels=8, stem=[StemStage(8, 2), StemStage(16, 4, 1)]
)


class Learner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tower = new_tower(SIZES, learns=True)
        self.projector = nn.Linear(32, 8)
        self.names_head = nn.Linear(32, 5)


def shares(optimizer: str, adamw_share: float) -> dict[str, tuple[type, float]]:
    """Of each parameter what takes it, and its share of the rate."""
    learner = Learner()
    names = {parameter: name for name, parameter in learner.named_parameters()}
    schedule = Schedule(10, 1e-2, 2, optimizer=optimizer, adamw_share=adamw_share)
    found: dict[str, tuple[type, float]] = {}
    for member in build_optimizer(learner, schedule, slow=("projector.",)).members:
        for group in member.param_groups:
            assert group["lr"] == 1e-2 * group["share"]
            found |= {names[parameter]: (type(member), group["share"]) for parameter in group["params"]}
    assert len(found) == len(names)
    return found


def test_muon_takes_the_convolutions_and_matrices_but_neither_tables_nor_heads() -> None:
    found = shares("muon", 0.3)
    stem = "tower.embeddings.patch_embedding.stages"
    muon, adamw = (torch.optim.Muon, 1.0), (torch.optim.AdamW, 0.3)
    assert found[f"{stem}.0.entry.weight"] == found[f"{stem}.1.blocks.0.second.weight"] == muon
    assert found["tower.encoder.layers.0.mlp.fc1.weight"] == muon
    assert found["projector.weight"] == (torch.optim.Muon, SLOW_SHARE)
    assert found["projector.bias"] == (torch.optim.AdamW, 0.3 * SLOW_SHARE)
    assert found["tower.embeddings.position_embedding.weight"] == found["names_head.weight"] == adamw
    assert found[f"{stem}.0.entry.norm.weight"] == adamw


def test_adamw_alone_learns_at_the_rate() -> None:
    found = shares("adamw", 0.3)
    assert set(found.values()) == {(torch.optim.AdamW, 1.0), (torch.optim.AdamW, SLOW_SHARE)}
