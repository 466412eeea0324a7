"""What a crowd shows, as numbers: a caption of the whole picture, and of each patch the name and the colour of what it
shows. The names of patches were decisive for the first world: the decoder reads patches, and no caption names one."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

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
_CAPTIONED = 6
# So many things of five words each, the setting, the end.
CAPTION_LENGTH = 32
UNNAMED = -1
# Questions about each picture, at least one of them about a thing that is not there.
ASKED = 4
# To compare a patch with every name costs as much as a block of the tower, and one patch of ground is much like the next.
_GROUND_PATCHES = 12

_NAME_INDICES = {name: index for index, name in enumerate(REGION_NAMES)}
_COLOUR_INDICES = {colour: index for index, colour in enumerate(COLOURS)}
# A sticker fills little of its square's corners: a patch whose middle is this near to its centre (as a share of its size)
# shows it surely, one that is farther away than the other surely does not.
_SURELY_WITHIN, _SURELY_OUTSIDE = 0.36, 0.62


def place_of(x: float, y: float) -> tuple[int, int]:
    """Indices in COLUMNS and ROWS of a centre, fifths of the picture."""
    return min(4, max(0, int(x * 5))), min(4, max(0, int(y * 5)))


def place_words(x: float, y: float) -> tuple[str, str]:
    """Column and row of a centre in words."""
    column, row = place_of(x, y)
    return COLUMNS[column], ROWS[row]


def caption(crowd: Crowd, rng: random.Random) -> np.ndarray:
    """Ids of the words [CAPTION_LENGTH], padded; things in random order, copies as a number, of which the
    last stands for more, too. Of many things some are named."""
    by_thing: dict[str, list[Sticker]] = {}
    for sticker in crowd.stickers:
        by_thing.setdefault(sticker.thing, []).append(sticker)
    words: list[str] = []
    for thing in rng.sample(list(by_thing), min(len(by_thing), _CAPTIONED)):
        own = by_thing[thing]
        words.append(thing)
        words += [f"{own[0].colour} coloured"] if own[0].colour else []
        words += place_words(own[0].x, own[0].y) if len(own) == 1 else [NUMBERS[min(len(own) - 2, len(NUMBERS) - 1)]]
    return word_ids([*words, crowd.setting, "<end>"])


def word_ids(words: list[str]) -> np.ndarray:
    """Ids of words, padded to CAPTION_LENGTH."""
    ids = np.zeros(CAPTION_LENGTH, dtype=np.int64)
    ids[: len(words)] = [WORD_IDS[word] for word in words]
    return ids


def setting_word(setting: str) -> int:
    """Index of a setting in REGION_NAMES."""
    return _NAME_INDICES[setting]


def sticker_words(one: Sticker) -> tuple[int, int, int, int]:
    """Indices of what a thing is, its colour or UNNAMED, and the place of its centre: in REGION_NAMES, COLOURS, COLUMNS and
    ROWS."""
    colour = UNNAMED if one.colour is None else _COLOUR_INDICES[one.colour]
    return (_NAME_INDICES[one.thing], colour, *place_of(one.x, one.y))


def patch_words(
    stickers: Sequence[Sticker], setting: str, patches_a_side: int, within: float, edge: float
) -> np.ndarray:
    """Of each patch the indices of what it shows: in REGION_NAMES, COLOURS, COLUMNS and ROWS, or UNNAMED; int64
    [rows, columns, 4]. The place is that of the thing's centre, or the patch's own where it shows the setting. Patches
    nearer to a thing than `within` show it, those nearer than `edge` nothing surely; both are shares of its size."""
    middles = (np.arange(patches_a_side) + 0.5) / patches_a_side
    fifths = (middles * 5).astype(np.int64)
    words = np.empty((patches_a_side, patches_a_side, 4), dtype=np.int64)
    words[..., 0], words[..., 1] = setting_word(setting), UNNAMED
    words[..., 2], words[..., 3] = fifths[None, :], fifths[:, None]
    for one in stickers:
        # [rows, columns], in sizes of the sticker
        distance = np.maximum(np.abs(middles[None, :] - one.x), np.abs(middles[:, None] - one.y)) / one.size
        words[distance < edge] = UNNAMED
        words[distance < within] = sticker_words(one)
    return words


def region_labels(crowd: Crowd, patches_a_side: int, rng: random.Random) -> np.ndarray:
    """patch_words of a crowd, row by row, int64 [P, 4]. Of the ground a few patches are named, chosen by chance."""
    words = patch_words(crowd.stickers, crowd.setting, patches_a_side, _SURELY_WITHIN, _SURELY_OUTSIDE).reshape(-1, 4)
    ground = np.flatnonzero(words[:, 0] == setting_word(crowd.setting)).tolist()
    words[rng.sample(ground, max(0, len(ground) - _GROUND_PATCHES))] = UNNAMED
    return words


def asked_places(crowd: Crowd, rng: random.Random) -> np.ndarray:
    """Questions about a whole picture, int64 [ASKED, 3]: index of a thing, column and row where it lies. Of things that are
    not there column and row are UNNAMED; those that are there more than once are not asked about."""
    counts = Counter(one.thing for one in crowd.stickers)
    singles = [one for one in crowd.stickers if counts[one.thing] == 1]
    there = [(_NAME_INDICES[one.thing], *place_of(one.x, one.y)) for one in rng.sample(singles, min(len(singles), ASKED - 1))]
    absent = [name for name in rng.sample(NAMES, 2 * ASKED) if name not in counts]
    return np.array([*there, *((_NAME_INDICES[name], UNNAMED, UNNAMED) for name in absent)][:ASKED], dtype=np.int64)
