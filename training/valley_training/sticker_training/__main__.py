"""Trains a model of the sticker world, a piece of time after another, and brings it to where it is wanted.

    python -m valley_training.sticker_training learn --seconds 540 --pack DIR    a piece: learn, then write what is learnt
    python -m valley_training.sticker_training take-up DIR                       lay a packed run into the run's folder
    python -m valley_training.sticker_training pack DIR --bits 8                 pack a run, smaller, to carry it somewhere
    python -m valley_training.sticker_training export DIR                        a checkpoint for `valley model build`
    python -m valley_training.sticker_training exactness                         answers that are right to the last token
    python -m valley_training.sticker_training rates                             how fast parts are made here
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from valley_training.command_end import end_in_one_line, tell_stopped
from valley_training.errors import TrainingError
from valley_training.sticker_training.config import load_sticker_config
from valley_training.sticker_training.exactness import table_of
from valley_training.sticker_training.export import export_sticker
from valley_training.sticker_training.rates import print_rates
from valley_training.sticker_training.run import StickerRun
from valley_training.sticker_training.shards import pack, unpack

_TRAINING = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    begun = time.monotonic()
    parser = argparse.ArgumentParser(
        prog="python -m valley_training.sticker_training", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=("learn", "take-up", "pack", "export", "exactness", "rates"))
    parser.add_argument("folder", nargs="?", type=Path, help="what take-up reads, and pack and export write")
    parser.add_argument("--config", type=Path, default=_TRAINING / "configs" / "sticker-world.yaml")
    parser.add_argument("--override", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--run", type=Path, help="folder of the run; default runs/ and the configuration's name")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end the piece so long after the command began")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="after a piece, pack the run into this folder")
    parser.add_argument("--bits", type=int, choices=(8, 16), default=16, help="of a packed weight")
    parser.add_argument("--scenes", type=int, default=400, help="that exactness asks about, two questions each")
    parser.add_argument("--workers", type=int, help="processes that draw; default all processors but one (of two: both)")
    options = parser.parse_args(arguments)
    return end_in_one_line(lambda: _dispatch(options, begun))


def _dispatch(options: argparse.Namespace, begun: float) -> int:
    config = load_sticker_config(options.config, options.override)
    directory = options.run or _TRAINING / "runs" / config.name
    if options.command in ("take-up", "pack", "export") and options.folder is None:
        raise TrainingError(f"{options.command} needs a folder, for example: {options.command} runs/packed")
    if options.command == "take-up":
        unpack(options.folder, directory)
        return 0
    if options.command == "pack":
        pack(directory, options.folder, options.bits)
        return 0
    run = StickerRun(config, directory, options.workers)
    if options.command == "export":
        export_sticker(run, options.folder)
        return 0
    if options.command == "exactness":
        print(table_of(run.exactness(options.scenes)))
        return 0
    if options.command == "rates":
        print_rates(run)
        return 0
    stopped_at = run.learn(begun + options.seconds)
    if options.pack is not None:
        pack(directory, options.pack, options.bits)
    if stopped_at is None:
        return 0
    return tell_stopped(options.seconds, stopped_at)


if __name__ == "__main__":
    sys.exit(main())
