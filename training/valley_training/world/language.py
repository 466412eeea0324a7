"""Questions and answers about a scene, true by construction. Each kind of question is a function from a scene to a turn."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from valley_training.world import phrasings
from valley_training.world.art import THINGS
from valley_training.world.scene import Scene
from valley_training.world.words import (
    NUMBER_WORDS,
    SETTING_PHRASES,
    capitalised,
    counted,
    listed,
    motion_phrase,
    plural,
    with_article,
)

STILL_PICTURE = "It is a still picture."


@dataclass(frozen=True)
class Turn:
    """A question with its answer; `expected` is what the evaluation scores by."""

    kind: str
    question: str
    answer: str
    expected: dict[str, Any] = field(default_factory=dict)
    thing: str | None = None


def ask_things(scene: Scene, rng: random.Random) -> Turn:
    expected = {"things": scene.things}
    if scene.kind == "copies":
        answer = f"There are {counted(len(scene.actors), scene.things[0])}."
    else:
        answer = f"There is {listed([with_article(thing) for thing in scene.things])}."
    return Turn("things", rng.choice(phrasings.THINGS), answer, expected)


def ask_description(scene: Scene, rng: random.Random, still_picture: bool = False) -> Turn:
    place = SETTING_PHRASES[scene.setting]
    question = rng.choice(phrasings.DESCRIPTION)
    if scene.kind == "copies":
        subject = capitalised(counted(len(scene.actors), scene.things[0]))
        verb = "are" if still_picture else motion_phrase(scene.actors[0].direction, many=True)
        return Turn("description", question, f"{subject} {verb} {place}.")
    if still_picture:
        listed_things = listed([with_article(thing) for thing in scene.things])
        return Turn("description", question, f"{capitalised(listed_things)} {place}.")
    if scene.kind == "sequence":
        first, *rest = [with_article(thing) for thing in scene.things]
        answer = f"First {first} comes, " + " and ".join(f"then {thing}" for thing in rest) + f", {place}."
        return Turn("description", question, answer)
    clauses = [f"{with_article(actor.thing)} {motion_phrase(actor.direction)}" for actor in scene.actors]
    return Turn("description", question, f"{capitalised(listed(clauses))} {place}.")


def ask_motion(scene: Scene, rng: random.Random, thing: str | None = None, still_picture: bool = False) -> Turn:
    actor = rng.choice(scene.actors) if thing is None else next((a for a in scene.actors if a.thing == thing), None)
    if actor is None:
        assert thing is not None
        return Turn("motion", rng.choice(phrasings.MOTION).format(thing=thing), f"There is no {thing} in the clip.", {}, thing)
    many = scene.kind == "copies"
    if many:
        question = rng.choice(phrasings.MOTION_MANY).format(things=plural(actor.thing))
    elif len(scene.actors) == 1 and rng.random() < 0.3:
        question = rng.choice(phrasings.MOTION_IT)
    else:
        question = rng.choice(phrasings.MOTION).format(thing=actor.thing)
    if still_picture:
        return Turn("motion", question, STILL_PICTURE, {}, actor.thing)
    subject = f"The {plural(actor.thing) if many else actor.thing}"
    answer = f"{subject} {motion_phrase(actor.direction, many)}."
    return Turn("motion", question, answer, {"direction": actor.direction}, actor.thing)


def ask_count(scene: Scene, rng: random.Random) -> Turn:
    if rng.random() < 0.45:
        thing = rng.choice(scene.things) if rng.random() < 0.75 else _absent(scene, rng)
        count = sum(actor.thing == thing for actor in scene.actors)
        verb = "is" if count == 1 else "are"
        answer = f"There {verb} {counted(count, thing)}."
        return Turn("count", rng.choice(phrasings.COUNT_OF).format(things=plural(thing)), answer, {"count": count})
    count = len(scene.actors)
    answer = "There is one thing." if count == 1 else f"There are {NUMBER_WORDS[count]} things."
    return Turn("count", rng.choice(phrasings.COUNT), answer, {"count": count})


def ask_order(scene: Scene, rng: random.Random, still_picture: bool = False) -> Turn:
    things = scene.things
    if still_picture:
        return Turn("order", rng.choice(phrasings.FIRST), STILL_PICTURE)
    if len(scene.actors) == 1:
        return Turn("order", rng.choice(phrasings.FIRST), f"Only the {things[0]} is there.")
    if scene.kind != "sequence":
        return Turn("order", rng.choice(phrasings.FIRST + phrasings.LAST), "They were there from the start.")
    choice = rng.random()
    if choice < 0.5:
        return Turn("order", rng.choice(phrasings.FIRST), f"The {things[0]} came first.", {"first": things[0]})
    if choice < 0.7:
        return Turn("order", rng.choice(phrasings.LAST), f"The {things[-1]} came last.", {"first": things[-1]})
    if choice < 0.85:
        steps = [f"the {thing}" for thing in things]
        return Turn("order", rng.choice(phrasings.ORDER), "First " + ", then ".join(steps) + ".")
    index = rng.randrange(len(things))
    question = rng.choice(phrasings.AFTER).format(thing=things[index])
    if index == len(things) - 1:
        return Turn("order", question, f"Nothing came after the {things[index]}.")
    answer = f"The {things[index + 1]} came after the {things[index]}."
    return Turn("order", question, answer)


def ask_presence(scene: Scene, rng: random.Random, thing: str | None = None) -> Turn:
    if thing is None:
        thing = rng.choice(scene.things) if rng.random() < 0.5 else _absent(scene, rng)
    question = rng.choice(phrasings.PRESENCE).format(a_thing=with_article(thing))
    if thing not in scene.things:
        return Turn("presence", question, f"No, there is no {thing}.", {"present": False}, thing)
    if scene.kind == "copies":
        answer = f"Yes, there are {counted(len(scene.actors), thing)}."
    else:
        answer = f"Yes, there is {with_article(thing)}."
    return Turn("presence", question, answer, {"present": True}, thing)


def ask_setting(scene: Scene, rng: random.Random) -> Turn:
    answer = f"It is {SETTING_PHRASES[scene.setting]}."
    return Turn("setting", rng.choice(phrasings.SETTING), answer, {"setting": scene.setting})


def ask_small_talk(rng: random.Random) -> Turn:
    question, answer = rng.choice(phrasings.SMALL_TALK)
    return Turn("talk", question, answer)


def ask_beyond(rng: random.Random) -> Turn:
    return Turn("beyond", rng.choice(phrasings.BEYOND), phrasings.BEYOND_ANSWER)


def follow_up(scene: Scene, rng: random.Random, before: Turn, still_picture: bool = False) -> Turn | None:
    """A short question that is understood from the turn before; None where there is nothing to follow."""
    others = [thing for thing in scene.things if thing != before.thing]
    if before.kind == "motion" and others and scene.kind != "copies":
        turn = ask_motion(scene, rng, rng.choice(others), still_picture)
        return Turn("motion", rng.choice(phrasings.AND_THE).format(thing=turn.thing), turn.answer, turn.expected, turn.thing)
    if before.kind == "presence":
        thing = rng.choice(others) if others and rng.random() < 0.5 else _absent(scene, rng)
        turn = ask_presence(scene, rng, thing)
        return Turn("presence", f"And {with_article(thing)}?", turn.answer, turn.expected, thing)
    return None


def sample_dialogue(scene: Scene, rng: random.Random, turns: int, still_picture: bool = False) -> list[Turn]:
    """Several turns about one scene, of mixed kinds, with follow-ups, small talk and questions beyond the clip."""
    dialogue: list[Turn] = []
    while len(dialogue) < turns:
        if dialogue and rng.random() < 0.2:
            turn = follow_up(scene, rng, dialogue[-1], still_picture)
            if turn is not None:
                dialogue.append(turn)
                continue
        dialogue.append(_sample_turn(scene, rng, still_picture))
    return [Turn(turn.kind, roughened(turn.question, rng), turn.answer, turn.expected, turn.thing) for turn in dialogue]


def _sample_turn(scene: Scene, rng: random.Random, still_picture: bool) -> Turn:
    kinds = ("things", "description", "motion", "count", "order", "presence", "setting", "talk", "beyond")
    kind = rng.choices(kinds, (12, 16, 28, 12, 14, 12, 6, 1.5, 1.5))[0]
    match kind:
        case "things":
            return ask_things(scene, rng)
        case "description":
            return ask_description(scene, rng, still_picture)
        case "motion":
            thing = _absent(scene, rng) if rng.random() < 0.08 else None
            return ask_motion(scene, rng, thing, still_picture)
        case "count":
            return ask_count(scene, rng)
        case "order":
            return ask_order(scene, rng, still_picture)
        case "presence":
            return ask_presence(scene, rng)
        case "setting":
            return ask_setting(scene, rng)
        case "talk":
            return ask_small_talk(rng)
        case _:
            return ask_beyond(rng)


def roughened(question: str, rng: random.Random) -> str:
    """A question as people type it: now and then no capital, no question mark, or a polite word before it."""
    if rng.random() < 0.06:
        question = rng.choice(("Please: ", "Valley, ", "ok, ", "So, ")) + question
    if rng.random() < 0.2:
        question = question[0].lower() + question[1:]
    if rng.random() < 0.15:
        question = question.rstrip("?.")
    return question


def _absent(scene: Scene, rng: random.Random) -> str:
    return rng.choice([thing for thing in THINGS if thing not in scene.things])
