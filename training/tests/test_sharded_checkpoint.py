"""The checkpoint in shards: it comes back exactly, and whatever is wrong with it is told while an older one is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator
from test_loop import no_room_beyond
from torch import nn

from valley_training.errors import TrainingError
from valley_training.loop.sharded_checkpoint import ShardedCheckpoint


def fresh(place: Path, width: int = 3, **settings: Any) -> tuple[ShardedCheckpoint, nn.Module, torch.optim.Optimizer]:
    """Two layers, the first of which does not learn."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(width, width), nn.Linear(width, 1))
    module[0].requires_grad_(False)
    optimizer = torch.optim.AdamW(module[1].parameters(), lr=0.1)
    return ShardedCheckpoint(place, Accelerator(), module, optimizer, {"width": width} | settings), module, optimizer


def train(module: nn.Module, optimizer: torch.optim.Optimizer, steps: int) -> None:
    for _ in range(steps):
        module(torch.randn(4, module[0].in_features)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def saved(place: Path, steps: int = 3) -> None:
    """A checkpoint after each of some steps."""
    checkpoint, module, optimizer = fresh(place)
    for step in range(1, steps + 1):
        train(module, optimizer, 1)
        checkpoint.save(step)


def test_training_goes_on_exactly(tmp_path: Path) -> None:
    checkpoint, module, optimizer = fresh(tmp_path)
    train(module, optimizer, 2)
    checkpoint.save(2)
    train(module, optimizer, 3)
    again, other, other_optimizer = fresh(tmp_path)
    assert again.load(5) == 2
    torch.rand(7)
    again.restore_random_state()
    train(other, other_optimizer, 3)
    assert all(tensor.equal(other.state_dict()[name]) for name, tensor in module.state_dict().items())


def test_the_last_two_are_kept_and_what_does_not_learn_is_not(tmp_path: Path) -> None:
    saved(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["step-00000002", "step-00000003"]
    state = torch.distributed.checkpoint.FileSystemReader(tmp_path / "step-00000003").read_metadata()
    assert {name for name in state.state_dict_metadata if name.startswith("weights.")} == {"weights.1.weight", "weights.1.bias"}


def test_other_settings_are_told_by_name(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(TrainingError, match=r"step-00000003 is of another configuration \(width was 3, is 5\)"):
        fresh(tmp_path, width=5)[0].load(9)


def test_weights_of_other_sizes_are_refused(tmp_path: Path) -> None:
    saved(tmp_path)
    checkpoint = fresh(tmp_path, width=5)[0]
    checkpoint._settings["width"] = 3
    with pytest.raises(TrainingError, match="step-00000003 does not fit this configuration") as caught:
        checkpoint.load(9)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["__0_0.distcp", "random-0.pt", ".metadata", "sums-0.json", "checkpoint.json"])
def test_a_damaged_shard_is_named_and_the_one_before_is_good(file: str, tmp_path: Path) -> None:
    saved(tmp_path)
    path = tmp_path / "step-00000003" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(TrainingError, match=rf"{file} is damaged.*; remove .*step-00000003") as caught:
        fresh(tmp_path)[0].load(9)
    assert "\n" not in str(caught.value)
    for part in (tmp_path / "step-00000003").iterdir():
        part.unlink()
    (tmp_path / "step-00000003").rmdir()
    assert fresh(tmp_path)[0].load(9) == 2


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path) -> None:
    checkpoint, module, optimizer = fresh(tmp_path)
    checkpoint.save(1)
    train(module, optimizer, 1)
    with no_room_beyond(256), pytest.raises(TrainingError, match=r"checkpoint of step 2 .*make room") as caught:
        checkpoint.save(2)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["step-00000001"]
    assert fresh(tmp_path)[0].load(9) == 1
