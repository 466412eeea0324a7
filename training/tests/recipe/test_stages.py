"""The 7B configuration with two layers and random weights, through every stage: what learns, and that it learns."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from dry_run import STAGES, DryRun
from tiny_model import tiny_model
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.errors import TrainingError
from valley_training.model.checkpoint import save_checkpoint
from valley_training.model.shards import read_shards
from valley_training.recipe.config import RowFile
from valley_training.recipe.folders import check_decoder
from valley_training.recipe.parts import trained_model
from valley_training.recipe.rows import MARKS, Row
from valley_training.recipe.run import RecipeRun


def learnt(run: DryRun, stage: str) -> dict[str, torch.Tensor]:
    return read_shards(run.directory / stage / "learnt")


def test_every_stage_leaves_its_losses_a_curve_and_what_it_learnt(done: DryRun) -> None:
    for stage in STAGES:
        rows = list(csv.DictReader(done.losses(stage).splitlines()))
        assert [int(row["step"]) for row in rows] == list(range(1, len(rows) + 1))
        assert all(math.isfinite(float(row["loss"])) for row in rows)
        assert (done.directory / f"{stage}.png").read_bytes().startswith(b"\x89PNG")
        assert learnt(done, stage)


def test_rows_are_answered_at_each_evaluation(done: DryRun) -> None:
    lines = [json.loads(line) for line in (done.directory / "phase2-samples.jsonl").read_text().splitlines()]
    assert [(line["step"], line["id"]) for line in lines] == [(2, "video-0"), (2, "text-0"), (3, "video-0"), (3, "text-0")]
    assert lines[0]["question"] == "Does it move?"
    assert lines[0]["expected"] == "Yes, to the right."
    assert isinstance(lines[0]["answer"], str)


def test_phase_1_teaches_the_projector_and_the_pooling(done: DryRun) -> None:
    names = set(learnt(done, "phase1"))
    assert {name.split(".")[1] for name in names} == {"mm_projector", "pooling"}


def test_phase_1_teaches_the_input_embeddings_too_where_asked(done: DryRun, tmp_path: Path) -> None:
    run = done.copy(tmp_path, "phase1.train_embeddings=true", "evaluation=null", upto="language")
    assert run.train("phase1") == 0
    before, after = learnt(done, "language"), learnt(run, "phase1")
    assert set(after) - set(learnt(done, "phase1")) == {"valley.decoder.model.embed_tokens.weight"}
    assert not after["valley.decoder.model.embed_tokens.weight"].equal(before["decoder.model.embed_tokens.weight"])


def test_phase_2_teaches_all_but_the_tower(done: DryRun) -> None:
    names = set(learnt(done, "phase2"))
    assert {name.split(".")[1] for name in names} == {"mm_projector", "pooling", "decoder"}
    assert "valley.decoder.lm_head.weight" in names
    assert {name.removeprefix("valley.") for name in names if "decoder" in name} == set(learnt(done, "language"))


def test_activations_that_are_computed_again_give_the_same_losses(done: DryRun, tmp_path: Path) -> None:
    losses = []
    for kept in ("true", "false"):
        run = done.copy(tmp_path / kept, f"gradient_checkpointing={kept}", "precision=fp32", "evaluation=null")
        assert run.train("phase2") == 0
        losses.append([float(row["loss"]) for row in csv.DictReader(run.losses("phase2").splitlines())])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_lora_changes_the_matrices_that_it_names_and_is_merged_into_them(done: DryRun, tmp_path: Path) -> None:
    lora = "phase2.lora={rank: 4, alpha: 8, dropout: 0.1, targets: [q_proj, down_proj]}"
    run = done.copy(tmp_path, lora, "phase2.learning_rate=0.01", "evaluation=null")
    assert run.train("phase2") == 0
    names = {name for name in learnt(run, "phase2") if "decoder" in name}
    assert all("lora_A" in name or "lora_B" in name for name in names)
    recipe = RecipeRun(run.config(), run.directory)
    after, before = recipe.trained().decoder, recipe.trained("phase1").decoder
    assert type(after) is type(before) is LlamaForCausalLM
    changed = {name for name, tensor in after.state_dict().items() if not tensor.equal(before.state_dict()[name])}
    assert changed == {f"model.layers.{n}.{part}.weight" for n in (0, 1) for part in ("self_attn.q_proj", "mlp.down_proj")}


def test_it_learns_to_tell_what_its_rows_show(done: DryRun, tmp_path: Path) -> None:
    lines = Path("runs/dry-run-data/clips.jsonl").read_text().splitlines(keepends=True)
    (tmp_path / "images.jsonl").write_text("".join(line for line in lines if '"image"' in line))
    rows = f"rows=[{{file: {tmp_path / 'images.jsonl'}, clips: runs/dry-run-data/clips}}]"
    asked = (f"evaluation.{rows}", "evaluation.every=50", "evaluation.max_tokens=24")
    changes = (f"phase2.{rows}", "phase2.batch=2", "phase2.epochs=50", "phase2.learning_rate=0.005")
    run = done.copy(tmp_path / "run", *changes, *asked)
    assert run.train("phase2") == 0
    samples = [json.loads(line) for line in (run.directory / "phase2-samples.jsonl").read_text().splitlines()]
    assert [(sample["question"], sample["answer"]) for sample in samples] == [
        ("What colour is it?\n<image>", "It is red."),
        ("What colour is it?\n<image>", "It is blue."),
    ]


def test_a_pretrained_part_needs_no_stage_and_brings_its_weights(done: DryRun, tmp_path: Path) -> None:
    config = done.config()
    torch.manual_seed(5)
    tower = CLIPVisionModel(config.vision.to_transformers())
    decoder = LlamaForCausalLM(config.language.to_transformers())
    tower.save_pretrained(tmp_path / "tower")
    decoder.save_pretrained(tmp_path / "decoder")
    run = DryRun(tmp_path / "run", f"pretrained.tower={tmp_path / 'tower'}", f"pretrained.decoder={tmp_path / 'decoder'}")
    recipe = RecipeRun(run.config(), run.directory)
    assert recipe.needed() == ["phase1", "phase2"]
    assert run.train("phase1") == 0
    model = recipe.trained("phase1")
    assert all(tensor.equal(tower.state_dict()[name]) for name, tensor in model.vision_tower.state_dict().items())
    embeddings, known = model.decoder.get_input_embeddings().weight, config.language.vocabulary
    assert embeddings[:known].equal(decoder.get_input_embeddings().weight)
    # Padding and the six tokens of clips begin as the mean of the others.
    assert len(embeddings) == known + 7
    assert torch.allclose(embeddings[known:], embeddings[:known].mean(0).expand(7, -1), atol=1e-6)
    with pytest.raises(TrainingError, match="the stage 'tower' has nothing to learn: its part comes from"):
        recipe.train("tower")


def test_the_decoder_of_a_valley_is_a_pretrained_part(tmp_path: Path) -> None:
    valley = tiny_model(tied=False)
    save_checkpoint(valley, tmp_path, tokenizer_files={}, valley_config={})
    check_decoder(str(tmp_path), valley.config.language)
    decoder = LlamaForCausalLM.from_pretrained(tmp_path, local_files_only=True, dtype=torch.float32)
    assert all(tensor.equal(valley.decoder.state_dict()[name]) for name, tensor in decoder.state_dict().items())


class DrawnClip:
    """A square that grows, drawn as it is asked for."""

    kind: Literal["video"] = "video"

    def pictures(self, frames: int) -> list[np.ndarray]:
        pictures = [np.zeros((40, 40, 3), dtype=np.uint8) for _ in range(frames)]
        for number, picture in enumerate(pictures):
            picture[: 4 * number + 4, : 4 * number + 4] = 255
        return pictures


class DrawnRows:
    """Rows that lie in no file, under the name that the configuration gives them."""

    def __init__(self, files: list[RowFile]) -> None:
        self.length = int(files[0].file.removeprefix("squares-"))

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, index: int) -> Row:
        return Row(str(index), DrawnClip(), [(f"What is it?\n{MARKS['video']}", f"Square {index}.")])

    def check(self) -> None:
        """Nothing can be wrong with them."""


def test_a_world_that_draws_its_clips_gives_rows_of_its_own(done: DryRun, tmp_path: Path) -> None:
    run = done.copy(tmp_path, "phase1.rows=[{file: squares-6, clips: none}]", "evaluation=null", upto="language")
    recipe = RecipeRun(run.config(), run.directory, open_rows=DrawnRows)
    assert recipe.train("phase1")
    assert len(run.losses("phase1").splitlines()) == 1 + 3  # twice six rows, four a step


def test_weights_of_a_stage_that_leaves_no_model_are_not_exported(done: DryRun) -> None:
    recipe = RecipeRun(done.config(), done.directory)
    with pytest.raises(TrainingError, match="the stage 'tower' leaves no whole model; choose the weights of phase1 or phase2"):
        trained_model(recipe.config, recipe.directory, recipe.tokenizer, "tower")
