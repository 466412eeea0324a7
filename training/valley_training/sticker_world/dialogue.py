"""Dialogues: questions of all kinds about a scene, in a language, with references to what was said before."""

from __future__ import annotations

import random
from collections.abc import Callable

from valley_training.sticker_world import questions_events as events
from valley_training.sticker_world import questions_lists as lists
from valley_training.sticker_world import questions_things as things
from valley_training.sticker_world.facts import Character, Facts
from valley_training.sticker_world.languages.speech import Language, capitalised, language
from valley_training.sticker_world.meaning import Ask, Said, Turn
from valley_training.sticker_world.scene import Scene
from valley_training.sticker_world.splits import phrasings_of
from valley_training.sticker_world.typed import roughened

Asker = Callable[[Facts, random.Random], Ask | None]

# How often each is asked; those above the gap can be asked of a single picture too.
_OF_PICTURES: dict[Asker, float] = {
    things.ask_things: 18,
    things.ask_count: 5,
    things.ask_count_of: 6,
    things.ask_presence: 16,
    lists.ask_checklist: 13,
    lists.ask_category_checklist: 16,
    lists.ask_places: 40,
    lists.ask_colours: 8,
    things.ask_where: 20,
    things.ask_relation: 22,
    things.ask_setting: 6,
    things.ask_light: 1.5,
    things.ask_colour: 8,
    things.ask_colour_check: 3,
    things.ask_bigger: 18,
    things.ask_more: 11,
    things.ask_category: 24,
    things.ask_safe: 2,
}
_OF_CLIPS: dict[Asker, float] = {
    things.ask_count_end: 6,
    events.ask_short: 18,
    events.ask_long: 5,
    events.ask_motion: 13,
    events.ask_direction_check: 5,
    lists.ask_ways: 12,
    events.ask_first: 8,
    events.ask_happened_first: 6,
    events.ask_after: 8,
    events.ask_when: 8,
    events.ask_length: 1,
    events.ask_why: 8,
    events.ask_faster: 22,
    events.ask_camera: 6,
    events.ask_shots: 2.5,
    events.ask_ends: 5,
    events.ask_happening: 8,
}
_FOLLOW_UP_SHARE = 0.3
_BEYOND_SHARE, _TALK_SHARE = 0.03, 0.015
_WORD_SHARE, _LIST_SHARE = 0.12, 0.15
# Dialogues of all turns, and how often short exchanges have one turn, two or three.
_LONG_TALK_SHARE, _EXCHANGE_WEIGHTS = 0.15, (6, 2, 1)


def sample_dialogue(
    scene: Scene,
    rng: random.Random,
    code: str,
    turns: int,
    single_picture: bool = False,
    unseen_phrasings: bool = False,
) -> list[Turn]:
    """So many turns about one scene in one language. unseen_phrasings: asked as no training question is, where there are
    such phrasings."""
    facts, spoken = Facts(scene), language(code)
    table = _OF_PICTURES if single_picture else _OF_PICTURES | _OF_CLIPS
    dialogue: list[Turn] = []
    before: Ask | None = None
    while len(dialogue) < turns:
        if rng.random() < _BEYOND_SHARE + _TALK_SHARE:
            dialogue.append(_beyond(spoken, rng, unseen_phrasings))
            before = None
            continue
        ask = None
        if before is not None and rng.random() < _FOLLOW_UP_SHARE:
            ask = follow_up(facts, rng, before, single_picture)
        if ask is None:
            ask = rng.choices(list(table), list(table.values()))[0](facts, rng)
        if ask is not None:
            dialogue.append(say(ask, spoken, rng, unseen_phrasings))
            before = ask
    return dialogue


def sample_exchanges(
    scene: Scene, rng: random.Random, code: str, turns: int, single_picture: bool = False
) -> list[list[Turn]]:
    """So many turns, mostly as short exchanges that know nothing of each other: most people ask once or twice."""
    if rng.random() < _LONG_TALK_SHARE:
        return [sample_dialogue(scene, rng, code, turns, single_picture)]
    exchanges = []
    while turns > 0:
        length = min(turns, rng.choices((1, 2, 3), _EXCHANGE_WEIGHTS)[0])
        exchanges.append(sample_dialogue(scene, rng, code, length, single_picture))
        turns -= length
    return exchanges


def say(ask: Ask, spoken: Language, rng: random.Random, unseen_phrasings: bool = False) -> Turn:
    """A question as somebody might type it, with its answer, in the form that the question asks for."""
    template = rng.choice(phrasings_of(spoken.questions[ask.question], unseen_phrasings))
    question = spoken.fill(template, Said("", ask.slots))
    answer = spoken.answer(ask.answer)
    if ask.word is not None and rng.random() < _WORD_SHARE:
        question = capitalised(question) + rng.choice(spoken.formats["word"])
        answer = f"{spoken.short(ask.word)}{spoken.full_stop}"
    elif ask.items and rng.random() < _LIST_SHARE:
        question = capitalised(question) + rng.choice(spoken.formats["list"])
        answer = spoken.items(ask.items, numbered=ask.kind == "order")
    return Turn(ask.kind, spoken.code, roughened(capitalised(question), rng, spoken), answer, ask.expected)


def follow_up(facts: Facts, rng: random.Random, before: Ask, single_picture: bool) -> Ask | None:
    """A question that only the one before it makes clear: of `it`, of `that`, of `and the other?`."""
    if before.event is not None and not single_picture and rng.random() < 0.5:
        way = rng.choice(("after", "before"))
        ask = events.ask_after(facts, rng, before.event, way)
        return _as(ask, f"{way}-that") if ask else None
    if before.about is None:
        return None
    character = facts.character(before.about)
    if rng.random() < 0.4:
        return _and_another(facts, rng, before, character, single_picture)
    if character.role.count > 1:
        return None
    choices: list[tuple[str, Callable[[], Ask | None]]] = [
        ("colour-it", lambda: things.ask_colour(facts, rng, character)),
        ("where-it", lambda: things.ask_where(facts, rng, character)),
    ]
    if not single_picture:
        choices.append(("motion-it", lambda: events.ask_motion(facts, rng, character)))
    question, make = rng.choice([choice for choice in choices if not choice[0].startswith(before.kind)])
    ask = make()
    return _as(ask, question) if ask else None


def _and_another(
    facts: Facts, rng: random.Random, before: Ask, character: Character, single_picture: bool
) -> Ask | None:
    """The same question of another thing: "And the dog?"."""
    others = [one for one in facts.characters if one.place != character.place]
    if not others or before.question not in ("colour", "where", "motion", "presence", "colour-it", "where-it", "motion-it"):
        return None
    other = rng.choice(others)
    match before.kind:
        case "colour":
            ask = things.ask_colour(facts, rng, other)
        case "where":
            ask = things.ask_where(facts, rng, other)
        case "motion" if not single_picture:
            ask = events.ask_motion(facts, rng, other)
        case _:
            ask = None
    return _as(ask, "and-thing") if ask else None


def _as(ask: Ask, question: str) -> Ask:
    """The same question, asked by reference."""
    return Ask(ask.kind, question, ask.slots, ask.answer, ask.expected, ask.word, ask.items, ask.about, ask.event)


def _beyond(spoken: Language, rng: random.Random, unseen_phrasings: bool) -> Turn:
    """Small talk, or a question that no clip answers."""
    if rng.random() < _TALK_SHARE / (_BEYOND_SHARE + _TALK_SHARE):
        question, answer = rng.choice(spoken.talk)
        return Turn("talk", spoken.code, question, answer, {})
    kind = rng.choice(("unseen", "unseen", "sound"))
    question = rng.choice(phrasings_of(spoken.questions[kind], unseen_phrasings))
    return Turn("beyond", spoken.code, roughened(question, rng, spoken), spoken.answer([Said(kind)]), {"refused": True})
