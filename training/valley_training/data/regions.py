"""What each patch of a picture shows, by name: a thing where its sticker lies, the setting where nothing does."""

from __future__ import annotations

import numpy as np

from valley_training.world.art import THINGS
from valley_training.world.scene import SETTINGS, Scene

REGION_NAMES = (*THINGS, *SETTINGS)
UNNAMED = -1  # a patch at a sticker's edge

# A sticker fills little of its square's corners: a patch whose middle is this near to its centre shows it surely (as a
# share of its size), one that is farther away than the other share surely does not.
_SURELY_WITHIN = 0.36
_SURELY_OUTSIDE = 0.62


def region_names(scene: Scene, time: float, patches_a_side: int) -> np.ndarray:
    """Index in REGION_NAMES of each patch, row by row, or UNNAMED. int64 [P]."""
    middles = (np.arange(patches_a_side) + 0.5) / patches_a_side
    names = np.full((patches_a_side, patches_a_side), len(THINGS) + SETTINGS.index(scene.setting))
    for actor in scene.actors:
        if actor.visible(time):
            x, y = actor.centre(time)
            # [rows, columns], in sizes of the sticker
            distance = np.maximum(np.abs(middles[None, :] - x), np.abs(middles[:, None] - y)) / actor.size
            names[distance < _SURELY_OUTSIDE] = UNNAMED
            names[distance < _SURELY_WITHIN] = THINGS.index(actor.thing)
    return names.flatten()
