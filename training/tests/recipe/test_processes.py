"""Several processes share a run: two on the CPU, started by torchrun, with the model whole in each or in shards."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from accelerate.commands.launch import _validate_launch_command, launch_command_parser
from accelerate.utils.launch import prepare_multi_gpu_env
from dry_run import CONFIG, DryRun

from valley_training.errors import TrainingError
from valley_training.model.shards import read_shards
from valley_training.recipe.processes import open_accelerator

HERE = Path(__file__).parent
FSDP_FILE = CONFIG.with_name("accelerate-fsdp.yaml")
DEADLINE_SECONDS = 600


def as_launched(file: Path) -> dict[str, str]:
    """What accelerate launch sets for its processes from its file."""
    arguments = ["--config_file", str(file), "--main_process_port", "0", "script.py"]
    options, _, _ = _validate_launch_command(launch_command_parser().parse_args(arguments))
    return {name: value for name, value in prepare_multi_gpu_env(options).items() if "FSDP" in name}


def losses(run: DryRun) -> list[float]:
    return [float(row["loss"]) for row in csv.DictReader(run.losses("phase2").splitlines())]


def test_two_processes_learn_what_one_does_and_go_on_exactly(done: DryRun, tmp_path: Path) -> None:
    names = ("sharded", "pieces", "copied")
    sharded, pieces, copied = runs = [done.copy(tmp_path / name, "phase2.micro_batch=1") for name in names]
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    command += ["--rdzv-endpoint", "localhost:0", str(HERE / "two_processes.py"), *(str(run.directory) for run in runs)]
    command += ["phase2", "--config", str(CONFIG), "--override", "phase2.micro_batch=1"]
    settings = as_launched(FSDP_FILE) | {"ACCELERATE_TORCH_DEVICE": "cpu"}
    environment = os.environ | settings | {"PYTHONPATH": str(HERE.parents[1]), "OMP_NUM_THREADS": "1"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=DEADLINE_SECONDS)
    assert result.returncode == 0, result.stderr
    learnt = {name: read_shards(run.directory / "phase2" / "learnt") for name, run in zip(names, runs, strict=True)}
    assert sharded.losses("phase2") == pieces.losses("phase2")
    assert all(tensor.equal(learnt["pieces"][name]) for name, tensor in learnt["sharded"].items())
    alone = read_shards(done.directory / "phase2" / "learnt")
    for name, run in (("sharded", sharded), ("copied", copied)):
        assert losses(run) == pytest.approx(losses(done), abs=2e-3)  # bfloat16 adds up in another order
        assert set(learnt[name]) == set(alone)
        assert all((tensor - learnt[name][key]).abs().max() < 1e-3 for key, tensor in alone.items())
        answered = (run.directory / "phase2-samples.jsonl").read_text().splitlines()
        assert len(answered) == len((done.directory / "phase2-samples.jsonl").read_text().splitlines())
    # What two left, one goes on with, though its dropout draws other numbers.
    shutil.rmtree(pieces.directory / "phase2" / "step-00000003")
    assert pieces.train("phase2") == 0
    assert losses(pieces) == pytest.approx(losses(done), abs=2e-3)


def test_processes_that_do_not_know_of_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(TrainingError, match="2 processes were started but accelerate joins 1: it finds no GPU"):
        open_accelerator("bf16")


def test_another_version_of_fsdp_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCELERATE_USE_FSDP", "true")
    monkeypatch.setenv("FSDP_VERSION", "1")
    with pytest.raises(TrainingError, match="fsdp_version is 1, it must be 2"):
        open_accelerator("bf16")
