"""The loop by the clock, when something goes wrong: one line, and the last good checkpoint as it was."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from test_loop import no_room_beyond
from torch import Tensor, nn

from valley_training.errors import TrainingError
from valley_training.sticker_training.config import StageSettings
from valley_training.sticker_training.timed_stage import TimedStage, run_timed_stage

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Part:
    inputs: Tensor


LossOf = Callable[[nn.Module, Tensor], Tensor]


def parts(first: int) -> Iterator[Part]:
    while True:
        first += 1
        yield Part(torch.full((2, 8), float(first)))


def stage(loss_of: LossOf) -> TimedStage:
    torch.manual_seed(0)
    module = nn.Linear(8, 8)
    settings = StageSettings(learning_rate=1e-3, warmup_steps=1, batch=1, steps=4)
    return TimedStage("line", module, settings, parts, lambda part: (loss_of(module, part.inputs), {"share": 0.5}))


def whole(module: nn.Module, inputs: Tensor) -> Tensor:
    return module(inputs).square().mean()


def run(loss_of: LossOf, directory: Path, until: float = math.inf) -> str:
    return run_timed_stage(stage(loss_of), directory, CPU, until, checkpoint_seconds=0)


@pytest.mark.parametrize(
    ("loss_of", "what"),
    [
        (lambda module, inputs: module(inputs).mean() * math.nan, "loss is nan"),
        # Nought, with a slope without end.
        (lambda module, inputs: (module(inputs) - module(inputs)).abs().sqrt().sum(), "gradient is nan"),
    ],
    ids=["loss", "gradient"],
)
def test_what_is_no_number_never_reaches_a_checkpoint(loss_of: LossOf, what: str, tmp_path: Path) -> None:
    assert run(whole, tmp_path, until=0) == "stopped"
    before = (tmp_path / "line.pt").read_bytes()
    with pytest.raises(TrainingError, match=rf"line: the {what} at step 1; lower the learning rate \(0\.001\) and run again"):
        run(loss_of, tmp_path)
    assert (tmp_path / "line.pt").read_bytes() == before
    assert run(whole, tmp_path) == "over"


def test_a_full_disk_leaves_the_last_checkpoint_and_learning_goes_on_from_it(tmp_path: Path) -> None:
    assert run(whole, tmp_path, until=0) == "stopped"
    before = (tmp_path / "line.pt").read_bytes()
    with no_room_beyond(1024), pytest.raises(TrainingError, match="cannot write the checkpoint of step 2 to"):
        run(whole, tmp_path)
    assert (tmp_path / "line.pt").read_bytes() == before
    assert run(whole, tmp_path) == "over"


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    assert run(whole, tmp_path, until=0) == "stopped"
    kept = (tmp_path / "line.pt").read_bytes()
    (tmp_path / "line.pt").write_bytes(kept[: len(kept) // 2])
    with pytest.raises(TrainingError, match=r"line\.pt is damaged"):
        run(whole, tmp_path)
