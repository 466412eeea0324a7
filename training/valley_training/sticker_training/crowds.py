"""Single pictures for the tower: stickers of every style over every setting, often many at a time. What the world's
clips show, but quicker to draw and with more to name in each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from valley_training.sticker_world.art import Atlas
from valley_training.sticker_world.backgrounds import FIRST, SPAN, draw_background
from valley_training.sticker_world.casting import Casting
from valley_training.sticker_world.render import stick
from valley_training.sticker_world.sampling import sample_setting
from valley_training.sticker_world.scene import Actor, Key, Look, Placed

_MOST_THINGS, _MOST_COPIES = 6, 5
# Of those that share a setting.
_MOST_CAST = 12
_COPIED_SHARE, _TURNED_SHARE = 0.15, 0.3
# Side of a sticker by the number of things, least and most: those of the clips (plan.py), a little wider.
_SIZES = ((0.26, 0.62), (0.22, 0.5), (0.2, 0.42), (0.17, 0.34), (0.16, 0.3), (0.15, 0.26))
_TRIES = 15
# Of the pictures this share shows as many things as there is room for, in rows: names are what takes a tower longest, and a
# picture of three things costs it as much as one of nine. Fields a side, and the sizes that fit them.
_GATHERED_SHARE = 0.5
_FIELDS = ((3, (0.24, 0.36)), (3, (0.24, 0.36)), (4, (0.18, 0.27)))
_OFF_CENTRE = 0.12  # of a field
# Least distance of two centres, as a share of their sizes together.
_GAPS = (0.34, 0.42, 0.5)
_SQUASHED_VIEW = (0.85, 1.35)  # magnification of a view


# Thing, look, and the colour people would call it by.
Member = tuple[str, Look, str | None]


@dataclass(frozen=True)
class Sticker:
    """A thing where it lies; lengths are shares of the picture's side."""

    thing: str
    colour: str | None
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Crowd:
    """A picture, uint8 RGB [side, side, 3], and what it shows; later stickers lie over earlier ones."""

    picture: np.ndarray
    setting: str
    stickers: tuple[Sticker, ...]


def draw_crowds(rng: random.Random, count: int, side: int, atlas: Atlas, pictures_a_setting: int) -> Iterator[Crowd]:
    """So many pictures; the same for the same random state. Some share a setting and a cast, each with a view, places and
    sizes of its own: to draw a setting and to dress stickers takes as long as to put them down."""
    for first in range(0, count, pictures_a_setting):
        setting = sample_setting(rng)
        canvas = draw_background(setting, rng.getrandbits(32), side)
        pictures = min(pictures_a_setting, count - first)
        gathered = [rng.choice(_FIELDS) if rng.random() < _GATHERED_SHARE else None for _ in range(pictures)]
        casting = Casting(rng, atlas, held_out=False)
        size = max(min(_MOST_CAST, _MOST_THINGS * pictures), *(fields[0] ** 2 for fields in gathered if fields), 0)
        cast = [casting.choose(("stay",), setting) for _ in range(size)]
        for fields in gathered:
            picture = _view(rng, canvas, side)
            stickers = _strewn(rng, picture, cast, atlas) if fields is None else _gathered(rng, picture, cast, atlas, *fields)
            yield Crowd(picture, setting, tuple(stickers))


def _strewn(rng: random.Random, picture: np.ndarray, cast: list[Member], atlas: Atlas) -> list[Sticker]:
    """A few things, some of them several times, where chance puts them."""
    gap, count = rng.choice(_GAPS), rng.randint(1, _MOST_THINGS)
    stickers: list[Sticker] = []
    for thing, look, colour in rng.sample(cast, count):
        copies = rng.randint(2, _MOST_COPIES) if rng.random() < _COPIED_SHARE else 1
        size = rng.uniform(*_SIZES[min(count - 1 + copies // 2, len(_SIZES) - 1)])
        turn = _turn(rng)
        for _ in range(copies):
            place = _place(rng, stickers, size, gap)
            if place is not None:
                stickers.append(Sticker(thing, colour, *place, size))
                _put(picture, look, stickers[-1], turn, atlas)
    return stickers


def _gathered(
    rng: random.Random, picture: np.ndarray, cast: list[Member], atlas: Atlas, a_side: int, sizes: tuple[float, float]
) -> list[Sticker]:
    """A thing in each field of a square of fields."""
    stickers: list[Sticker] = []
    for field, (thing, look, colour) in enumerate(rng.sample(cast, a_side**2)):
        size = rng.uniform(*sizes)
        x, y = (
            min(1 - size / 2, max(size / 2, (number + 0.5 + rng.uniform(-_OFF_CENTRE, _OFF_CENTRE)) / a_side))
            for number in (field % a_side, field // a_side)
        )
        stickers.append(Sticker(thing, colour, x, y, size))
        _put(picture, look, stickers[-1], _turn(rng), atlas)
    return stickers


def _turn(rng: random.Random) -> float:
    """Degrees; most stand upright."""
    return rng.uniform(-30, 30) if rng.random() < _TURNED_SHARE else 0.0


def _put(picture: np.ndarray, look: Look, one: Sticker, turn: float, atlas: Atlas) -> None:
    """Draws a sticker into the picture, turned by so many degrees."""
    actor = Actor(look, (Key(0.0, one.x, one.y, one.size, turn),))
    stick(picture, Placed(0, actor, one.x, one.y, one.size, turn), atlas, len(picture))


def _view(rng: random.Random, canvas: Image.Image, side: int) -> np.ndarray:
    """A part of the canvas about where the frame is, a new array."""
    half = 0.5 / rng.uniform(*_SQUASHED_VIEW)
    x, y = 0.5 + rng.uniform(-0.12, 0.12), 0.5 + rng.uniform(-0.12, 0.12)
    scale = canvas.width / SPAN
    box = tuple((value - FIRST) * scale for value in (x - half, y - half, x + half, y + half))
    return np.array(canvas.resize((side, side), Image.Resampling.BILINEAR, box=box))


def _place(rng: random.Random, others: list[Sticker], size: float, gap: float) -> tuple[float, float] | None:
    """A centre with room around it, or None when chance finds none."""
    for _ in range(_TRIES):
        x, y = rng.uniform(size / 2, 1 - size / 2), rng.uniform(size / 2, 1 - size / 2)
        if all(max(abs(x - one.x), abs(y - one.y)) >= gap * (size + one.size) for one in others):
            return x, y
    return None
