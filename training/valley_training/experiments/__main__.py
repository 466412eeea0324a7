"""Answers one of the paper's questions, or all, by training small models and asking them (EXPERIMENTS.md).

    python -m valley_training.experiments pooling --seeds 1 2 3         what is not done yet of that question's runs
    python -m valley_training.experiments all --seconds 1200            a piece of twenty minutes; run again to go on
    python -m valley_training.experiments report                        tables and plots of what is done, nothing is trained
    python -m valley_training.experiments report --packed DIR           the same of packed results
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch

from valley_training.command_end import end_in_one_line, tell_stopped
from valley_training.experiments.arms import ARMS, QUESTIONS, arms_of
from valley_training.experiments.config import ExperimentConfig, load_experiment_config
from valley_training.experiments.ground import open_ground
from valley_training.experiments.plots import draw, draw_probes
from valley_training.experiments.probes import Probe, probe_path, probe_seed, read_probe
from valley_training.experiments.results import PACKED_FILE, Result, pack_results, read_packed, read_result, take_up
from valley_training.experiments.sweep import Sweep, check_seeds
from valley_training.experiments.tables import TABLES, probes_table, shapes_table

_TRAINING = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    begun = time.monotonic()
    parser = argparse.ArgumentParser(
        prog="python -m valley_training.experiments", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("question", choices=(*QUESTIONS, "all", "report"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--arms", nargs="+", metavar="ARM", help="some of the question's arms; default all of them")
    parser.add_argument("--device", choices=("cpu", "cuda"), help="default a GPU where there is one")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads; default 1, as runs are small")
    parser.add_argument("--folder", type=Path, default=_TRAINING / "runs" / "experiments", help="of all runs and results")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="end the piece so long after the command began")
    parser.add_argument("--pack", type=Path, metavar="DIR", help="at the end, write all results into this folder")
    parser.add_argument("--take-up", type=Path, metavar="DIR", help="first lay packed results into the folder")
    parser.add_argument("--packed", type=Path, metavar="DIR", help="of report: take packed results instead of the folder's")
    parser.add_argument("--out", type=Path, metavar="DIR", help="of tables and plots; default report/ in the folder")
    parser.add_argument("--config", type=Path, default=_TRAINING / "configs" / "experiments.yaml")
    parser.add_argument("--override", action="append", default=[], metavar="KEY=VALUE")
    options = parser.parse_args(arguments)
    return end_in_one_line(lambda: _dispatch(options, begun))


def _dispatch(options: argparse.Namespace, begun: float) -> int:
    config = load_experiment_config(options.config, options.override)
    check_seeds(options.seeds)
    out = options.out or options.folder / "report"
    if options.question == "report":
        results = read_packed(options.packed / PACKED_FILE) if options.packed else _results(options)
        for question in QUESTIONS:
            _report(question, config, results, _probes(options.packed or options.folder, options.seeds), out)
        return 0
    arms, is_done = arms_of(options.question, options.arms), True
    if options.take_up is not None:
        take_up(options.take_up / PACKED_FILE, options.folder, config)
    if options.question != "shapes":
        torch.set_num_threads(options.threads)
        ground = open_ground(config, options.folder, options.device, begun + options.seconds)
        if options.question in ("probes", "all"):
            is_done = all(probe_seed(ground, seed) is not None for seed in options.seeds)
        is_done = is_done and Sweep(ground).go(arms, options.seeds)
    if options.pack is not None:
        pack_results(options.folder, options.pack)
    if not is_done:
        return tell_stopped(options.seconds)
    for question in QUESTIONS if options.question == "all" else (options.question,):
        _report(question, config, _results(options), _probes(options.folder, options.seeds), out)
    return 0


def _results(options: argparse.Namespace) -> list[Result]:
    found = [read_result(options.folder, name, seed) for name in ARMS for seed in options.seeds]
    return [result for result in found if result is not None]


def _probes(folder: Path, seeds: list[int]) -> list[Probe]:
    paths = [probe_path(folder, seed) for seed in seeds]
    return [read_probe(path) for path in paths if path.exists()]


def _report(question: str, config: ExperimentConfig, results: list[Result], probes: list[Probe], out: Path) -> None:
    """A question's table on the terminal and as a file, and its plot."""
    out.mkdir(parents=True, exist_ok=True)
    if question == "probes":
        table = probes_table(probes)
        draw_probes(probes, out / f"{question}.png")
    else:
        table = shapes_table(config) if question == "shapes" else TABLES[question](results)
        draw(question, results, out / f"{question}.png")
    (out / f"{question}.md").write_text(table)
    print(f"{question}\n\n{table}")


if __name__ == "__main__":
    sys.exit(main())
