"""A scene: what is in a clip, said as data before anything is drawn. Positions and sizes are fractions of the frame's
side, times are fractions of the clip (0 its first picture, 1 its last)."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from valley_training.world.art import STYLES, THINGS

SETTINGS = ("sky", "night", "sea", "grass", "snow", "desert")

# Unit steps; y grows downwards as in a picture.
DIRECTIONS: dict[str, tuple[int, int]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "up and to the left": (-1, -1),
    "up and to the right": (1, -1),
    "down and to the left": (-1, 1),
    "down and to the right": (1, 1),
}
STILL = "still"

# Of all thing sets, the share whose scenes are never trained on.
HELD_OUT_SHARE = 0.15
# A centre keeps this far from each edge, plus half the sticker, so that a thing is always whole.
EDGE_MARGIN = 0.02
MAX_TRIES = 60


@dataclass(frozen=True)
class Actor:
    """One thing on its way: it appears at `enter` and goes straight from start to end until the clip's end."""

    thing: str
    style: str
    size: float
    direction: str
    start: tuple[float, float]
    end: tuple[float, float]
    enter: float = 0.0

    def visible(self, time: float) -> bool:
        return time >= self.enter

    def centre(self, time: float) -> tuple[float, float]:
        """Centre at a clip time; before it appears, where it will appear."""
        share = 0.0 if self.enter >= 1 else max(0.0, (time - self.enter) / (1 - self.enter))
        (x0, y0), (x1, y1) = self.start, self.end
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share


@dataclass(frozen=True)
class Scene:
    """kind: together (different things from the start), sequence (one after another), copies (several of one thing)."""

    kind: str
    setting: str
    actors: tuple[Actor, ...]
    seed: int

    @property
    def things(self) -> list[str]:
        """Distinct things in order of appearance."""
        return list(dict.fromkeys(actor.thing for actor in sorted(self.actors, key=lambda actor: actor.enter)))


def is_held_out(kind: str, things: list[str], setting: str) -> bool:
    """Whether a composition belongs to the evaluation: a fixed hash of the kind, the things and the setting."""
    key = "|".join([kind, *sorted(things), setting]).encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:4], "big") < HELD_OUT_SHARE * 2**32


def sample_scene(rng: random.Random, held_out: bool) -> Scene:
    """Draws a scene of the training part or of the held-out part."""
    while True:
        kind = rng.choices(("together", "sequence", "copies"), (0.55, 0.27, 0.18))[0]
        count = rng.choice((1, 2, 2, 3)) if kind == "together" else rng.choice((2, 3))
        things = rng.sample(THINGS, 1 if kind == "copies" else count)
        setting = rng.choice(SETTINGS)
        if is_held_out(kind, things, setting) != held_out:
            continue
        actors = _place(rng, kind, things * count if kind == "copies" else things)
        if actors is not None:
            return Scene(kind, setting, actors, rng.getrandbits(32))


def _place(rng: random.Random, kind: str, things: list[str]) -> tuple[Actor, ...] | None:
    """Sizes, ways and times such that no thing hides another; None when chance found no room."""
    count = len(things)
    enters = [0.0] * count
    if kind == "sequence":
        step = 1 / count
        enters = [0.0] + [step * index + rng.uniform(-0.06, 0.1) for index in range(1, count)]
    shared = _sample_direction(rng, 0.3) if kind == "copies" else None
    style_of_copies = rng.choice(STYLES)
    for _ in range(MAX_TRIES):
        actors = []
        for thing, enter in zip(things, enters, strict=True):
            size = rng.uniform(0.27, 0.42 if count == 1 else 0.36 if count == 2 else 0.31)
            direction = shared or _sample_direction(rng, 0.65 if kind == "sequence" else 0.25)
            start, end = _sample_way(rng, direction, size)
            style = style_of_copies if kind == "copies" else rng.choice(STYLES)
            actors.append(Actor(thing, style, size, direction, start, end, enter))
        if _apart(actors):
            return tuple(actors)
    return None


def _sample_direction(rng: random.Random, still_share: float) -> str:
    return STILL if rng.random() < still_share else rng.choice(tuple(DIRECTIONS))


def _sample_way(rng: random.Random, direction: str, size: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Start and end centres; a mover goes at least 0.3 of the frame along each axis of its direction."""
    low, high = EDGE_MARGIN + size / 2, 1 - EDGE_MARGIN - size / 2
    step_x, step_y = DIRECTIONS.get(direction, (0, 0))
    start, end = [], []
    for step in (step_x, step_y):
        if step == 0:
            value = rng.uniform(low, high)
            start.append(value)
            end.append(value)
        else:
            length = rng.uniform(0.3, high - low)
            first = rng.uniform(low, high - length)
            first, last = (first, first + length) if step > 0 else (first + length, first)
            start.append(first)
            end.append(last)
    return (start[0], start[1]), (end[0], end[1])


def _apart(actors: list[Actor]) -> bool:
    for index in range(9):
        time = index / 8
        seen = [actor for actor in actors if actor.visible(time)]
        for place, one in enumerate(seen):
            for other in seen[place + 1 :]:
                (x0, y0), (x1, y1) = one.centre(time), other.centre(time)
                if max(abs(x0 - x1), abs(y0 - y1)) < 0.46 * (one.size + other.size):
                    return False
    return True
