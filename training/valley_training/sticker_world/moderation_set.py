"""Labelled clips for `valley moderation replay`: what the built-in categories find in the sticker world.

    python -m valley_training.sticker_world.moderation_set DIR [--scale 1.0]

Writes DIR/rules.yaml, one rule a category, and two folders of clips with labels.yaml: `fit`, by which scores are calibrated,
and `measure`, by which they are measured. All compositions are held out of training. Seeded: the same command writes the
same clips.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

from valley_training.sticker_world.clip_file import write_clip
from valley_training.sticker_world.facts import Facts
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import Scene

# Kinds of things.tsv that a built-in category of the product asks for (src/moderation/categories.ts). Medicine is none: the
# product asks for illegal drugs, of which the world has nothing.
CATEGORY_OF_KIND = {
    **{"weapon": "weapons", "alcohol": "alcohol", "tobacco": "tobacco"},
    **{"fire": "fire", "blood": "gore", "gambling": "gambling"},
}
FOLDERS = ("fit", "measure")
SEED = "moderation-1"
# Clips of each folder: such as show a thing of a category, and such as show nothing of any. With a third of them the score from
# which 95 % of alerts are right hangs on one or two clips.
WANTED_OF_EACH, WANTED_WITHOUT = 60, 240
# Each second is looked at by itself, so a long clip costs more than it tells.
LONGEST_SECONDS = 8.0


def write_moderation_set(directory: Path, scale: float = 1.0) -> dict[str, dict[str, list[str]]]:
    """Writes rules and both folders. Returns, by folder, the categories that each clip shows."""
    directory.mkdir(parents=True, exist_ok=True)
    rules = [f"  - {{ name: {category}, category: {category} }}" for category in CATEGORY_OF_KIND.values()]
    (directory / "rules.yaml").write_text("\n".join(["rules:", *rules]) + "\n")
    labels = {}
    for folder in FOLDERS:
        place = directory / folder
        place.mkdir(exist_ok=True)

        def draw(scene: Scene, file: str, place: Path = place) -> None:
            write_clip(scene, place / file)

        labels[folder] = make_clips(folder, scale, draw)
        lines = [f"  - {{ file: {file}, shows: [{', '.join(shows)}] }}" for file, shows in labels[folder].items()]
        (place / "labels.yaml").write_text("\n".join(["clips:", *lines]) + "\n")
    return labels


def make_clips(folder: str, scale: float, draw: Callable[[Scene, str], None]) -> dict[str, list[str]]:
    """The categories that each clip of a folder shows; `draw` is called with each scene and the name of its file."""
    rng = random.Random(f"{SEED}-{folder}")
    wanted = {category: max(1, round(WANTED_OF_EACH * scale)) for category in CATEGORY_OF_KIND.values()}
    without = max(1, round(WANTED_WITHOUT * scale))
    labels: dict[str, list[str]] = {}
    while without or any(wanted.values()):
        scene = sample_scene(rng, held_out=True)
        if scene.seconds > LONGEST_SECONDS:
            continue
        shows = categories_of(scene)
        if not (any(wanted[category] for category in shows) if shows else without):
            continue
        for category in shows:
            wanted[category] = max(0, wanted[category] - 1)
        without -= not shows
        file = f"clip-{len(labels):03d}.mp4"
        draw(scene, file)
        labels[file] = shows
    return labels


def categories_of(scene: Scene) -> list[str]:
    """The product's categories that something in a scene belongs to."""
    facts = Facts(scene)
    return [category for kind, category in CATEGORY_OF_KIND.items() if facts.belongs(kind)]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m valley_training.sticker_world.moderation_set", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the clips; for a quick look")
    options = parser.parse_args()
    labels = write_moderation_set(options.directory, options.scale)
    print(", ".join(f"{len(clips)} clips to {folder}" for folder, clips in labels.items()) + f" in {options.directory}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
