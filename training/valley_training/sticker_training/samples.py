"""Answers to look at: after each piece of a phase, what the model says of a few held-out clips, beside what is true."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from valley_training.data.dialogue import IGNORED, Segment, tokenize_dialogue
from valley_training.data.frame_times import timed_block
from valley_training.loop.samples_file import write_samples
from valley_training.model.valley import Valley
from valley_training.sticker_training.compiled import as_written
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.seeing import seen_clip
from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene

CLIPS, _TURNS, _MOST_TOKENS = 8, 2, 48


class Samples:
    """Called with a step: the greedy answer to the last turn about each clip, one JSON line each; the turns before it are
    as they should have been. The clips are the same for every run."""

    def __init__(self, config: StickerConfig, tokenizer: Tokenizer, model: Valley, path: Path) -> None:
        self._config, self._tokenizer, self._model, self._path = config, tokenizer, model, path

    @torch.no_grad()
    def __call__(self, step: int) -> None:
        rng = random.Random("sticker-samples")
        was_learning = self._model.training
        self._model.eval()
        with as_written():
            samples = [self._ask(rng, number) for number in range(CLIPS)]
        self._model.train(was_learning)
        write_samples(self._path, step, samples)

    def _ask(self, rng: random.Random, number: int) -> dict[str, Any]:
        config, model = self._config, self._model
        scene = sample_scene(rng, held_out=True)
        times = frame_times(scene, config.frames)
        code = LANGUAGES[number % len(LANGUAGES)]
        turns = sample_dialogue(scene, rng, code, _TURNS)
        last = turns[-1]
        segment = Segment(turns, timed_block(config.vision.patches, times))
        ids, labels = tokenize_dialogue(self._tokenizer, [segment], clip_first=True)
        # The tokens of an answer are learnt and those of its question are not.
        learnt = len(ids) - 1
        while labels[learnt] == IGNORED:
            learnt -= 1
        while labels[learnt - 1] != IGNORED:
            learnt -= 1
        visual = seen_clip(model, scene, times)
        end = model.config.special_ids["</s>"]
        said = model.generate_greedy(ids[: learnt + 1], [visual], _MOST_TOKENS, {end})
        answer = self._tokenizer.decode(said, skip_special_tokens=True).strip()
        return {"kind": last.kind, "language": code, "question": last.question, "expected": last.answer, "answer": answer}
