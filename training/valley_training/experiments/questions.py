"""What the experiments ask, by kind, and in which words."""

from __future__ import annotations

import random
from dataclasses import dataclass

from valley_training.experiments.told import told, told_name
from valley_training.sticker_world import questions_events as events
from valley_training.sticker_world import questions_things as things
from valley_training.sticker_world.facts import Facts
from valley_training.sticker_world.languages.speech import capitalised, language
from valley_training.sticker_world.meaning import Ask, Mention, Said
from valley_training.sticker_world.splits import phrasings_of
from valley_training.world.art import THINGS
from valley_training.world.language import Turn
from valley_training.world.scene import Scene

# How often each kind is asked in phase 2. What one picture cannot answer is asked more.
KINDS: dict[str, float] = {
    "description": 2.0,
    "things": 1.5,
    "count": 2.0,
    "presence": 1.5,
    "place": 2.0,
    "setting": 1.0,
    "motion": 3.0,
    "order": 2.5,
}
# "They were there from the start" would be most answers about order: of those, the share that is asked.
_TOGETHER_SHARE = 0.3


@dataclass(frozen=True)
class Known:
    """A scene with what can be known of it, worked out once, in a world of so many things."""

    scene: Scene
    facts: Facts
    things: int


def know(scene: Scene, things: int) -> Known:
    """The scene as the sticker world tells of it."""
    return Known(scene, Facts(told(scene)), things)


def ask(kind: str, known: Known, rng: random.Random) -> Ask | None:
    """A question of a kind with its true answer; None where the scene gives no clear one."""
    facts = known.facts
    anyone = rng.choice(facts.characters)
    match kind:
        case "description":
            return events.ask_short(facts, rng)
        case "things":
            return things.ask_things(facts, rng)
        case "count":
            return things.ask_count(facts, rng) if rng.random() < 0.4 else things.ask_count_of(facts, rng, anyone)
        case "presence":
            return things.ask_presence(facts, rng, anyone) if rng.random() < 0.5 else _absent(known, rng)
        case "place":
            return things.ask_where(facts, rng, anyone)
        case "setting":
            return things.ask_setting(facts, rng)
        case "motion":
            return events.ask_motion(facts, rng, anyone)
        case "order":
            if known.scene.kind != "sequence" and rng.random() > _TOGETHER_SHARE:
                return None
            return events.ask_first(facts, rng)
        case _:
            raise ValueError(f"kind is {kind!r}; it can be {', '.join(KINDS)}")


def say(asked: Ask, kind: str, code: str, rng: random.Random) -> Turn:
    """A question in one of its phrasings, and its answer, in a language."""
    spoken = language(code)
    template = rng.choice(phrasings_of(spoken.questions[asked.question], unseen=False))
    return Turn(kind, capitalised(spoken.fill(template, Said("", asked.slots))), spoken.answer(asked.answer))


def sample_turns(known: Known, rng: random.Random, code: str, count: int, kinds: dict[str, float]) -> list[Turn]:
    """So many turns about a scene in one language; `kinds` says how often each is asked."""
    turns: list[Turn] = []
    while len(turns) < count:
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        asked = ask(kind, known, rng)
        if asked is not None:
            turns.append(say(asked, kind, code, rng))
    return turns


def _absent(known: Known, rng: random.Random) -> Ask:
    thing = told_name(rng.choice([one for one in THINGS[: known.things] if one not in known.scene.things]))
    said, slots = Said("not-present", {"x": Mention(thing)}), {"x": Mention(thing)}
    return Ask("presence", "presence", slots, [said], {"present": False, "thing": thing}, things.NOT_THERE)
