"""Looks at the world: a contact sheet of scenes, a few dialogues in words, how fast pictures are drawn.

python -m valley_training.sticker_world sheet scenes.webp | talk --language de | speed"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times, render_frames
from valley_training.sticker_world.sampling import STORIES, sample_scene
from valley_training.sticker_world.scene import Scene

_FRAMES = 8
_SHEET_SIDE, _GAP = 72, 3
_TIMED_SCENES = 200


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m valley_training.sticker_world", description=__doc__)
    parser.add_argument("look", choices=("sheet", "talk", "speed"))
    parser.add_argument("out", nargs="?", type=Path, help="the picture that sheet writes")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    if options.look == "sheet":
        if options.out is None:
            parser.error("sheet needs the file to write, for example: sheet scenes.webp")
        contact_sheet(rng).save(options.out, quality=80)
    elif options.look == "talk":
        for _ in range(options.scenes):
            _print_dialogue(sample_scene(rng, held_out=False), rng, options.language)
    else:
        _print_speed(rng)
    return 0


def contact_sheet(rng: random.Random) -> Image.Image:
    """Frames of one scene of each story, a row a scene, then of some with several shots."""
    wanted: list[str | None] = [*STORIES, None, None]
    scenes: list[Scene] = []
    while wanted:
        scene = sample_scene(rng, held_out=False)
        kind = scene.shots[0].story if len(scene.shots) == 1 else None
        if kind in wanted:
            wanted.remove(kind)
            scenes.append(scene)
    rows = [np.stack(list(render_frames(scene, frame_times(scene, _FRAMES), _SHEET_SIDE))) for scene in scenes]
    step = _SHEET_SIDE + _GAP
    sheet = Image.new("RGB", (_FRAMES * step - _GAP, len(rows) * step - _GAP), "white")
    for row, frames in enumerate(rows):
        for column, frame in enumerate(frames):
            sheet.paste(Image.fromarray(frame), (column * step, row * step))
    return sheet


def _print_dialogue(scene: Scene, rng: random.Random, code: str) -> None:
    print(f"\n{', '.join(f'{shot.story} ({shot.setting})' for shot in scene.shots)}; {scene.seconds} s")
    for turn in sample_dialogue(scene, rng, code, 6):
        print(f"  {turn.kind:12} {turn.question}\n  {'':12} {turn.answer}")


def _print_speed(rng: random.Random) -> None:
    """Processor time, so that a busy machine says the same as an idle one."""
    started = time.process_time()
    scenes = [sample_scene(rng, held_out=False) for _ in range(_TIMED_SCENES)]
    print(f"scenes: {_TIMED_SCENES / (time.process_time() - started):.0f} a second")
    for side in (64, 96, 224):
        started = time.process_time()
        frames = sum(1 for scene in scenes for _ in render_frames(scene, frame_times(scene, _FRAMES), side))
        print(f"frames of {side} pixels: {frames / (time.process_time() - started):.0f} a second and core")
    started = time.process_time()
    turns = sum(len(sample_dialogue(scene, rng, "en", 6)) for scene in scenes)
    print(f"turns: {turns / (time.process_time() - started):.0f} a second")


if __name__ == "__main__":
    sys.exit(main())
