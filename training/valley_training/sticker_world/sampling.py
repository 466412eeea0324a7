"""Draws scenes: how long, in which frame, with how many shots, and what happens in each."""

from __future__ import annotations

import random

from valley_training.sticker_world import stories_alone, stories_together
from valley_training.sticker_world.art import Atlas, training_atlas
from valley_training.sticker_world.casting import Casting
from valley_training.sticker_world.plan import Plan
from valley_training.sticker_world.scene import Camera, Finish, Scene, Shot
from valley_training.sticker_world.settings import PATTERNS, PLACES, PLAIN_COLOURS, is_plain

STORIES = {
    "still": stories_alone.still,
    "moves": stories_alone.moves,
    "arrivals": stories_alone.arrivals,
    "departures": stories_alone.departures,
    "copies": stories_alone.copies,
    "flock": stories_alone.flock,
    "counting": stories_alone.counting,
    "changes": stories_alone.changes,
    "follow": stories_together.follow,
    "hit": stories_together.hit,
    "hide": stories_together.hide,
    "swap": stories_together.swap,
}
_WEIGHTS = {
    "still": 16,
    "moves": 22,
    "arrivals": 14,
    "departures": 8,
    "copies": 9,
    "flock": 4,
    "counting": 6,
    "changes": 9,
    "follow": 5,
    "hit": 8,
    "hide": 4,
    "swap": 4,
}
# Simple enough for a shot that few of the clip's frames show.
_BRIEF_STORIES = ("still", "moves", "copies")
# In these nothing moves but the camera, if it does; with both, nobody could say what moved.
_CAMERA_STORIES = ("still", "copies")

FRAME_RATES = (8, 10, 12, 15, 24, 25, 30)
# Square, the usual wide and tall ones.
ASPECTS = (1.0, 4 / 3, 16 / 9, 3 / 4, 9 / 16)
_ASPECT_WEIGHTS = (4, 2, 3, 1, 2)
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 60.0
SHORTEST_SHOT_SECONDS = 0.9


def sample_scene(rng: random.Random, held_out: bool, atlas: Atlas | None = None, still_picture: bool = False) -> Scene:
    """Draws a scene whose compositions all belong to the training part, or all to the held-out part.

    still_picture: of one shot in which nothing changes, for questions about single pictures."""
    while True:
        casting = Casting(rng, atlas or training_atlas(), held_out)
        aspect = rng.choices(ASPECTS, _ASPECT_WEIGHTS)[0]
        seconds = _sample_seconds(rng)
        count = 1 if still_picture or seconds < 3 else rng.choices((1, 2, 3), (78, 16, 6))[0]
        shots = _sample_shots(rng, casting, seconds, count, aspect, still_picture)
        if shots is not None:
            return Scene(shots, rng.choice(FRAME_RATES), aspect, _sample_finish(rng, seconds), rng.getrandbits(32))


def sample_setting(rng: random.Random) -> str:
    """Mostly places; sometimes a plain colour or a pattern."""
    kind = rng.random()
    if kind < 0.68:
        return rng.choice(PLACES)
    return f"plain-{rng.choice(PLAIN_COLOURS)}" if kind < 0.86 else rng.choice(PATTERNS)


def _sample_seconds(rng: random.Random) -> float:
    """Short clips are as frequent as long ones on a scale of ratios."""
    ratio = LONGEST_SECONDS / SHORTEST_SECONDS
    return round(SHORTEST_SECONDS * ratio ** rng.random(), 2)


def _sample_shots(
    rng: random.Random, casting: Casting, seconds: float, count: int, aspect: float, still_picture: bool
) -> tuple[Shot, ...] | None:
    cuts = [0.0]
    for index in range(1, count):
        cuts.append(round(seconds * (index / count + rng.uniform(-0.06, 0.06)), 2))
    cuts.append(seconds)
    settings: list[str] = []
    while len(settings) < count:
        setting = sample_setting(rng)
        if setting not in settings:
            settings.append(setting)
    shots = []
    for start, end, setting in zip(cuts, cuts[1:], settings, strict=False):
        shot = _sample_shot(rng, casting, start, end, setting, aspect, count > 1, still_picture)
        if shot is None or end - start < SHORTEST_SHOT_SECONDS:
            return None
        shots.append(shot)
    return tuple(shots)


def _sample_shot(
    rng: random.Random,
    casting: Casting,
    start: float,
    end: float,
    setting: str,
    aspect: float,
    brief: bool,
    still_picture: bool,
) -> Shot | None:
    names = ("still", "copies") if still_picture else _BRIEF_STORIES if brief else tuple(STORIES)
    name = rng.choices(names, [_WEIGHTS[name] for name in names])[0]
    camera = Camera() if still_picture else _sample_camera(rng, name, setting)
    margin = {"pan": camera.amount / 2, "zoom-in": 0.13, "zoom-out": 0.13}.get(camera.kind, 0.0)
    # Beyond the square a wide frame goes on, so there a thing would come in before it is seen to.
    sides = ("left", "right", "up", "down") if aspect == 1 else ("up", "down") if aspect > 1 else ("left", "right")
    plan = Plan(rng, casting, setting, start, end, brief, margin, sides)
    story = STORIES[name](plan)
    if story is None:
        return None
    roles, events = story
    return Shot(start, end, setting, camera, tuple(roles), tuple(events), name, rng.getrandbits(32))


def _sample_camera(rng: random.Random, story: str, setting: str) -> Camera:
    if rng.random() < 0.06:
        return Camera("shake", amount=rng.uniform(0.008, 0.014))
    if story not in _CAMERA_STORIES or is_plain(setting) or rng.random() < 0.3:
        return Camera()
    kind = rng.choice(("pan", "pan", "zoom-in", "zoom-out"))
    if kind == "pan":
        return Camera("pan", rng.choice(("left", "right", "up", "down")), rng.uniform(0.2, 0.28))
    return Camera(kind, amount=rng.uniform(0.32, 0.42))


def _sample_finish(rng: random.Random, seconds: float) -> Finish:
    # A fade is over before the first thing happens.
    fade = min(1.0, 0.06 * seconds)
    return Finish(
        fade_in=fade if rng.random() < 0.12 else 0.0,
        fade_out=fade if rng.random() < 0.12 else 0.0,
        bars=rng.uniform(0.05, 0.1) if rng.random() < 0.1 else 0.0,
        noise=rng.uniform(2, 9) if rng.random() < 0.3 else 0.0,
        blur=rng.uniform(0.002, 0.006) if rng.random() < 0.15 else 0.0,
        quality=rng.randint(30, 92) if rng.random() < 0.65 else None,
        contrast=rng.uniform(0.82, 1.15),
        brightness=rng.uniform(-14, 14),
        saturation=rng.uniform(0.8, 1.15),
    )
