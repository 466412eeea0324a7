"""Command line: `python -m valley_training STAGE --config configs/stickers.yaml --run runs/stickers`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from valley_training.command_end import end_in_one_line, tell_stopped
from valley_training.config import load_config
from valley_training.errors import TrainingError
from valley_training.evaluation_set import write_demo, write_evaluation_set
from valley_training.export import export
from valley_training.loop.run_stage import Pace
from valley_training.pipeline import Run
from valley_training.recipe.check import check_rows
from valley_training.recipe.config import is_recipe, load_recipe
from valley_training.recipe.export import export_recipe
from valley_training.recipe.run import RecipeRun
from valley_training.validate import validate

STAGES = ("tower", "language", "features", "phase1", "phase2")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="valley_training", description=__doc__)
    parser.add_argument("stage", choices=(*STAGES, "all", "check", "validate", "export", "evaluation-set", "demo"))
    parser.add_argument("--config", type=Path, default=Path(__file__).parents[1] / "configs" / "stickers.yaml")
    parser.add_argument(
        "--override", action="append", default=[], metavar="KEY=VALUE", help="change a key, for example language.layers=2"
    )
    parser.add_argument("--run", type=Path, help="folder of the run; default runs/ and the configuration's name")
    parser.add_argument("--out", type=Path, help="where export and evaluation-set write")
    parser.add_argument("--threads", type=int, help="CPU threads; default all")
    parser.add_argument(
        "--stop-after", type=float, metavar="SECONDS", help="end a stage's piece after this long; run again to go on"
    )
    parser.add_argument(
        "--checkpoint-every", type=float, metavar="SECONDS", help="default 120, or checkpoint_minutes of the configuration"
    )
    parser.add_argument("--weights", default="phase2", help="for validate and export: the stage whose weights are taken")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    return end_in_one_line(lambda: _dispatch(options))


def _dispatch(options: argparse.Namespace) -> int:
    if options.stage in ("evaluation-set", "demo"):
        write = write_evaluation_set if options.stage == "evaluation-set" else write_demo
        write(_out(options))
        return 0
    if options.stage == "check" and not is_recipe(options.config, options.override):
        raise TrainingError(f"{options.config} learns from no rows, there is nothing to check; go on with 'all'")
    if is_recipe(options.config, options.override):
        return _recipe(options)
    config = load_config(options.config, options.override)
    directory = _directory(options, config.name)
    run = Run(config, directory, _pace(options, 120))
    if options.stage == "export":
        export(run.trained(options.weights), config, run.tokenizer(), options.out or directory / "checkpoint")
        return 0
    if options.stage == "validate":
        model = run.trained(options.weights)
        figures = validate(model, run.tokenizer(), 40, config.frames, directory / "samples.tsv")
        print("  ".join(f"{kind} {share:.0%}" for kind, share in figures.items()))
        return 0
    steps = {
        "tower": run.train_tower,
        "language": run.train_language,
        "features": run.keep_features,
        "phase1": run.train_phase1,
        "phase2": run.train_phase2,
    }
    for stage in STAGES if options.stage == "all" else (options.stage,):
        if steps[stage]() is False:
            return tell_stopped(options.stop_after, stage)
    return 0


def _recipe(options: argparse.Namespace) -> int:
    """The commands of a model that learns from rows."""
    if options.stage in ("features", "validate"):
        raise TrainingError(f"{options.config} learns from rows, which have no '{options.stage}'; samples come with evaluation")
    config = load_recipe(options.config, options.override)
    directory = _directory(options, config.name)
    run = RecipeRun(config, directory, _pace(options, config.checkpoint_minutes * 60))
    if options.stage == "check":
        unusable = check_rows(run)
        if unusable:
            raise TrainingError(f"{unusable} rows cannot be used; mend or remove them before training")
        return 0
    if options.stage == "export":
        export_recipe(run, options.weights, options.out or directory / "checkpoint")
        return 0
    for stage in run.needed() if options.stage == "all" else (options.stage,):
        if not run.train(stage):
            if not run.accelerator.is_main_process:
                return 0
            status = tell_stopped(options.stop_after, stage)
            # A launcher of several processes takes any status but 0 for a failure.
            return status if run.accelerator.num_processes == 1 else 0
    return 0


def _pace(options: argparse.Namespace, checkpoint_seconds: float) -> Pace:
    every = checkpoint_seconds if options.checkpoint_every is None else options.checkpoint_every
    return Pace(every, options.stop_after)


def _directory(options: argparse.Namespace, name: str) -> Path:
    return options.run or Path(__file__).parents[1] / "runs" / name


def _out(options: argparse.Namespace) -> Path:
    if options.out is None:
        raise TrainingError(f"{options.stage} needs --out DIR")
    return options.out


if __name__ == "__main__":
    sys.exit(main())
