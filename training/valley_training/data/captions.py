"""What a single picture shows, as a short text for the contrastive stage: things with their places, and the setting.

The text side of that stage is thrown away afterwards, so its words are their own small closed vocabulary.
"""

from __future__ import annotations

import random

from valley_training.world.art import THINGS
from valley_training.world.scene import SETTINGS, Scene

COLUMNS = ("far left", "left", "middle", "right", "far right")
ROWS = ("top", "upper", "centre", "lower", "bottom")
WORDS = ("<pad>", "<end>", *THINGS, *COLUMNS, *ROWS, *SETTINGS)
# Three things of three words each, the setting, the end.
CAPTION_LENGTH = 11
_WORD_IDS = {word: index for index, word in enumerate(WORDS)}


def place_words(x: float, y: float) -> tuple[str, str]:
    """Column and row of a centre, fifths of the frame."""
    return COLUMNS[min(4, int(x * 5))], ROWS[min(4, int(y * 5))]


def caption_words(scene: Scene, time: float, rng: random.Random) -> list[str]:
    """Words of one picture of a scene, things in random order."""
    actors = [actor for actor in scene.actors if actor.visible(time)]
    rng.shuffle(actors)
    words: list[str] = []
    for actor in actors:
        words += [actor.thing, *place_words(*actor.centre(time))]
    return [*words, scene.setting, "<end>"]


def caption_ids(words: list[str]) -> list[int]:
    """Word ids padded to CAPTION_LENGTH."""
    ids = [_WORD_IDS[word] for word in words]
    return ids + [0] * (CAPTION_LENGTH - len(ids))


def caption_key(scene: Scene, time: float) -> str:
    """Equal for pictures that a caption cannot tell apart."""
    parts = sorted(" ".join([actor.thing, *place_words(*actor.centre(time))]) for actor in scene.actors if actor.visible(time))
    return "|".join([*parts, scene.setting])
