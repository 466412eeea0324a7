"""What a crowd shows, as numbers: a caption of the whole picture, and of each patch the name and the colour of what it
shows. The names of patches were decisive for the first world: the decoder reads patches, and no caption names one."""

from __future__ import annotations

import random

import numpy as np

from valley_training.sticker_training.crowds import Crowd, Sticker
from valley_training.sticker_world.settings import PLAIN_COLOURS, SETTINGS
from valley_training.sticker_world.things import NAMES

COLUMNS = ("far left", "left", "middle", "right", "far right")
ROWS = ("top", "upper", "centre", "lower", "bottom")
NUMBERS = ("twice", "three times", "four times", "five times")
# The names of regions: things, then settings.
REGION_NAMES = (*NAMES, *SETTINGS)
COLOURS = PLAIN_COLOURS
WORDS = ("<pad>", "<end>", *REGION_NAMES, *(f"{colour} coloured" for colour in COLOURS), *COLUMNS, *ROWS, *NUMBERS)
WORD_IDS = {word: index for index, word in enumerate(WORDS)}
# Six things of five words each, the setting, the end.
CAPTION_LENGTH = 32
UNNAMED = -1

_NAME_INDICES = {name: index for index, name in enumerate(REGION_NAMES)}
_COLOUR_INDICES = {colour: index for index, colour in enumerate(COLOURS)}
# A sticker fills little of its square's corners: a patch whose middle is this near to its centre (as a share of its size)
# shows it surely, one that is farther away than the other surely does not.
_SURELY_WITHIN, _SURELY_OUTSIDE = 0.36, 0.62


def place_words(x: float, y: float) -> tuple[str, str]:
    """Column and row of a centre, fifths of the picture."""
    return COLUMNS[min(4, max(0, int(x * 5)))], ROWS[min(4, max(0, int(y * 5)))]


def caption(crowd: Crowd, rng: random.Random) -> np.ndarray:
    """Ids of the words [CAPTION_LENGTH], padded; things in random order, copies as a number."""
    by_thing: dict[str, list[Sticker]] = {}
    for sticker in crowd.stickers:
        by_thing.setdefault(sticker.thing, []).append(sticker)
    words: list[str] = []
    for thing in rng.sample(list(by_thing), len(by_thing)):
        own = by_thing[thing]
        words.append(thing)
        words += [f"{own[0].colour} coloured"] if own[0].colour else []
        words += place_words(own[0].x, own[0].y) if len(own) == 1 else [NUMBERS[len(own) - 2]]
    return word_ids([*words, crowd.setting, "<end>"])


def word_ids(words: list[str]) -> np.ndarray:
    """Ids of words, padded to CAPTION_LENGTH."""
    ids = np.zeros(CAPTION_LENGTH, dtype=np.int64)
    ids[: len(words)] = [WORD_IDS[word] for word in words]
    return ids


def region_labels(crowd: Crowd, patches_a_side: int) -> tuple[np.ndarray, np.ndarray]:
    """Of each patch, row by row, the index in REGION_NAMES and the one in COLOURS, or UNNAMED. int64 [P] each."""
    middles = (np.arange(patches_a_side) + 0.5) / patches_a_side
    names = np.full((patches_a_side, patches_a_side), _NAME_INDICES[crowd.setting])
    colours = np.full((patches_a_side, patches_a_side), UNNAMED)
    for sticker in crowd.stickers:
        # [rows, columns], in sizes of the sticker
        distance = np.maximum(np.abs(middles[None, :] - sticker.x), np.abs(middles[:, None] - sticker.y)) / sticker.size
        at_edge, inside = distance < _SURELY_OUTSIDE, distance < _SURELY_WITHIN
        names[at_edge] = colours[at_edge] = UNNAMED
        names[inside] = _NAME_INDICES[sticker.thing]
        if sticker.colour is not None:
            colours[inside] = _COLOUR_INDICES[sticker.colour]
    return names.flatten(), colours.flatten()
