"""Held-out clips as mp4 files: the evaluation set with its questions, and the demo's clips with its conversations."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from valley_training.world.art import THINGS
from valley_training.world.language import Turn, ask_count, ask_motion, ask_order, ask_things
from valley_training.world.render import render_frames
from valley_training.world.scene import SETTINGS, STILL, Scene, sample_scene
from valley_training.world.words import plural, with_article

CLIP_SIDE_PIXELS = 256
FRAMES_PER_SECOND = 12
QUESTIONS_A_KIND = 50
KINDS = ("things", "motion", "count", "order")
EVALUATION_SEED = "evaluation-1"
# Picked among held-out scenes as two that the model answers rightly; what it gets wrong is in its card.
DEMO_SEEDS = {"together": "demo-65", "sequence": "demo-2"}
DEMO_SECONDS = 4.0


def write_clip(scene: Scene, seconds: float, path: Path, side: int = CLIP_SIDE_PIXELS) -> None:
    """Draws a scene as an H.264 mp4."""
    count = max(2, round(seconds * FRAMES_PER_SECOND))
    frames = np.stack(render_frames(scene, [index / (count - 1) for index in range(count)], side))
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{side}x{side}"]
    command += ["-r", str(FRAMES_PER_SECOND), "-i", "pipe:0", "-c:v", "libx264", "-crf", "23", "-pix_fmt", "yuv420p"]
    command += ["-bitexact", "-movflags", "+faststart", str(path)]
    subprocess.run(command, input=frames.tobytes(), check=True)


def write_evaluation_set(directory: Path) -> int:
    """Writes suite.json and its clips; 50 questions of each kind. Returns the number of clips."""
    directory.mkdir(parents=True, exist_ok=True)
    rng = random.Random(EVALUATION_SEED)
    wanted = dict.fromkeys(KINDS, QUESTIONS_A_KIND)
    clips: list[dict[str, Any]] = []
    while any(wanted.values()):
        scene = sample_scene(rng, held_out=True)
        turns = _questions(scene, rng, wanted)
        if not turns:
            continue
        number = len(clips)
        file = f"clip-{number:02d}.mp4"
        write_clip(scene, rng.uniform(2, 4), directory / file)
        questions = []
        for turn in turns:
            wanted[turn.kind] -= 1
            identifier = f"{number:02d}-{turn.kind}-{len(questions)}"
            questions.append({"id": identifier, "kind": turn.kind, "question": turn.question, "expected": turn.expected})
        clips.append({"file": file, "questions": questions})
    suite = {
        "name": "sticker-world-held-out",
        "description": "Clips of compositions (kind of scene, things, setting) that no training clip has.",
        "things": list(THINGS),
        "plurals": {thing: plural(thing) for thing in THINGS},
        "settings": list(SETTINGS),
        "clips": clips,
    }
    (directory / "suite.json").write_text(json.dumps(suite, indent=1) + "\n")
    return len(clips)


def _questions(scene: Scene, rng: random.Random, wanted: dict[str, int]) -> list[Turn]:
    """What is still wanted and has an expected value, one of each kind; both ends of the order for a sequence."""
    turns = [ask_things(scene, rng), ask_motion(scene, rng), ask_count(scene, rng)]
    if scene.kind == "sequence":
        order = ask_order(scene, rng)
        while not order.expected:
            order = ask_order(scene, rng)
        turns.append(order)
    needs_order_only = sum(wanted.values()) == wanted["order"]
    if needs_order_only and scene.kind != "sequence":
        return []
    return [turn for turn in turns if turn.expected and wanted[turn.kind] > 0]


def write_demo(directory: Path) -> None:
    """Writes demo.json and its two clips: things that move together, and things that come one after another."""
    directory.mkdir(parents=True, exist_ok=True)
    together = _first_scene("together", lambda scene: _distinct_directions(scene) == 2)
    one, other = together.things
    sequence = _first_scene("sequence", lambda scene: len(scene.actors) == 3)
    absent = next(thing for thing in THINGS if thing not in together.things)
    conversations = {
        "together.mp4": (
            together,
            [
                "Describe this clip.",
                f"Where does the {one} go?",
                f"And the {other}?",
                "How many things are there?",
                f"Is there {with_article(absent)}?",
            ],
        ),
        "one-after-another.mp4": (
            sequence,
            [
                "What is in the clip?",
                "What came first?",
                f"What came after the {sequence.things[0]}?",
                "And what came last?",
                "Where does it take place?",
            ],
        ),
    }
    for file, (scene, _) in conversations.items():
        write_clip(scene, DEMO_SECONDS, directory / file)
    demo = [{"clip": file, "turns": turns} for file, (_, turns) in conversations.items()]
    (directory / "demo.json").write_text(json.dumps(demo, indent=1) + "\n")


def _first_scene(kind: str, accepts: Callable[[Scene], bool]) -> Scene:
    rng = random.Random(DEMO_SEEDS[kind])
    while True:
        scene = sample_scene(rng, held_out=True)
        if scene.kind == kind and accepts(scene):
            return scene


def _distinct_directions(scene: Scene) -> int:
    """How many different ways things go; 0 unless there are two things and both move."""
    directions = [actor.direction for actor in scene.actors]
    return len(set(directions)) if len(directions) == 2 and STILL not in directions else 0
