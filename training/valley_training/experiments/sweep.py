"""Runs of arms and seeds, one after another, until all are done or time is up."""

from __future__ import annotations

import shutil
import sys
import time
from functools import cached_property
from pathlib import Path

from valley_training.errors import TrainingError
from valley_training.experiments.arms import Arm, finds_captions, is_asked_in_all_languages, is_probed
from valley_training.experiments.asking import Question, collect_questions, counts, share_right, shuffled, swapped
from valley_training.experiments.ground import Ground
from valley_training.experiments.phases import train_arm
from valley_training.experiments.pretraining import Pretrained, pretrain
from valley_training.experiments.results import Result, provenance, read_result, write_result
from valley_training.experiments.retrieval import Captions, collect_captions, recall
from valley_training.loop.files import replace_file
from valley_training.sticker_world.languages.speech import LANGUAGES

LARGEST_SEED = 2**31 - 1


def check_seeds(seeds: list[int]) -> None:
    """Raises TrainingError for seeds that cannot be used."""
    for seed in seeds:
        if not 0 <= seed <= LARGEST_SEED:
            raise TrainingError(f"seed is {seed}, it must be 0 to {LARGEST_SEED}")
    if len(set(seeds)) < len(seeds):
        raise TrainingError(f"seeds are {' '.join(map(str, seeds))}, each may be named once")


class Sweep:
    """All runs of one command."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._pretrained: dict[int, Pretrained] = {}

    @cached_property
    def _questions(self) -> list[Question]:
        return collect_questions(self.ground)

    @cached_property
    def _captions(self) -> Captions:
        return collect_captions(self.ground)

    def go(self, arms: list[Arm], seeds: list[int]) -> bool:
        """Makes what is not made yet, a step at least. False when time was up before; run again to go on."""
        folder = self.ground.folder
        # All seeds of an arm before the next: an answer needs them all.
        runs = [(arm, seed) for arm in arms for seed in seeds]
        left = [(arm, seed) for arm, seed in runs if read_result(folder, arm.name, seed) is None]
        write_list(folder, arms, seeds)
        spent: list[float] = []
        for number, (arm, seed) in enumerate(left):
            started = time.monotonic()
            if not self._run(arm, seed):
                return False
            write_list(folder, arms, seeds)
            spent.append(time.monotonic() - started)
            eta = sum(spent) / len(spent) * (len(left) - number - 1)
            done = len(runs) - len(left) + number + 1
            line = f"{done}/{len(runs)} {arm.name} seed {seed}: {spent[-1]:.0f} s ETA {eta / 60:.1f} min"
            print(line, file=sys.stderr, flush=True)
            if self.ground.is_over and done < len(runs):
                return False
        return True

    def _run(self, arm: Arm, seed: int) -> bool:
        ground = self.ground
        pretrained = self._pretrained.get(seed) or pretrain(ground, seed)
        if pretrained is None:
            return False
        self._pretrained[seed] = pretrained
        started = time.monotonic()
        model = train_arm(ground, arm, seed, pretrained)
        if model is None:
            return False
        seen, questions = pretrained.held_out, self._questions
        codes = LANGUAGES if is_asked_in_all_languages(arm) else ("en",)
        right = {code: share_right(ground, arm, model, seen, questions, code) for code in codes}
        probes: dict[str, dict[str, float]] = {"shuffled": {}, "swapped": {}}
        if is_probed(arm):
            probes["shuffled"] = share_right(ground, arm, model, shuffled(seen), questions)
            probes["swapped"] = share_right(ground, arm, model, swapped(seen), questions)
        found = recall(ground, arm, model, seen, self._captions) if finds_captions(arm) else {}
        made_with = provenance(ground.config, arm, ground.device)
        seconds = round(time.monotonic() - started, 1)
        asked = counts(questions)
        result = Result(arm.name, seed, right, **probes, recall=found, questions=asked, seconds=seconds, provenance=made_with)
        write_result(ground.folder, result)
        # What an arm alone has learnt is of no use to others; a hundred of them would fill a disk.
        shutil.rmtree(ground.folder / f"seed-{seed}" / arm.name, ignore_errors=True)
        return True


def write_list(folder: Path, arms: list[Arm], seeds: list[int]) -> None:
    """runs.tsv: which runs are done."""
    rows = ["arm\tseed\tstate\tseconds"]
    for arm in arms:
        for seed in seeds:
            result = read_result(folder, arm.name, seed)
            rows.append(f"{arm.name}\t{seed}\t{'done' if result else 'to do'}\t{result.seconds if result else ''}")
    replace_file(folder / "runs.tsv", ("\n".join(rows) + "\n").encode())
