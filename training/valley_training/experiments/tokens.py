"""The tokenizer of the experiments: four languages, and one token for each text that is the same in every dialogue."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from tokenizers import AddedToken, Tokenizer

from valley_training.data.dialogue import SYSTEM_PROMPT, notes_of
from valley_training.experiments.clips import sample_scene
from valley_training.experiments.config import ExperimentConfig
from valley_training.experiments.questions import KINDS, know, sample_turns
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.tokenizer import learn_tokenizer

# A step's time is mostly that of its tokens, and these teach nothing.
MARKS = (SYSTEM_PROMPT, "### Human:", "### Assistant:")
_TURNS = 4


def open_tokenizer(config: ExperimentConfig, folder: Path) -> Tokenizer:
    """The tokenizer that all arms and seeds share, learnt at first use."""
    path = folder / "tokenizer.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = learn_tokenizer(_corpus(config), config.language.vocabulary - len(MARKS))
        tokenizer.add_tokens([AddedToken(mark, normalized=False) for mark in MARKS])
        part = path.with_suffix(".part")
        tokenizer.save(str(part))
        part.replace(path)
    return Tokenizer.from_file(str(path))


def _corpus(config: ExperimentConfig) -> Iterator[str]:
    rng = random.Random("experiments-tokenizer")
    for number in range(config.tokenizer_scenes):
        known = know(sample_scene(number, False, config.clips), config.clips.things)
        yield notes_of(known.scene, 2, rng)
        for code in LANGUAGES:
            for turn in sample_turns(known, rng, code, _TURNS, KINDS):
                yield f" {turn.question}\n {turn.answer}"
