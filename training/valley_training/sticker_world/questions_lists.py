"""Questions about many things at once, an entry of the answer for each: is it there, where, in which colour, which way does it
go. Each entry is a question of its own, and a dialogue has room for few of those: whether a named thing is there was learnt
from lists within 280 steps, and from single questions not within 2,000."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from valley_training.sticker_world.facts import Character, Facts
from valley_training.sticker_world.meaning import Ask, Checklist, Mention, Said, Word
from valley_training.sticker_world.questions_things import NOT_THERE, THERE, absent_thing
from valley_training.sticker_world.things import ASKED_CATEGORIES

# How many things that are not there stand in a checklist, in a list of what things are like, and how many categories.
_CHECKED_ABSENT, _LISTED_ABSENT = (3, 8), (0, 3)
_CHECKED_CATEGORIES = (4, 8)
_DIRECTED = ("move", "follow", "chase")


def ask_checklist(facts: Facts, rng: random.Random) -> Ask:
    """Yes or no for each of some names, most of them of things that are not there."""
    marks = dict.fromkeys(facts.things, THERE) | dict.fromkeys(_absent(facts, rng, _CHECKED_ABSENT), NOT_THERE)
    entries = _shuffled(marks, rng)
    return _list("checklist", _mentioned(entries), {"there": {thing: mark == THERE for thing, mark in entries.items()}})


def ask_category_checklist(facts: Facts, rng: random.Random) -> Ask:
    """The same of kinds of things, those that moderators ask for among them."""
    categories = rng.sample(ASKED_CATEGORIES, rng.randint(*_CHECKED_CATEGORIES))
    there = {category: bool(facts.belongs(category)) for category in categories}
    entries = [(Word("category", one), THERE if found else NOT_THERE) for one, found in there.items()]
    return _list("checklist", entries, {"categories": there})


def ask_places(facts: Facts, rng: random.Random) -> Ask | None:
    """Where each thing is that stays in one place."""
    return _ask_each(facts, rng, "places", lambda one: _word("cell", facts.cell(one.place)))


def ask_colours(facts: Facts, rng: random.Random) -> Ask | None:
    """The colour of each thing that has one."""
    return _ask_each(facts, rng, "colours", lambda one: _word("colour", one.role.colour))


def ask_ways(facts: Facts, rng: random.Random) -> Ask | None:
    """Which way each thing goes that does nothing else, or stays."""

    def way(one: Character) -> Word | None:
        events = [happening.event for happening in facts.events_of(one.place)]
        if len(events) != 1:
            return None
        if events[0].kind == "stay":
            return Word("rest", "still")
        return _word("direction", events[0].direction) if events[0].kind in _DIRECTED else None

    return _ask_each(facts, rng, "ways", way)


def _ask_each(facts: Facts, rng: random.Random, kind: str, mark: Callable[[Character], Word | None]) -> Ask | None:
    """Things for which there is a clear answer, among some that are not there. None where there is no such thing."""
    marks = {one.role.thing: word for one in facts.characters if (word := mark(one))}
    if not marks:
        return None
    entries = _shuffled(marks | dict.fromkeys(_absent(facts, rng, _LISTED_ABSENT), NOT_THERE), rng)
    expected = {thing: None if word == NOT_THERE else word.key for thing, word in entries.items()}
    return _list(kind, _mentioned(entries), {kind: expected})


def _list(kind: str, entries: Sequence[tuple[Mention | Word, Word]], expected: dict[str, object]) -> Ask:
    asked = Checklist(tuple((name, None) for name, _ in entries))
    return Ask(kind, kind, {"list": asked}, [Said("checklist", {"list": Checklist(tuple(entries))})], expected)


def _mentioned(marks: dict[str, Word]) -> list[tuple[Mention, Word]]:
    return [(Mention(thing), mark) for thing, mark in marks.items()]


def _absent(facts: Facts, rng: random.Random, how_many: tuple[int, int]) -> list[str]:
    return sorted({absent_thing(facts, rng) for _ in range(rng.randint(*how_many))})


def _shuffled(marks: dict[str, Word], rng: random.Random) -> dict[str, Word]:
    return {thing: marks[thing] for thing in rng.sample(list(marks), len(marks))}


def _word(table: str, key: str | None) -> Word | None:
    return Word(table, key) if key is not None else None
