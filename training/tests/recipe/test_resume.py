"""A run that is cut into pieces, killed or looked at ends where an unbroken one does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dry_run import LONG_PHASE_2, DryRun

from valley_training.model.shards import read_shards

ROOT = Path(__file__).parents[2]
# Its dropout draws from the random state; so does that of the temporal pooling.
LORA = "phase2.lora={rank: 4, alpha: 8, dropout: 0.1}"
DEADLINE_SECONDS = 600


def same_end(one: DryRun, other: DryRun, stage: str) -> bool:
    assert one.losses(stage) == other.losses(stage)
    tensors = read_shards(other.directory / stage / "learnt")
    return all(tensor.equal(tensors[name]) for name, tensor in read_shards(one.directory / stage / "learnt").items())


@pytest.mark.parametrize("stage", ["tower", "language", "phase1"])
def test_a_stage_in_pieces_ends_where_an_unbroken_one_does(stage: str, done: DryRun, tmp_path: Path) -> None:
    earlier = {"tower": None, "language": "tower", "phase1": "language"}[stage]
    run = DryRun(tmp_path, "workers=2") if earlier is None else done.copy(tmp_path, "workers=2", upto=earlier)
    statuses = []
    while not statuses or statuses[-1] == 3:
        statuses.append(run.train(stage, "--stop-after", "0"))
    assert statuses[-1] == 0
    assert len(statuses) == len(done.losses(stage).splitlines()) - 1
    assert same_end(done, run, stage)


def test_answering_samples_meanwhile_changes_nothing(done: DryRun, tmp_path: Path) -> None:
    run = done.copy(tmp_path, "evaluation=null")
    assert run.train("phase2") == 0
    assert same_end(done, run, "phase2")


def test_a_killed_run_goes_on_with_the_same_losses(done: DryRun, tmp_path: Path) -> None:
    whole = done.copy(tmp_path / "whole", *LONG_PHASE_2, LORA)
    assert whole.train("phase2") == 0
    killed = done.copy(tmp_path / "killed", *LONG_PHASE_2, LORA)
    command = [sys.executable, "-m", "valley_training", *killed.command("phase2", "--checkpoint-every", "0")]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while len(list((killed.directory / "phase2").glob("step-*[0-9]"))) < 2:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert killed.train("phase2") == 0
    assert same_end(whole, killed, "phase2")
