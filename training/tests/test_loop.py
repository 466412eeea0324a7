"""The loop: resuming exactly, ending in pieces, what it writes, and clear words when something is wrong."""

from __future__ import annotations

import csv
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import pytest
import torch
from accelerate import Accelerator
from torch import nn

from valley_training.errors import TrainingError
from valley_training.loop.checkpoint import FileCheckpoint
from valley_training.loop.run_stage import Pace, Stage, run_stage
from valley_training.loop.schedule import Schedule
from valley_training.loop.steps import batches_by_step
from valley_training.optimizer import build_optimizer


def line_stage(
    directory: Path, steps: int, optimizer: Literal["adamw", "muon"] = "adamw", width: int = 3, factor: float = 1.0
) -> tuple[Stage, nn.Module]:
    """Fits a line through noisy inputs; a batch is a function of its step, the noise is of the random state."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Dropout(0.3), nn.Linear(width, 1))
    schedule = Schedule(steps, 1e-2, 2, optimizer=optimizer)
    optimizers = build_optimizer(module, schedule)

    def batch(step: int) -> torch.Tensor:
        return torch.randn(8, width, generator=torch.Generator().manual_seed(step))

    def backward(inputs: torch.Tensor) -> tuple[float, dict[str, float]]:
        loss = (module(inputs) - inputs.sum(1, keepdim=True)).square().mean() * factor
        loss.backward()
        return loss.item(), {"share": 0.5}

    checkpoint = FileCheckpoint(directory / "line.pt", module, optimizers)
    batches = partial(batches_by_step, batch, last=steps, workers=0)
    return Stage("line", module, optimizers, schedule, checkpoint, batches, backward, log_every=1), module


def train(directory: Path, steps: int, pace: Pace | None = None, **options) -> tuple[bool, nn.Module]:
    stage, module = line_stage(directory, steps, **options)
    return run_stage(stage, directory, Accelerator(), pace or Pace()), module


@contextmanager
def no_room_beyond(size_bytes: int) -> Iterator[None]:
    """Files cannot grow past a size, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_run_cut_into_pieces_ends_where_an_unbroken_one_does(optimizer: Literal["adamw", "muon"], tmp_path: Path) -> None:
    done, whole = train(tmp_path / "whole", 6, optimizer=optimizer)
    assert done
    pieces = 0
    while True:
        done, resumed = train(tmp_path / "pieces", 6, Pace(stop_after_seconds=0), optimizer=optimizer)
        pieces += 1
        if done:
            break
    assert pieces == 6
    assert resumed[1].weight.equal(whole[1].weight)
    assert (tmp_path / "whole" / "line.csv").read_text() == (tmp_path / "pieces" / "line.csv").read_text()


def test_losses_past_the_checkpoint_of_a_killed_run_are_not_told_twice(tmp_path: Path) -> None:
    train(tmp_path / "whole", 6)
    train(tmp_path, 6, Pace(stop_after_seconds=0))
    with (tmp_path / "line.csv").open("a") as file:
        file.write("2,9.99999,0.01,0.5000\n")
    train(tmp_path, 6)
    assert (tmp_path / "line.csv").read_text() == (tmp_path / "whole" / "line.csv").read_text()


def test_losses_are_a_table_and_a_picture(tmp_path: Path) -> None:
    train(tmp_path, 3)
    with (tmp_path / "line.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["1", "2", "3"]
    assert set(rows[0]) == {"step", "loss", "rate", "share"}
    assert (tmp_path / "line.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_tells_how_far_it_is_and_how_long_it_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(tmp_path, 3)
    assert re.fullmatch(r"line 3/3 loss \d+\.\d{4} share 0\.500 ETA 0\.0 min\n", capsys.readouterr().err)


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_checkpoint(tmp_path: Path) -> None:
    train(tmp_path, 4)
    before = (tmp_path / "line.pt").read_bytes()
    with pytest.raises(TrainingError, match="the loss is nan at step 4; lower the learning rate"):
        train(tmp_path, 8, factor=float("nan"))
    assert (tmp_path / "line.pt").read_bytes() == before


def test_a_gradient_that_is_no_number_never_reaches_a_checkpoint(tmp_path: Path) -> None:
    train(tmp_path, 4)
    before = (tmp_path / "line.pt").read_bytes()
    stage, module = line_stage(tmp_path, 8)

    def backward(inputs: torch.Tensor) -> tuple[float, dict[str, float]]:
        loss = module(inputs).sub(module(inputs)).abs().sqrt().sum() * 0  # nought, with a slope without end
        loss.backward()
        return loss.item(), {}

    module.eval()
    stage = replace(stage, module=module[1:], backward=backward)
    with pytest.raises(TrainingError, match="the gradient is nan at step 4; lower the learning rate"):
        run_stage(stage, tmp_path, Accelerator(), Pace(checkpoint_seconds=0))
    assert (tmp_path / "line.pt").read_bytes() == before


def test_losses_that_find_no_room_leave_the_ones_before(tmp_path: Path) -> None:
    train(tmp_path, 4, Pace(stop_after_seconds=0))
    before = (tmp_path / "line.csv").read_bytes()
    with no_room_beyond(30), pytest.raises(TrainingError, match=r"cannot write .*line\.csv .*; make room and run again"):
        train(tmp_path, 4, Pace(stop_after_seconds=0))
    assert (tmp_path / "line.csv").read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def test_a_checkpoint_of_another_configuration_is_named(tmp_path: Path) -> None:
    train(tmp_path, 2)
    with pytest.raises(TrainingError, match=r"line\.pt does not fit this configuration"):
        train(tmp_path, 8, width=5)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    train(tmp_path, 2)
    whole = (tmp_path / "line.pt").read_bytes()
    (tmp_path / "line.pt").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrainingError, match=r"line\.pt is damaged") as caught:
        train(tmp_path, 8)
    assert "\n" not in str(caught.value)


def test_a_full_disk_leaves_the_last_checkpoint_and_training_goes_on_from_it(tmp_path: Path) -> None:
    train(tmp_path, 4, Pace(stop_after_seconds=0))
    before = (tmp_path / "line.pt").read_bytes()
    with no_room_beyond(1024), pytest.raises(TrainingError, match="cannot write the checkpoint of step 2") as caught:
        train(tmp_path, 4, Pace(stop_after_seconds=0))
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.glob("line.pt*")] == ["line.pt"]
    assert (tmp_path / "line.pt").read_bytes() == before
    assert train(tmp_path, 4)[0]
