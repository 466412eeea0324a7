"""Clips told in words at the places of visual tokens. A row of weights over words stands for each token: what a patch shows,
in which colour and where, averaged over time as pooling does, and when it shows things, as the temporal transformer can tell
from the order of the frames. The words' vectors are the decoder's own (told_words.py).

The decoder learns to read such rows before it sees anything, and the tower learns to give them (the text side is locked, as
in LiT, arXiv 2111.07991). So what the projector says lies near what the decoder understands when the two meet."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from valley_training.sticker_training.crowds import Sticker
from valley_training.sticker_training.labels import (
    COLOURS,
    COLUMNS,
    REGION_NAMES,
    ROWS,
    UNNAMED,
    patch_words,
    setting_word,
    sticker_words,
)
from valley_training.sticker_world.scene import Scene, placed
from valley_training.sticker_world.things import NAMES

# Which of TOLD_WORDS are names of things and settings, colours, columns and rows; in the order of patch_words' last axis.
WORD_GROUPS = (REGION_NAMES, COLOURS, COLUMNS, ROWS)
# Fifths of the frames: a mean over time alone would not tell which of two things came first, or which way each went.
TIMES = ("start", "first", "then", "last", "end")
# How many stickers a frame shows; the last stands for more, too. Shares of names alone would not tell one cat from three.
COUNTS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")
TOLD_WORDS = (*(word for group in WORD_GROUPS for word in group), *TIMES, *COUNTS)
COUNTS_START = len(TOLD_WORDS) - len(COUNTS)
TIMES_START = COUNTS_START - len(TIMES)
GROUP_STARTS = tuple(sum(len(group) for group in WORD_GROUPS[:index]) for index in range(len(WORD_GROUPS)))
# What a thing is weighs more than how it looks and where it lies.
GROUP_WEIGHTS = (1.0, 0.5, 0.5, 0.5)
_SETTING_WEIGHT, _TIME_WEIGHT, _COUNT_WEIGHT = 0.5, 0.5, 0.5
# A patch shows a thing when its middle is this near to the thing's centre, as a share of its size.
_COVERED_WITHIN = 0.45


def told_clip(scene: Scene, times: Sequence[float], patches_a_side: int) -> Tensor:
    """Weights over TOLD_WORDS, float32 [P + T, W]: of each patch over time, then of each frame."""
    patches = np.zeros((patches_a_side**2, len(TOLD_WORDS)), dtype=np.float32)
    moments = np.zeros((patches_a_side**2, len(TIMES)), dtype=np.float32)
    frames = []
    for number, time in enumerate(times):
        stickers, setting = shown(scene, time)
        words = patch_words(stickers, setting, patches_a_side, _COVERED_WITHIN, _COVERED_WITHIN).reshape(-1, len(WORD_GROUPS))
        for group, (start, weight) in enumerate(zip(GROUP_STARTS, GROUP_WEIGHTS, strict=True)):
            named = np.flatnonzero(words[:, group] != UNNAMED)
            patches[named, start + words[named, group]] += weight / len(times)
        moments[words[:, 0] < len(NAMES), number * len(TIMES) // len(times)] += 1
        frames.append(told_frame(stickers, setting))
    # Shares of the frames that show a thing, so that what is there for a moment tells its time as loudly as what stays.
    patches[:, TIMES_START:COUNTS_START] = _TIME_WEIGHT * moments / np.maximum(1, moments.sum(1, keepdims=True))
    return torch.from_numpy(np.concatenate([patches, np.stack(frames)]))


def told_frame(stickers: Sequence[Sticker], setting: str) -> np.ndarray:
    """Weights over TOLD_WORDS of a whole picture, float32 [W]."""
    weights = np.zeros(len(TOLD_WORDS), dtype=np.float32)
    for one in stickers:
        for group, index in enumerate(sticker_words(one)):
            if index != UNNAMED:
                weights[GROUP_STARTS[group] + index] += GROUP_WEIGHTS[group] / len(stickers)
    weights[setting_word(setting)] += _SETTING_WEIGHT
    if stickers:
        weights[COUNTS_START + min(len(stickers), len(COUNTS)) - 1] = _COUNT_WEIGHT
    return weights


def shown(scene: Scene, time: float) -> tuple[list[Sticker], str]:
    """What a frame shows, farthest back first, and its setting."""
    shot = scene.shot_at(time)
    roles = [(one, shot.roles[one.role]) for one in placed(scene, time) if one.inside]
    return [Sticker(role.thing, role.colour, one.x, one.y, one.size) for one, role in roles], shot.setting
