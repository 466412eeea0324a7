"""Whatever is wrong with a run is told in one line, with exit status 1, and the last good checkpoint is as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from dry_run import DryRun
from test_loop import no_room_beyond
from transformers import LlamaForCausalLM

from valley_training.errors import TrainingError
from valley_training.recipe.folders import check_decoder, check_tower


def told(run: DryRun, stage: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The line that a failing command tells."""
    capsys.readouterr()
    assert run.train(stage, *options) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if not re.match(r"\w+ \d+/\d+ loss", line)]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("phase1.learning_rat=1", "phase1.learning_rat is not known; known are rows, learning_rate"),
        ("frames=0", "frames is 0, it must be at least 1"),
        ("phase2.learning_rate=.nan", "phase2.learning_rate is nan, it must be a number"),
        ("phase2.learning_rate=-1", "phase2.learning_rate is -1, it must be above 0"),
        ("phase2.micro_batch=3", "phase2.micro_batch is 3, it must divide batch 4"),
        ("phase2.warmup_share=1", "phase2.warmup_share is 1, it must be at least 0 and below 1"),
        ("phase2.betas=[0.9]", "phase2.betas has 1 values, it must have 2"),
        ("phase2.rows=[]", "phase2.rows is empty, it must name at least one file"),
        ("phase1.lora={rank: 1, alpha: 1, dropout: 0}", "phase1.lora is set, only phase2 takes it"),
        ("phase2.lora={rank: 0, alpha: 1, dropout: 0}", "phase2.lora.rank is 0, it must be at least 1"),
        ("phase2.train_embeddings=true", "phase2.train_embeddings is true, only phase1 and lora take it"),
        ("tower.caption_encoder=null", "tower.caption_encoder is missing"),
        ("max_tokens=4096", "max_tokens is 4096, it must not be above language.context 2048"),
        ("pixels.video.resize=20", "pixels.video.resize is 20, it must be at least vision.image_pixels 28"),
        ("language.width=60", "language.heads is 4, it must divide width 60 into heads of an even width"),
        ("precision=fp16", "precision is 'fp16', it must be bf16 or fp32"),
        ("checkpoint_minutes=0", "checkpoint_minutes is 0, it must be above 0"),
        ("evaluation.every=0", "evaluation.every is 0, it must be at least 1"),
        ("pretrained.tokenizer=gone", "the tokenizer's folder gone is not there; name one in pretrained.tokenizer"),
        ("phase2.rows=[{file: gone.jsonl, clips: .}]", "cannot read the rows of gone.jsonl"),
    ],
)
def test_a_wrong_setting_is_told_by_its_key(
    override: str, message: str, done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = done.copy(tmp_path, override)
    assert message in told(run, "phase2", capsys)


def test_a_stage_before_its_ground_says_which_to_run(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "run the stage 'tower' first" in told(DryRun(tmp_path), "phase1", capsys)
    assert "run the stage 'phase1' first" in told(done.copy(tmp_path, upto="language"), "phase2", capsys)


def test_what_an_earlier_stage_learnt_in_other_sizes_is_refused(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = told(done.copy(tmp_path, "language.mlp_width=96"), "phase2", capsys)
    assert re.search(r"language/learnt does not fit this configuration \(at .*mlp.*\); move it away to begin anew", line)


def test_a_pretrained_part_of_other_sizes_is_refused(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    LlamaForCausalLM(done.config().language.to_transformers()).save_pretrained(tmp_path / "decoder")
    wrong = DryRun(tmp_path / "run", f"pretrained.decoder={tmp_path / 'decoder'}", "language.layers=3")
    assert "is not the configured network: num_hidden_layers 2 (configured language.layers: 3)" in told(wrong, "phase1", capsys)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"rope_theta": 1e6}, "rope_theta 1000000.0 (configured language.rope_theta: 10000.0);"),
        ({"rope_parameters": {"rope_theta": 5e5}}, "rope_theta 500000.0 (configured language.rope_theta: 10000.0);"),
        ({"rope_scaling": {"type": "linear", "factor": 8.0}}, "rope_type linear (it must be default);"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2.0}}, "rope_type dynamic (it must be default);"),
        ({"num_key_value_heads": 2}, "num_key_value_heads 2 (configured language.key_value_heads: 4);"),
        ({"head_dim": 32}, "head_dim 32 (it must be 16);"),
        ({"attention_bias": True}, "attention_bias True (it must be False);"),
        ({"mlp_bias": True}, "mlp_bias True (it must be False);"),
        ({"hidden_act": "gelu"}, "hidden_act gelu (it must be silu);"),
        ({"model_type": "qwen2"}, "has model_type qwen2, pretrained.decoder takes llama or valley; choose another folder"),
        ({"model_type": None}, "has model_type None,"),
        ({"hidden_size": "wide"}, "has a config.json that cannot be used ("),
    ],
)
def test_a_pretrained_decoder_that_computes_otherwise_is_refused(
    other: dict[str, Any], message: str, done: DryRun, tmp_path: Path
) -> None:
    sizes = done.config().language
    plain = sizes.to_transformers().to_dict()
    # Folders from before transformers 5 have the base of positions and their scaling at the top.
    del plain["rope_parameters"]
    (tmp_path / "config.json").write_text(json.dumps(plain))
    check_decoder(str(tmp_path), sizes)
    (tmp_path / "config.json").write_text(json.dumps(plain | other))
    with pytest.raises(TrainingError, match=f"^{re.escape(str(tmp_path))} .*{re.escape(message)}") as refused:
        check_decoder(str(tmp_path), sizes)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"model_type": "siglip"}, "has model_type siglip, pretrained.tower takes clip or clip_vision_model;"),
        ({"vision_config": {}}, "hidden_size 768 (configured vision.width: 64),"),
        ({"layer_norm_eps": 1e-6}, "layer_norm_eps 1e-06 (configured vision.layer_norm_epsilon: 1e-05);"),
    ],
)
def test_a_pretrained_tower_that_computes_otherwise_is_refused(
    other: dict[str, Any], message: str, done: DryRun, tmp_path: Path
) -> None:
    sizes = done.config().vision
    tower = sizes.to_transformers().to_dict()
    whole = {"model_type": "clip", "vision_config": tower | other} | other
    (tmp_path / "config.json").write_text(json.dumps(whole))
    with pytest.raises(TrainingError, match=re.escape(message)):
        check_tower(str(tmp_path), sizes)


def test_a_damaged_pretrained_part_is_named(done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    LlamaForCausalLM(done.config().language.to_transformers()).save_pretrained(tmp_path / "decoder")
    shard = tmp_path / "decoder" / "model.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])
    run = done.copy(tmp_path / "run", f"pretrained.decoder={tmp_path / 'decoder'}", upto="tower")
    assert re.search(r"model\.safetensors is missing or damaged .*; fetch or write it again", told(run, "phase1", capsys))


def test_a_damaged_clip_is_named(done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "red.mp4").write_bytes(b"no video")
    said = '[{"from": "human", "value": "What?"}, {"from": "gpt", "value": "It."}]'
    (tmp_path / "rows.jsonl").write_text(f'{{"id": "x", "video": "red.mp4", "conversations": {said}}}\n')
    rows = f"phase2.rows=[{{file: {tmp_path / 'rows.jsonl'}, clips: {tmp_path}}}]"
    line = told(done.copy(tmp_path / "run", rows), "phase2", capsys)
    assert re.search(r"red\.mp4 cannot be decoded .*; replace the file or remove its row", line)


def test_all_rows_that_cannot_be_used_are_told_before_training(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "red.mp4").write_bytes(b"no video")
    said = '[{"from": "human", "value": "What?"}, {"from": "gpt", "value": "It."}]'
    rows = [f'{{"id": "x", "video": "red.mp4", "conversations": {said}}}', "{", f'{{"id": "y", "conversations": {said}}}']
    (tmp_path / "rows.jsonl").write_text("\n".join(rows) + "\n")
    wrong = DryRun(tmp_path / "run", f"phase2.rows=[{{file: {tmp_path / 'rows.jsonl'}, clips: {tmp_path}}}]", "workers=2")
    assert wrong.train("check") == 1
    captured = capsys.readouterr()
    lines = captured.out.splitlines()
    assert len(lines) == 2
    assert re.match(r"phase2: .*red\.mp4 cannot be decoded", lines[0])
    assert re.match(r"phase2: .*rows\.jsonl row 2 is no JSON", lines[1])
    assert captured.err.splitlines()[-1] == "2 rows cannot be used; mend or remove them before training"
    assert done.train("check") == 0


def test_a_damaged_shard_of_a_checkpoint_is_named_and_training_goes_on_from_the_one_before(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = done.copy(tmp_path, "evaluation=null")
    for _ in range(2):
        assert run.train("phase2", "--stop-after", "0") == 3
    last = tmp_path / "phase2" / "step-00000002"
    shard = last / "__0_0.distcp"
    shard.write_bytes(shard.read_bytes()[:-7])
    line = told(run, "phase2", capsys)
    assert f"{shard} is damaged; remove {last} to go on from step-00000001" in line
    last.rename(tmp_path / "removed")
    assert run.train("phase2") == 0
    assert run.losses("phase2") == done.losses("phase2")


def test_other_settings_in_the_middle_of_a_stage_are_refused(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = done.copy(tmp_path)
    assert run.train("phase2", "--stop-after", "0") == 3
    changed = DryRun(tmp_path, "seed=1", "frames=4")
    assert "is of another configuration (frames was 8, is 4; seed was 0, is 1)" in told(changed, "phase2", capsys)


def test_a_full_disk_leaves_the_last_checkpoint_and_training_goes_on_from_it(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = done.copy(tmp_path, "evaluation=null")
    assert run.train("phase2", "--stop-after", "0") == 3
    with no_room_beyond(100_000):
        assert "cannot write the checkpoint of step 2 to" in told(run, "phase2", capsys, "--checkpoint-every", "0")
    assert [path.name for path in (tmp_path / "phase2").iterdir()] == ["step-00000001"]
    with no_room_beyond(10):
        assert re.search(r"cannot write .*phase2\.csv .*; make room and run again", told(run, "phase2", capsys))
    assert run.train("phase2") == 0
    assert run.losses("phase2") == done.losses("phase2")


def test_a_loss_that_is_no_number_leaves_the_last_checkpoint(
    done: DryRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = done.copy(tmp_path, "evaluation=null")
    assert run.train("phase2", "--stop-after", "0") == 3
    wild = DryRun(tmp_path, "evaluation=null", "phase2.learning_rate=1.0e+30")
    line = told(wild, "phase2", capsys)
    assert re.search(r"phase2: the (loss|gradient) is \w+ at step \d+; lower the learning rate \(1e\+30\) and run again", line)
    assert [path.name for path in (tmp_path / "phase2").iterdir()] == ["step-00000001"]
    assert run.train("phase2") == 0
