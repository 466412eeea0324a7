"""Runs the commands of the 7B configuration with two layers and random weights."""

from __future__ import annotations

import shutil
from pathlib import Path

from valley_training.__main__ import main
from valley_training.recipe.config import RecipeConfig, load_recipe

CONFIG = Path(__file__).parents[2] / "configs" / "valley-7b-dry-run.yaml"
STAGES = ("tower", "language", "phase1", "phase2")
# Eight steps of phase 2 instead of three, and nobody is asked meanwhile.
LONG_PHASE_2 = ("phase2.epochs=5", "evaluation=null")


class DryRun:
    """A run folder and what is overridden in it. Data lie at runs/dry-run-data of the working directory."""

    def __init__(self, directory: Path, *overrides: str) -> None:
        self.directory, self.overrides = directory, overrides

    def command(self, stage: str, *options: str) -> list[str]:
        """Arguments of the command line."""
        overrides = [argument for override in self.overrides for argument in ("--override", override)]
        # Layers this narrow are quicker in one thread, and other processes then take nothing away.
        return [stage, "--config", str(CONFIG), "--run", str(self.directory), "--threads", "1", *overrides, *options]

    def train(self, stage: str, *options: str) -> int:
        """Exit status of a stage."""
        return main(self.command(stage, *options))

    def config(self) -> RecipeConfig:
        return load_recipe(CONFIG, list(self.overrides))

    def losses(self, stage: str) -> str:
        return (self.directory / f"{stage}.csv").read_text()

    def copy(self, directory: Path, *overrides: str, upto: str = "phase1") -> DryRun:
        """Another run that begins with this one's stages."""
        for stage in STAGES[: STAGES.index(upto) + 1]:
            shutil.copytree(self.directory / stage, directory / stage)
        return DryRun(directory, *self.overrides, *overrides)
