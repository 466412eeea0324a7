"""A dry run whose stages are done, made once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from accelerate.state import AcceleratorState
from dry_run import DryRun

from valley_training.fixtures.dry_run import main as write_data


@pytest.fixture(scope="session")
def dry_run_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory with the data at runs/dry-run-data and a finished run at `done`."""
    place = tmp_path_factory.mktemp("dry-run")
    write_data(place / "runs" / "dry-run-data")
    before = Path.cwd()
    os.chdir(place)
    try:
        assert DryRun(place / "done").train("all") == 0
    finally:
        os.chdir(before)
        AcceleratorState._reset_state(reset_partial_state=True)
    return place


@pytest.fixture
def done(dry_run_place: Path, monkeypatch: pytest.MonkeyPatch) -> DryRun:
    """The finished run; not to be changed."""
    monkeypatch.chdir(dry_run_place)
    return DryRun(dry_run_place / "done")
