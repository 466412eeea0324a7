"""Command line: `python -m valley_training STAGE --config configs/stickers.yaml --run runs/stickers`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import torch

from valley_training.config import load_config
from valley_training.errors import TrainingError
from valley_training.evaluation_set import write_demo, write_evaluation_set
from valley_training.export import export
from valley_training.loop.run_stage import Pace
from valley_training.pipeline import Run
from valley_training.validate import validate

STAGES = ("tower", "language", "features", "phase1", "phase2")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="valley_training", description=__doc__)
    parser.add_argument("stage", choices=(*STAGES, "all", "validate", "export", "evaluation-set", "demo"))
    parser.add_argument("--config", type=Path, default=Path(__file__).parents[1] / "configs" / "stickers.yaml")
    parser.add_argument("--run", type=Path, help="folder of the run; default runs/ and the configuration's name")
    parser.add_argument("--out", type=Path, help="where export and evaluation-set write")
    parser.add_argument("--threads", type=int, help="CPU threads; default all")
    parser.add_argument(
        "--stop-after", type=float, metavar="SECONDS", help="end a stage's piece after this long; run again to go on"
    )
    parser.add_argument("--weights", default="phase2", help="for validate and export: the stage whose weights are taken")
    options = parser.parse_args(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        return _dispatch(options)
    except TrainingError as error:
        print(error, file=sys.stderr)
        return 1


def _dispatch(options: argparse.Namespace) -> int:
    if options.stage in ("evaluation-set", "demo"):
        if options.out is None:
            raise TrainingError(f"{options.stage} needs --out DIR")
        write = write_evaluation_set if options.stage == "evaluation-set" else write_demo
        write(options.out)
        return 0
    config = load_config(options.config)
    directory = options.run or Path(__file__).parents[1] / "runs" / config.name
    run = Run(config, directory, Pace(stop_after_seconds=options.stop_after))
    steps = {
        "tower": run.train_tower,
        "language": run.train_language,
        "features": run.keep_features,
        "phase1": run.train_phase1,
        "phase2": run.train_phase2,
    }
    if options.stage in ("validate", "export"):
        model = run.trained(options.weights)
        if options.stage == "export":
            export(model, config, run.tokenizer(), options.out or directory / "checkpoint")
            return 0
        figures = validate(model, run.tokenizer(), 40, config.frames, directory / "samples.tsv")
        print("  ".join(f"{kind} {share:.0%}" for kind, share in figures.items()))
        return 0
    for stage in STAGES if options.stage == "all" else (options.stage,):
        if steps[stage]() is False:
            print(
                f"{stage}: stopped after {options.stop_after:.0f} s; run the same command again to go on",
                file=sys.stderr,
            )
            return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
