"""The tokenizer of the sticker world: four languages in one vocabulary, learnt on its own dialogues."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tokenizers import Tokenizer

from valley_training.data.dialogue import SYSTEM_PROMPT
from valley_training.sticker_training.notes import notes_of
from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.things import NAMES
from valley_training.tokenizer import learn_tokenizer

_TURNS = 6
# How often each name is put before the tokenizer, once and several times: often enough for a name of one word to become one
# token where the vocabulary has room. A name in pieces has to be put together before it can be compared with anything.
_OFTEN_ONE, _OFTEN_SEVERAL = 30, 6


def sticker_tokenizer(vocabulary: int, seed: int, scenes: int) -> Tokenizer:
    """The same for the same numbers."""
    return learn_tokenizer(_corpus(seed, scenes), vocabulary)


def _corpus(seed: int, scenes: int) -> Iterator[str]:
    rng = random.Random(f"sticker-tokenizer-{seed}")
    for code in LANGUAGES:
        # Chinese is written without spaces, so line ends stand between its names.
        between = "\n" if code == "zh" else " "
        for name in NAMES:
            for count, often in enumerate((_OFTEN_ONE, _OFTEN_SEVERAL), 1):
                yield between.join(["", *[str(NOUNS[code](name, count))] * often])
    for number in range(scenes):
        scene = sample_scene(rng, held_out=False)
        yield f"{SYSTEM_PROMPT}\n\n{notes_of(scene, frame_times(scene, 8)[::4])}"
        for turn in sample_dialogue(scene, rng, LANGUAGES[number % len(LANGUAGES)], _TURNS):
            yield f"### Human: {turn.question}\n### Assistant: {turn.answer}\n"
