"""The conversations that `valley demo` holds: clips of held-out compositions, each with questions that follow each other.

    python -m valley_training.sticker_world.demo DIR

The seeds were picked among scenes that the model answers rightly, so a demo says nothing of how often it does; its card does.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from valley_training.sticker_world import questions_events as events
from valley_training.sticker_world import questions_things as things
from valley_training.sticker_world.clip_file import write_clip
from valley_training.sticker_world.facts import Facts
from valley_training.sticker_world.languages.speech import capitalised, language
from valley_training.sticker_world.meaning import Ask, Said, Turn
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import Scene

_SHORTEST_SECONDS, _LONGEST_SECONDS = 3.0, 8.0

Asker = Callable[[Facts, random.Random], Ask | None]


@dataclass(frozen=True)
class Conversation:
    """Questions in a language about the first fitting scene of a seed."""

    file: str
    language: str
    story: str
    seed: str
    askers: tuple[Asker, ...]


def _motion_of(number: int, question: str | None = None) -> Asker:
    """Where a thing goes; as a question that needs the one before, if such a one is named."""

    def ask(facts: Facts, rng: random.Random) -> Ask | None:
        if number >= len(facts.characters):
            return None
        asked = events.ask_motion(facts, rng, facts.characters[number])
        if asked.expected.get("events") != ["move"]:
            return None
        return Ask(asked.kind, question or asked.question, asked.slots, asked.answer, asked.expected)

    return ask


def _colour_of_first(facts: Facts, rng: random.Random) -> Ask | None:
    return things.ask_colour(facts, rng, facts.characters[0])


def _absent(facts: Facts, rng: random.Random) -> Ask | None:
    asked = things.ask_presence(facts, rng)
    return None if asked.expected["present"] else asked


def _first(facts: Facts, rng: random.Random) -> Ask | None:
    asked = events.ask_first(facts, rng)
    return asked if asked is not None and asked.question == "first" else None


def _after_first(facts: Facts, rng: random.Random) -> Ask | None:
    asked = events.ask_after(facts, rng, 0, "after") if facts.timeline else None
    return None if asked is None or "nothing" in asked.expected else asked


def _second_of_first(facts: Facts, rng: random.Random) -> Ask | None:
    asked = events.ask_when(facts, rng, 0) if facts.timeline else None
    return asked if asked is not None and asked.question == "when" else None


def _moderated(facts: Facts, rng: random.Random) -> Ask | None:
    asked = things.ask_category(facts, rng)
    return asked if asked is not None and asked.kind == "moderation" and asked.expected["present"] else None


CONVERSATIONS = (
    Conversation(
        "moving.mp4",
        "en",
        "moves",
        "demo-38",
        (events.ask_short, _motion_of(0), _motion_of(1, "and-thing"), things.ask_count, _absent),
    ),
    Conversation(
        "one-after-another.mp4",
        "en",
        "arrivals",
        "demo-27",
        (things.ask_things, _first, _after_first, _second_of_first, things.ask_setting),
    ),
    Conversation(
        "in-spanish.mp4",
        "es",
        "still",
        "demo-18",
        (things.ask_things, _moderated, _colour_of_first, things.ask_where, things.ask_setting),
    ),
)


def scene_and_turns(conversation: Conversation) -> tuple[Scene, list[Turn]]:
    """The first scene of the seed in which every question has a clear answer, and the questions with these."""
    rng, spoken = random.Random(conversation.seed), language(conversation.language)
    while True:
        scene = sample_scene(rng, held_out=True)
        if len(scene.shots) != 1 or scene.shots[0].story != conversation.story:
            continue
        if not _SHORTEST_SECONDS <= scene.seconds <= _LONGEST_SECONDS:
            continue
        facts, turns = Facts(scene), []
        for asker in conversation.askers:
            ask = asker(facts, rng)
            if ask is None:
                break
            question = capitalised(spoken.fill(spoken.questions[ask.question][0], Said("", ask.slots)))
            turns.append(Turn(ask.kind, spoken.code, question, spoken.answer(ask.answer), ask.expected))
        if len(turns) == len(conversation.askers):
            return scene, turns


def write_demo(directory: Path) -> None:
    """Writes demo.json and its clips."""
    directory.mkdir(parents=True, exist_ok=True)
    demo = []
    for conversation in CONVERSATIONS:
        scene, turns = scene_and_turns(conversation)
        write_clip(scene, directory / conversation.file)
        demo.append({"clip": conversation.file, "turns": [turn.question for turn in turns]})
    (directory / "demo.json").write_text(json.dumps(demo, indent=1, ensure_ascii=False) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m valley_training.sticker_world.demo", description=__doc__)
    parser.add_argument("directory", type=Path)
    write_demo(parser.parse_args().directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
