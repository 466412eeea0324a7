"""Training runs: all stages in order, resuming exactly, and clear words when something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
import torch
from torch import nn

from valley_training.config import TrainingConfig, load_config
from valley_training.export import export
from valley_training.loop import Schedule, TrainingError, run_stage
from valley_training.model.checkpoint import load_model
from valley_training.pipeline import Run
from valley_training.validate import validate


def test_a_run_goes_through_every_stage_and_its_checkpoint_answers(small_config: TrainingConfig, tmp_path: Path) -> None:
    run = Run(small_config, tmp_path / "run")
    assert run.train_tower()
    assert run.train_language()
    assert run.keep_features().starts[-1] == 8 * 8 + 2 * 4 + 2 * 16 + 2
    assert run.train_phase1()
    assert run.train_phase2()
    export(run.trained(), small_config, run.tokenizer(), tmp_path / "checkpoint")
    model = load_model(tmp_path / "checkpoint").eval()
    figures = validate(model, run.tokenizer(), 2, small_config.frames)
    assert set(figures) == {"things", "motion", "count", "order", "presence", "setting", "description"}


def test_phase_1_moves_the_projector_and_nothing_else(small_config: TrainingConfig, tmp_path: Path) -> None:
    run = Run(small_config, tmp_path)
    run.train_tower()
    run.train_language()
    run.train_phase1()
    after = run.trained("phase1").state_dict()
    language = torch.load(tmp_path / "language.pt", weights_only=True)["module"]
    tower = torch.load(tmp_path / "tower.pt", weights_only=True)["module"]
    assert all(after[f"decoder.{name}"].equal(tensor) for name, tensor in language.items())
    assert all(
        tensor.equal(tower[name.replace("vision_tower.", "tower.", 1)])
        for name, tensor in after.items()
        if name.startswith("vision_tower.")
    )
    fresh = run.model().state_dict()["mm_projector.weight"]
    assert not after["mm_projector.weight"].equal(fresh)


def regression(
    directory: Path, steps: int, stop_after_seconds: float | None = None, optimizer: Literal["adamw", "muon"] = "adamw"
) -> tuple[bool, nn.Module]:
    """Fits a line; a batch is a function of its step."""
    torch.manual_seed(0)
    module = nn.Linear(3, 1)

    def batch(step: int) -> torch.Tensor:
        return torch.randn(8, 3, generator=torch.Generator().manual_seed(step))

    def loss_of(inputs: torch.Tensor) -> tuple[torch.Tensor, dict[str, float]]:
        return (module(inputs) - inputs.sum(1, keepdim=True)).square().mean(), {}

    schedule = Schedule(steps, 1e-2, 2, optimizer=optimizer)
    done = run_stage("line", directory, module, batch, loss_of, schedule, stop_after_seconds=stop_after_seconds, data_workers=0)
    return done, module


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_run_cut_into_pieces_ends_where_an_unbroken_one_does(optimizer: Literal["adamw", "muon"], tmp_path: Path) -> None:
    done, whole = regression(tmp_path / "whole", 12, optimizer=optimizer)
    assert done
    pieces = 0
    while True:
        done, resumed = regression(tmp_path / "pieces", 12, stop_after_seconds=0, optimizer=optimizer)
        pieces += 1
        if done:
            break
    assert pieces == 12
    assert resumed.weight.equal(whole.weight)
    assert (tmp_path / "whole" / "line.csv").read_text() == (tmp_path / "pieces" / "line.csv").read_text()


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_checkpoint(tmp_path: Path) -> None:
    regression(tmp_path, 4)
    before = (tmp_path / "line.pt").read_bytes()
    module = nn.Linear(3, 1)
    with pytest.raises(TrainingError, match="the loss is nan at step 4"):
        run_stage(
            "line",
            tmp_path,
            module,
            lambda step: torch.zeros(1, 3),
            lambda batch: (module(batch).sum() * float("nan"), {}),
            Schedule(8, 1e-2, 2),
            data_workers=0,
        )
    assert (tmp_path / "line.pt").read_bytes() == before


def test_a_checkpoint_of_another_configuration_is_named(tmp_path: Path) -> None:
    regression(tmp_path, 2)
    module = nn.Linear(5, 1)
    with pytest.raises(TrainingError, match=r"line\.pt does not fit this configuration"):
        run_stage("line", tmp_path, module, lambda step: None, lambda batch: (torch.zeros(()), {}), Schedule(8, 1e-2, 2))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("frames: 8", "frames: 8\ncolour: red"), "colour is not known"),
        (("frames: 8", "frames: 0"), "frames is 0, it must be at least 1"),
        (("frames: 8", "frames: eight"), "frames is 'eight', it must be int"),
        (("frames: 8\n", ""), "frames is missing"),
        (("pooling: transformer", "pooling: median"), "it must be mean, importance or transformer"),
        (("clips: 8, ", "klips: 8, "), r"features\.klips is not known"),
    ],
)
def test_a_wrong_configuration_is_told_by_its_key(
    change: tuple[str, str], message: str, small_config_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(small_config_text.replace(*change))
    with pytest.raises(TrainingError, match=message):
        load_config(path)


def test_a_stage_whose_ground_is_missing_says_which_to_run(small_config: TrainingConfig, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="run the stage 'tower' first"):
        Run(small_config, tmp_path).keep_features()
