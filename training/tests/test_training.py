"""Training runs of the drawn world: all stages in order, and clear words when one is missing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from valley_training.config import TrainingConfig
from valley_training.errors import TrainingError
from valley_training.export import export
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


def test_looking_at_the_answers_meanwhile_changes_nothing(
    small_config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valley_training.pipeline.SAMPLED_SCENES", 1)
    before = Run(small_config, tmp_path)
    before.train_tower()
    before.train_language()
    before.keep_features()
    weights = []
    for every in (0, 1):
        run = Run(replace(small_config, phase1=replace(small_config.phase1, steps=2, evaluate_every=every)), tmp_path)
        run.train_phase1()
        weights.append(run.trained("phase1").state_dict())
        (tmp_path / "phase1.pt").unlink()
    assert all(tensor.equal(weights[1][name]) for name, tensor in weights[0].items())
    for step in (1, 2):
        samples = (tmp_path / f"phase1-samples-{step}.tsv").read_text().splitlines()
        assert len(samples) == 7


def test_a_stage_whose_ground_is_missing_says_which_to_run(small_config: TrainingConfig, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="run the stage 'tower' first"):
        Run(small_config, tmp_path).keep_features()
