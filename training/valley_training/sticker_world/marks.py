"""The marks of places: clouds, waves, trees, houses. Each is a function of a brush."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import ImageDraw

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Brush:
    """Draws in frame units. The canvas reaches from `first` to `last`; the place's horizon is at `horizon`."""

    draw: ImageDraw.ImageDraw
    rng: random.Random
    scale: float
    first: float
    last: float
    horizon: float

    def _points(self, *values: float) -> tuple[float, ...]:
        return tuple((value - self.first) * self.scale for value in values)

    def width(self, share: float) -> int:
        """A line's width in pixels, at least one."""
        return max(1, round(share * self.scale))

    def ellipse(self, x: float, y: float, width: float, height: float, fill: Colour) -> None:
        self.draw.ellipse(self._points(x - width / 2, y - height / 2, x + width / 2, y + height / 2), fill=fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        self.draw.rectangle(self._points(left, top, right, bottom), fill=fill)

    def line(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, width: float = 0.006) -> None:
        self.draw.line(self._points(x0, y0, x1, y1), fill=fill, width=self.width(width))

    def arc(self, x: float, y: float, width: float, height: float, fill: Colour, thickness: float = 0.008) -> None:
        box = self._points(x, y, x + width, y + height)
        self.draw.arc(box, 200, 340, fill=fill, width=self.width(thickness))

    def shape(self, points: list[tuple[float, float]], fill: Colour) -> None:
        self.draw.polygon([self._points(x, y) for x, y in points], fill=fill)

    def anywhere(self) -> float:
        return self.rng.uniform(self.first, self.last)

    def several(self, low: int, high: int) -> range:
        """A number of times between `low` and `high` for a frame, more for the whole canvas."""
        return range(round(self.rng.randint(low, high) * (self.last - self.first)))


def _clouds(brush: Brush) -> None:
    for _ in brush.several(2, 3):
        lowest = 0.25 if brush.horizon else 0.9
        x, y, width = brush.anywhere(), brush.rng.uniform(-0.2, lowest), brush.rng.uniform(0.12, 0.3)
        for part in range(3):
            brush.ellipse(x + part * width * 0.3, y - (part == 1) * width * 0.07, width * 0.5, width * 0.3, (246, 249, 253))


def _stars(brush: Brush) -> None:
    for _ in brush.several(24, 40):
        light, size = brush.rng.randint(150, 250), brush.rng.uniform(0.006, 0.014)
        brush.ellipse(brush.anywhere(), brush.rng.uniform(-0.5, brush.horizon or 1.5), size, size, (light, light, light - 20))


def _moon(brush: Brush) -> None:
    x, y = brush.rng.uniform(0.05, 0.95), brush.rng.uniform(0.06, 0.2)
    brush.ellipse(x, y, 0.11, 0.11, (235, 232, 205))
    brush.ellipse(x + 0.03, y - 0.015, 0.09, 0.09, (14, 16, 46))


def _waves(brush: Brush) -> None:
    for _ in brush.several(9, 14):
        width = brush.rng.uniform(0.08, 0.2)
        brush.arc(brush.anywhere(), brush.rng.uniform(brush.horizon + 0.05, 1.5), width, width * 0.35, (150, 210, 235))


def _surf(brush: Brush) -> None:
    shore = brush.rng.uniform(0.48, 0.58)
    brush.box(brush.first, shore, brush.last, brush.last, (236, 212, 158))
    x = brush.first
    while x < brush.last:
        brush.ellipse(x, shore, 0.16, 0.045, (245, 250, 252))
        x += 0.11


def _pebbles(brush: Brush) -> None:
    for _ in brush.several(10, 18):
        light, size = brush.rng.randint(165, 215), brush.rng.uniform(0.01, 0.025)
        brush.ellipse(brush.anywhere(), brush.rng.uniform(0.66, 1.5), size * 1.5, size, (light, light - 18, light - 50))


def _blades(brush: Brush) -> None:
    for _ in brush.several(45, 70):
        x, y, height = brush.anywhere(), brush.rng.uniform(brush.horizon + 0.03, 1.6), brush.rng.uniform(0.02, 0.05)
        lean = brush.rng.uniform(-0.4, 0.4) * height
        brush.line(x, y, x + lean, y - height, (45, brush.rng.randint(95, 130), 40), 0.008)


def _trunks(brush: Brush) -> None:
    for _ in brush.several(5, 7):
        x, width, foot = brush.anywhere(), brush.rng.uniform(0.03, 0.07), brush.horizon + brush.rng.uniform(0.0, 0.2)
        brush.box(x - width / 2, brush.first, x + width / 2, foot, (86, 60, 42))
        for part in range(4):
            light = brush.rng.randint(80, 125)
            spread = brush.rng.uniform(-0.12, 0.12)
            brush.ellipse(x + spread, -0.1 + 0.08 * part, 0.28, 0.16, (38, light, 46))


def _peaks(brush: Brush) -> None:
    for _ in brush.several(3, 4):
        x, height, width = brush.anywhere(), brush.rng.uniform(0.3, 0.55), brush.rng.uniform(0.25, 0.4)
        foot, grey = brush.horizon + 0.05, brush.rng.randint(98, 135)
        top = foot - height
        brush.shape([(x - width, foot), (x, top), (x + width, foot)], (grey, grey, grey + 14))
        snow, cap = width * 0.28, top + height * 0.28
        brush.shape([(x - snow, cap), (x, top), (x + snow, cap)], (245, 247, 250))


def _firs(brush: Brush) -> None:
    for _ in brush.several(3, 6):
        x, foot, height = brush.anywhere(), brush.horizon + brush.rng.uniform(0.02, 0.12), brush.rng.uniform(0.14, 0.26)
        for part in range(3):
            y = foot - height * part * 0.28
            width = height * (0.32 - 0.07 * part)
            brush.shape([(x - width, y), (x, y - height * 0.45), (x + width, y)], (72, 108 + 12 * part, 96))


def _flakes(brush: Brush) -> None:
    for _ in brush.several(22, 40):
        size = brush.rng.uniform(0.01, 0.022)
        light = brush.rng.choice((252, 205))
        brush.ellipse(brush.anywhere(), brush.anywhere(), size, size, (light, min(255, light + 10), 255))


def _dunes(brush: Brush) -> None:
    for _ in brush.several(3, 5):
        x, y, width = brush.anywhere(), brush.rng.uniform(brush.horizon + 0.1, 1.3), brush.rng.uniform(0.5, 1.0)
        light = brush.rng.randint(-14, 14)
        brush.ellipse(x, y + 0.2, width, 0.4, (226 + light, 184 + light, 112 + light))
    x = brush.rng.uniform(0, 1)
    brush.ellipse(x, 0.12, 0.12, 0.12, (255, 246, 205))


def _buildings(brush: Brush) -> None:
    x = brush.first
    while x < brush.last:
        width, top = brush.rng.uniform(0.13, 0.24), brush.rng.uniform(0.2, 0.6)
        base = brush.rng.choice(((150, 120, 110), (120, 130, 148), (168, 158, 140), (104, 108, 120)))
        brush.box(x, top, x + width, brush.horizon + 0.03, base)
        y = top + 0.04
        while y < brush.horizon - 0.06:
            for column in range(int(width / 0.06)):
                lit = brush.rng.random() < 0.5
                left = x + 0.02 + column * 0.06
                brush.box(left, y, left + 0.028, y + 0.035, (240, 225, 150) if lit else (70, 80, 98))
            y += 0.075
        x += width + brush.rng.choice((0.0, 0.03))


def _road(brush: Brush) -> None:
    middle = brush.rng.uniform(0.4, 0.6)
    far, near = brush.horizon, brush.last
    brush.shape([(middle - 0.04, far), (middle + 0.04, far), (middle + 1.1, near), (middle - 1.1, near)], (92, 92, 98))
    for index in range(7):
        share = (index + 1) / 7
        y, end = far + 0.05 + share * share * 1.2, far + 0.05 + share * share * 1.2 + 0.08 * share
        thin, wide = 0.008 * index, 0.011 * index
        brush.shape([(middle - thin, y), (middle + thin, y), (middle + wide, end), (middle - wide, end)], (240, 238, 225))


def _window(brush: Brush) -> None:
    for _ in brush.several(1, 2):
        x, y = brush.anywhere(), brush.rng.uniform(0.08, 0.25)
        brush.box(x, y, x + 0.26, y + 0.3, (250, 248, 244))
        brush.box(x + 0.02, y + 0.02, x + 0.12, y + 0.28, (165, 205, 235))
        brush.box(x + 0.14, y + 0.02, x + 0.24, y + 0.28, (165, 205, 235))


def _planks(brush: Brush) -> None:
    for index in range(5):
        y = brush.horizon + 0.05 + 0.09 * index * (1 + 0.3 * index)
        brush.line(brush.first, y, brush.last, y, (120, 80, 48))
    brush.box(brush.first, brush.horizon - 0.02, brush.last, brush.horizon + 0.012, (246, 240, 230))


def _nebula(brush: Brush) -> None:
    for _ in brush.several(2, 3):
        tint = brush.rng.choice(((52, 22, 78), (20, 34, 82), (70, 20, 52)))
        brush.ellipse(brush.anywhere(), brush.anywhere(), brush.rng.uniform(0.2, 0.5), brush.rng.uniform(0.06, 0.14), tint)


def _planet(brush: Brush) -> None:
    tint = brush.rng.choice(((150, 110, 90), (96, 120, 150), (120, 100, 140)))
    x, y, size = brush.rng.uniform(0, 1), brush.rng.choice((-0.02, 1.02)), brush.rng.uniform(0.3, 0.5)
    brush.ellipse(x, y, size, size, tint)


def _raindrops(brush: Brush) -> None:
    for _ in brush.several(40, 60):
        x, y, length = brush.anywhere(), brush.anywhere(), brush.rng.uniform(0.03, 0.07)
        brush.line(x, y, x - length * 0.25, y + length, (190, 205, 222), 0.006)


def _low_sun(brush: Brush) -> None:
    x = brush.rng.uniform(0.15, 0.85)
    brush.ellipse(x, brush.horizon - 0.05, 0.3, 0.3, (255, 214, 120))
    brush.box(brush.first, brush.horizon + 0.05, brush.last, brush.last, (82, 42, 66))
    for index in range(4):
        y = brush.horizon + 0.08 + 0.05 * index
        brush.line(x - 0.12 + 0.02 * index, y, x + 0.12 - 0.02 * index, y, (235, 150, 95), 0.012)


def _rays(brush: Brush) -> None:
    for _ in brush.several(2, 3):
        x = brush.anywhere()
        brush.shape([(x, brush.first), (x + 0.08, brush.first), (x + 0.02, 0.9), (x - 0.14, 0.9)], (44, 138, 176))


def _bubbles(brush: Brush) -> None:
    for _ in brush.several(9, 16):
        x, y, size = brush.anywhere(), brush.anywhere(), brush.rng.uniform(0.015, 0.04)
        brush.ellipse(x, y, size, size, (140, 205, 228))
        brush.ellipse(x, y, size * 0.7, size * 0.7, (36, 120, 160))


def _weeds(brush: Brush) -> None:
    for _ in brush.several(5, 8):
        x, height = brush.anywhere(), brush.rng.uniform(0.1, 0.25)
        for part in range(4):
            y = 1.02 - height * part / 4
            brush.line(x + (part % 2) * 0.025, y, x + ((part + 1) % 2) * 0.025, y - height / 4, (28, 108, 74), 0.02)
    brush.box(brush.first, 1.0, brush.last, brush.last, (120, 128, 104))


MARKS: dict[str, Callable[[Brush], None]] = {
    "clouds": _clouds,
    "stars": _stars,
    "moon": _moon,
    "waves": _waves,
    "surf": _surf,
    "pebbles": _pebbles,
    "blades": _blades,
    "trunks": _trunks,
    "peaks": _peaks,
    "firs": _firs,
    "flakes": _flakes,
    "dunes": _dunes,
    "buildings": _buildings,
    "road": _road,
    "window": _window,
    "planks": _planks,
    "nebula": _nebula,
    "planet": _planet,
    "raindrops": _raindrops,
    "low-sun": _low_sun,
    "rays": _rays,
    "bubbles": _bubbles,
    "weeds": _weeds,
}
