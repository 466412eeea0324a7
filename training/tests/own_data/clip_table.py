"""A table of clips as somebody might have one: a few hundred drawn clips with captions, and rows that are wrong."""

from __future__ import annotations

import csv
import json
import random
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import StringIO
from itertools import product
from pathlib import Path

from valley_training.evaluation_set import write_clip
from valley_training.world.scene import SETTINGS, Actor, Scene
from valley_training.world.words import SETTING_PHRASES, capitalised, motion_phrase, with_article

THINGS = ("apple", "banana", "car", "fish", "frog", "penguin")
# Fractions of the frame's side.
SIZES = {"small": 0.45, "big": 0.65}
# Where each way begins and ends. "up", "down" and "still" tell no captions apart, so one of them stands for all.
WAYS = {
    "left": ((0.65, 0.5), (0.35, 0.5)),
    "right": ((0.35, 0.5), (0.65, 0.5)),
    "up": ((0.5, 0.65), (0.5, 0.35)),
}
STYLE = "noto"
CLIP_SECONDS = 0.5
CLIP_SIDE_PIXELS = 64
COLUMNS = ("id", "clip", "caption", "duration", "sentences", "objects", "licence")


@dataclass(frozen=True)
class DrawnClip:
    """A clip with what is true of it."""

    name: str
    size: str
    scene: Scene

    @property
    def file(self) -> str:
        return f"{self.name}.mp4"

    @property
    def thing(self) -> str:
        return self.scene.actors[0].thing

    @property
    def direction(self) -> str:
        return self.scene.actors[0].direction

    @property
    def caption(self) -> str:
        return f"A {self.size} {self.thing} {motion_phrase(self.direction)} {SETTING_PHRASES[self.scene.setting]}"


def draw_clips(folder: Path) -> list[DrawnClip]:
    """Every thing of every size in every setting on every way, as mp4s below the folder, in an order that a seed decides."""
    folder.mkdir(parents=True)
    rng = random.Random("own-data")
    combinations = list(product(SIZES, THINGS, SETTINGS, WAYS))
    rng.shuffle(combinations)
    clips = [
        DrawnClip(f"c{number:03d}", size, _scene(rng, SIZES[size], *chosen))
        for number, (size, *chosen) in enumerate(combinations)
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda clip: write_clip(clip.scene, CLIP_SECONDS, folder / clip.file, CLIP_SIDE_PIXELS), clips))
    return clips


def _scene(rng: random.Random, size: float, thing: str, setting: str, direction: str) -> Scene:
    shift = (rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03))
    start, end = ((x + shift[0], y + shift[1]) for x, y in WAYS[direction])
    return Scene("together", setting, (Actor(thing, STYLE, size, direction, start, end),), rng.getrandbits(32))


def write_table(path: Path, folder: Path, clips: list[DrawnClip]) -> None:
    """The rows of the clips, and after them one of each kind that `valley data` has to leave out."""
    text = StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number, clip in enumerate(clips):
        rows.writerow(_row(clip, with_sentences=number % 2 == 0))
    first, second, third = clips[:3]
    shutil.copy(folder / first.file, folder / "copy.mp4")
    # An empty box more: other bytes, the same pictures.
    (folder / "again.mp4").write_bytes((folder / second.file).read_bytes() + b"\0\0\0\x08free")
    plain = ("", "", "", "")
    rows.writerow(("copy", "copy.mp4", f"{first.caption} with a {second.thing}", *plain))
    rows.writerow(("again", "again.mp4", f"{third.caption.lower()}!", *plain))
    rows.writerow(("gone", "gone.mp4", f"Two of these: {first.caption.lower()}", *plain))
    rows.writerow(("silent", first.file, "", *plain))
    rows.writerow(("nul", first.file, "A \0 in the snow", *plain))
    rows.writerow(("narrow", first.file, "A cat in the snow"))
    wrong_bytes = f"bytes,{first.file},A caf\xe9 at sea,,,,\n".encode("latin-1")
    path.write_bytes(text.getvalue().encode() + wrong_bytes)


def _row(clip: DrawnClip, with_sentences: bool) -> tuple[str, ...]:
    actor = clip.scene.actors[0]
    (x, y), half = actor.start, actor.size / 2
    objects = [{"name": clip.thing, "box": [round(value, 2) for value in (x - half, y - half, x + half, y + half)]}]
    place = SETTING_PHRASES[clip.scene.setting]
    sentences = [
        {"start": 0, "end": 0.2, "text": f"{capitalised(with_article(clip.thing))} is {place}."},
        {"start": 0.2, "end": CLIP_SECONDS, "text": f"The {clip.thing} {motion_phrase(clip.direction)}."},
    ]
    said = json.dumps(sentences) if with_sentences else ""
    return (clip.name, clip.file, clip.caption, str(CLIP_SECONDS), said, json.dumps(objects), "cc0-1.0")
