"""Whole runs: every stage in order, cut anywhere, carried to another machine, exported."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from valley_training.command_end import STOPPED
from valley_training.errors import TrainingError
from valley_training.model.checkpoint import load_model
from valley_training.sticker_training.__main__ import main
from valley_training.sticker_training.clock import StageClock
from valley_training.sticker_training.config import StageSettings, StickerConfig, load_sticker_config
from valley_training.sticker_training.run import StickerRun
from valley_training.sticker_training.shards import SHARD_BYTES, pack, unpack

CONFIGS = Path(__file__).parents[2] / "configs"


def weights(run: StickerRun) -> dict[str, torch.Tensor]:
    return run.trained().state_dict()


def learn_in_pieces(config: StickerConfig, directory: Path, **options: int) -> StickerRun:
    """Each piece ends at its first step, as if its time were over."""
    run = StickerRun(config, directory, **options)
    for _ in range(40):
        if run.learn(time.monotonic()) is None:
            return run
    raise AssertionError("the run never ends")


def test_a_run_in_pieces_of_one_step_learns_what_an_uncut_run_learns(tiny_config: StickerConfig, tmp_path: Path) -> None:
    whole = StickerRun(tiny_config, tmp_path / "whole", workers=2)
    assert whole.learn(float("inf")) is None
    cut = learn_in_pieces(tiny_config, tmp_path / "cut", workers=0)
    before, after = weights(whole), weights(cut)
    assert all(tensor.equal(after[name]) for name, tensor in before.items())


def test_what_learns_is_what_a_stage_says(tiny_config: StickerConfig, tmp_path: Path) -> None:
    run = StickerRun(tiny_config, tmp_path, workers=0)
    assert run.learn(float("inf")) is None
    module = {stage: torch.load(tmp_path / f"{stage}.pt", weights_only=True)["module"] for stage in ("tower", "language")}
    first = torch.load(tmp_path / "phase1.pt", weights_only=True)["module"]
    last = torch.load(tmp_path / "phase2.pt", weights_only=True)["module"]
    for name, tensor in module["language"].items():
        assert tensor.equal(first[f"decoder.{name}"])
    # Phase 1 goes on from the projector that the tower has learnt; three steps do not take it far.
    started, ended = module["tower"]["projector.weight"], first["mm_projector.weight"]
    assert not started.equal(ended)
    assert (started - ended).norm() < 0.5 * started.norm()
    changed = [name for name, tensor in first.items() if not tensor.equal(last[name])]
    assert not [name for name in changed if name.startswith("vision_tower.")]
    assert {"mm_projector.weight", "decoder.model.layers.0.mlp.up_proj.weight"} <= set(changed)
    # Names, and so what the head tells apart, stay what the tower has learnt to say.
    assert "decoder.model.embed_tokens.weight" not in changed


def test_a_packed_run_goes_on_elsewhere_and_can_be_exported(
    tiny_config: StickerConfig, tiny_config_path: Path, tmp_path: Path
) -> None:
    command = ["--config", str(tiny_config_path), "--workers", "0"]
    here, there = ["--run", str(tmp_path / "here")], ["--run", str(tmp_path / "there")]
    packed = tmp_path / "packed"
    status = STOPPED
    # A piece that is over at once does a step; after seven decoder and tower are done.
    for _ in range(7):
        status = main(["learn", *command, *here, "--seconds", "0", "--pack", str(packed)])
    assert status == STOPPED
    assert json.loads((packed / "run.json").read_text())["steps"] == {"language": 3, "tower": 4}
    assert main(["take-up", str(packed), *command, *there]) == 0
    assert main(["learn", *command, *there]) == 0
    assert main(["export", str(tmp_path / "checkpoint"), *command, *there]) == 0
    model = load_model(tmp_path / "checkpoint")
    tower = StickerRun(tiny_config, tmp_path / "here", workers=0).trained().vision_tower.state_dict()
    # Frozen from then on, but for what half precision rounds.
    assert all(tensor.allclose(model.vision_tower.state_dict()[name], atol=1e-3) for name, tensor in tower.items())
    settings = json.loads((tmp_path / "checkpoint" / "valley_config.json").read_text())
    assert settings["prompt"]["frameTimes"] == "tenths"


@pytest.mark.parametrize(("bits", "most"), [(16, 1e-3), (8, 2e-2)])
def test_weights_come_back_nearly_as_they_were_in_files_that_may_travel(
    bits: int, most: float, tiny_config: StickerConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valley_training.sticker_training.shards.SHARD_BYTES", 100_000)
    run = StickerRun(tiny_config, tmp_path / "run", workers=0)
    run.learn(float("inf"))
    files = pack(tmp_path / "run", tmp_path / "packed", bits)
    assert len(files) > 2
    assert all(file.stat().st_size < 200_000 for file in files if file.suffix == ".safetensors")
    unpack(tmp_path / "packed", tmp_path / "again")
    before, after = weights(run), weights(StickerRun(tiny_config, tmp_path / "again", workers=0))
    assert set(before) == set(after)
    for name, tensor in before.items():
        assert (tensor - after[name]).abs().max() <= most * max(1.0, float(tensor.abs().max())), name


@pytest.mark.parametrize("name", ["sticker-world.yaml", "sticker-world-processors.yaml"])
def test_the_real_configurations_fit_what_a_lent_machine_gives_back(name: str) -> None:
    config = load_sticker_config(CONFIGS / name)
    with torch.device("meta"):
        from valley_training.model.valley import Valley

        parameters = sum(parameter.numel() for parameter in Valley(config.valley()).parameters())
    half = 2 * parameters
    assert half <= 60 * 10**6
    # Eight files of 16 MiB, one of them run.json.
    assert half / SHARD_BYTES < 6


def test_a_stage_of_so_many_steps_tells_what_is_left_by_the_pace_of_its_piece(tmp_path: Path) -> None:
    settings = StageSettings(learning_rate=1.0, warmup_steps=1, batch=1, steps=10)
    clock = StageClock(settings, tmp_path / "clock.json")
    for step in range(1, 5):
        clock.pass_time(3.0, step)
    assert clock.seconds_left(4) == 18.0
    clock.save()
    # The next piece is on a machine that is three times as fast; the time of both is kept.
    clock = StageClock(settings, tmp_path / "clock.json")
    clock.pass_time(1.0, 5)
    assert clock.seconds_left(5) == 5.0
    assert clock.elapsed == 13.0


def test_the_clock_ends_a_stage_by_its_seconds_however_fast_steps_are(tmp_path: Path) -> None:
    settings = StageSettings(learning_rate=1.0, warmup_steps=2, batch=1, seconds=100, cooldown_share=0.2)
    clock = StageClock(settings, tmp_path / "clock.json")
    rates, step = [], 0
    while not clock.is_done(step):
        rates.append(clock.rate(step))
        step += 1
        clock.pass_time(0.5, step)
        if step == 165:  # a new piece
            clock.save()
            clock = StageClock(settings, tmp_path / "clock.json")
    # 80 seconds at half a second a step, then a quarter of that more.
    assert step == 200
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[159] == 1.0
    assert rates[180] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(1 / 40)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("tower.seconds=5", "tower.seconds is 5 and steps is 4"),
        ("tower.cooldown_share=0", "cooldown_share is 0"),
        ("tower.colour=red", "tower.colour is not known"),
        ("frames=1", "frames is 1"),
    ],
)
def test_a_wrong_configuration_is_refused_by_its_key(override: str, words: str, tiny_config_path: Path) -> None:
    with pytest.raises(TrainingError, match=words.replace("(", "\\(")):
        load_sticker_config(tiny_config_path, [override])


def test_bad_files_are_told_in_one_line(
    tiny_config: StickerConfig, tiny_config_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--config", str(tiny_config_path), "--run", str(tmp_path / "run"), "--workers", "0"]
    assert main(["take-up", str(tmp_path / "none"), *command]) == 1
    assert main(["pack", str(tmp_path / "packed"), *command]) == 1
    assert main(["export", str(tmp_path / "checkpoint"), *command]) == 1
    assert main(["export", *command]) == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 4
    assert "run.json cannot be read" in told[0]
    assert "run a piece first" in told[1]
    StickerRun(tiny_config, tmp_path / "run", workers=0).learn(time.monotonic())
    other = StickerRun(replace(tiny_config, language=replace(tiny_config.language, width=64)), tmp_path / "run", workers=0)
    with pytest.raises(TrainingError, match="do not fit the configuration"):
        other.trained()
