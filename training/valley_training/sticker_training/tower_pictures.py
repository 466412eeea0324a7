"""The pictures that the tower learns from: crowds, which have much to name, and frames of clips, which show what it will be
asked about: things that spin, hide, come small from the edge or fade out."""

from __future__ import annotations

import random

from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.crowds import Crowd, draw_crowds
from valley_training.sticker_training.told import shown
from valley_training.sticker_world.art import training_atlas
from valley_training.sticker_world.render import frame_times, render_frames
from valley_training.sticker_world.sampling import sample_scene

# From crowds alone a tower named 87 % of the patches of a crowd and 74 % of those of a clip's frame; after 2,500 steps more
# with both, 90 % and 81 % (200 pictures each).
_CLIP_SHARE = 0.4


def draw_pictures(rng: random.Random, count: int, config: StickerConfig) -> list[Crowd]:
    """So many pictures; the same for the same random state. Frames of clips come last, each of a clip of its own: two of one
    would have the same caption."""
    clips, side = round(count * _CLIP_SHARE), config.vision.image_pixels
    crowds = list(draw_crowds(rng, count - clips, side, training_atlas(), config.pictures_a_setting))
    return [*crowds, *(_clip_frame(rng, config.frames, side) for _ in range(clips))]


def _clip_frame(rng: random.Random, frames: int, side: int) -> Crowd:
    scene = sample_scene(rng, held_out=False)
    time = rng.choice(frame_times(scene, frames))
    (picture,) = render_frames(scene, [time], side)
    stickers, setting = shown(scene, time)
    return Crowd(picture, setting, tuple(stickers))
