"""Draws settings: a sky, a ground and marks that tell what place it is; or a plain colour; or a pattern.

Everything is placed in frame units on a canvas wider than the frame, so that a camera has where to go."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from valley_training.sticker_world.marks import MARKS, Brush
from valley_training.sticker_world.settings import PATTERNS, colour_of_setting

# The canvas reaches from FIRST to FIRST + SPAN in both directions: a 16:9 frame and a camera's way on both sides.
FIRST, SPAN = -0.75, 2.5

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Place:
    """Colours from the top of the sky to the horizon, and from there down; no horizon: one gradient. Then the marks."""

    sky: tuple[Colour, Colour]
    marks: tuple[str, ...]
    horizon: float | None = None
    ground: tuple[Colour, Colour] | None = None


_DAY: tuple[Colour, Colour] = ((105, 175, 240), (195, 225, 250))
PLACES_DRAWN: dict[str, Place] = {
    "sky": Place(((95, 165, 240), (190, 222, 250)), ("clouds",)),
    "night": Place(((8, 10, 36), (30, 34, 80)), ("stars", "moon"), 0.82, ((20, 30, 38), (10, 16, 22))),
    "sea": Place(_DAY, ("clouds", "waves"), 0.32, ((50, 140, 195), (10, 65, 135))),
    "beach": Place(_DAY, ("surf", "pebbles"), 0.3, ((70, 170, 205), (60, 160, 200))),
    "grass": Place(_DAY, ("blades",), 0.28, ((130, 195, 95), (60, 140, 50))),
    "forest": Place(((150, 195, 170), (95, 150, 105)), ("trunks", "blades"), 0.62, ((70, 110, 55), (45, 75, 35))),
    "mountains": Place(_DAY, ("peaks",), 0.72, ((140, 175, 110), (90, 135, 75))),
    "snow": Place(((205, 222, 240), (228, 236, 246)), ("firs", "flakes"), 0.42, ((240, 245, 252), (250, 252, 255))),
    "desert": Place(((250, 215, 150), (252, 232, 190)), ("dunes",), 0.4, ((236, 200, 130), (210, 160, 90))),
    "city": Place(((165, 195, 220), (215, 225, 232)), ("buildings",), 0.86, ((120, 122, 128), (95, 96, 102))),
    "road": Place(_DAY, ("road",), 0.3, ((135, 180, 105), (95, 150, 75))),
    "room": Place(((236, 222, 196), (226, 208, 178)), ("window", "planks"), 0.74, ((176, 126, 80), (148, 100, 60))),
    "space": Place(((4, 4, 14), (20, 8, 38)), ("stars", "nebula", "planet")),
    "rain": Place(((112, 122, 136), (150, 158, 168)), ("raindrops",), 0.8, ((98, 106, 112), (80, 88, 96))),
    "sunset": Place(((90, 60, 130), (250, 150, 80)), ("low-sun",), 0.7, ((120, 62, 72), (60, 32, 60))),
    "underwater": Place(((30, 130, 170), (6, 45, 95)), ("rays", "bubbles", "weeds")),
}

# What a plain background of each colour is, before it is varied.
PLAIN: dict[str, Colour] = {
    "red": (205, 50, 48),
    "orange": (240, 145, 40),
    "yellow": (248, 218, 70),
    "green": (70, 165, 80),
    "blue": (60, 110, 215),
    "purple": (135, 75, 185),
    "pink": (245, 165, 195),
    "brown": (125, 82, 50),
    "black": (16, 16, 18),
    "grey": (138, 138, 142),
    "white": (248, 248, 248),
}


def draw_background(setting: str, seed: int, side: int) -> Image.Image:
    """The canvas of a setting, RGB, for a frame whose short side has `side` pixels."""
    rng = random.Random(seed)
    pixels = max(8, round(SPAN * side))
    plain = colour_of_setting(setting)
    if plain is not None:
        colour = _varied(PLAIN[plain], rng, 9)
        edge = _varied(colour, rng, 6)
        return _gradient(colour, edge, pixels)
    if setting in PATTERNS:
        return _pattern(setting, rng, pixels)
    place = PLACES_DRAWN[setting]
    canvas = _gradient(_varied(place.sky[0], rng, 10), _varied(place.sky[1], rng, 10), pixels, *_stretch(place.horizon))
    if place.horizon is not None and place.ground is not None:
        top = round((place.horizon + rng.uniform(-0.05, 0.05) - FIRST) / SPAN * pixels)
        ground = _gradient(_varied(place.ground[0], rng, 10), _varied(place.ground[1], rng, 10), pixels, 0, 0.5)
        canvas.paste(ground.crop((0, 0, pixels, pixels - top)), (0, top))
    brush = Brush(ImageDraw.Draw(canvas), rng, pixels / SPAN, FIRST, FIRST + SPAN, place.horizon or 0.0)
    for mark in place.marks:
        MARKS[mark](brush)
    return canvas


def _stretch(horizon: float | None) -> tuple[float, float]:
    """Where a gradient begins and ends on the canvas, as shares: the frame's top, and the horizon or the frame's bottom."""
    return -FIRST / SPAN, ((horizon if horizon is not None else 1.0) - FIRST) / SPAN


def _varied(colour: Colour, rng: random.Random, by: int) -> Colour:
    light = rng.uniform(-by, by)
    red, green, blue = (round(min(255, max(0, part + light + rng.uniform(-by, by) / 2))) for part in colour)
    return red, green, blue


def _gradient(top: Colour, bottom: Colour, pixels: int, begin: float = 0.0, end: float = 1.0) -> Image.Image:
    share = np.clip((np.linspace(0, 1, pixels, dtype=np.float32) - begin) / (end - begin), 0, 1)[:, None]
    rows = np.array(top, dtype=np.float32) * (1 - share) + np.array(bottom, dtype=np.float32) * share  # [pixels, 3]
    column = Image.fromarray(rows.astype(np.uint8)[:, None])
    return column.resize((pixels, pixels), Image.Resampling.NEAREST)


def _pattern(setting: str, rng: random.Random, pixels: int) -> Image.Image:
    """Two soft colours, so that what stands before them is seen."""
    one = (rng.randint(150, 235), rng.randint(150, 235), rng.randint(150, 235))
    other = _varied(one, rng, 50)
    step = rng.uniform(0.09, 0.16) * pixels / SPAN
    if setting == "noise":
        cells = max(4, round(SPAN / rng.uniform(0.03, 0.06)))
        values = np.random.default_rng(rng.getrandbits(32)).integers(105, 225, (cells, cells, 3), dtype=np.uint8)
        return Image.fromarray(values).resize((pixels, pixels), Image.Resampling.NEAREST)
    if max(abs(a - b) for a, b in zip(one, other, strict=True)) < 30:
        other = tuple(max(0, part - 60) for part in one)  # type: ignore[assignment]
    rows, columns = np.mgrid[0:pixels, 0:pixels].astype(np.float32) / step
    if setting == "stripes":
        tilt = rng.choice((0.0, 1.0, 0.5))
        second = (rows * tilt + columns * (1 - tilt) * 1.0).astype(int) % 2 == 0
    elif setting == "checks":
        second = (rows.astype(int) + columns.astype(int)) % 2 == 0
    else:
        second = (rows % 1 - 0.5) ** 2 + (columns % 1 - 0.5) ** 2 < 0.07
    picture = np.where(second[:, :, None], np.array(other, dtype=np.uint8), np.array(one, dtype=np.uint8))
    return Image.fromarray(picture)
