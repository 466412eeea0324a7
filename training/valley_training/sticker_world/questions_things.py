"""Questions about what there is: things, numbers, places, colours, sizes. None where a scene gives no clear answer."""

from __future__ import annotations

import random

from valley_training.sticker_world.facts import Character, Facts
from valley_training.sticker_world.meaning import Ask, Joined, Mention, Place, Said, Word
from valley_training.sticker_world.scene import OPPOSITE
from valley_training.sticker_world.settings import DARK, DAYLIGHT, PLAIN_COLOURS
from valley_training.sticker_world.things import KINDS, MODERATED, NAMES

YES, NO = Word("answer", "true"), Word("answer", "false")
# Some languages answer "is there?" with other words than "is it?".
THERE, NOT_THERE = Word("there", "true"), Word("there", "false")
# Of questions whose answer would be no, nothing or unknown, the share that is not asked: there are so many more of them.
_LEFT_OUT = 0.55


def absent_thing(facts: Facts, rng: random.Random) -> str:
    """A thing that the scene does not have, mostly one of a kind with one that it has: those are told apart least."""
    while True:
        name = rng.choice(NAMES)
        if name not in facts.things:
            return name


def listing(mentions: list[Mention]) -> dict[str, object]:
    """Slots of a sentence that lists things: the list, its first for agreement, and how many things it is."""
    return {"list": Joined(tuple(mentions)), "x": mentions[0], "n": sum(mention.count for mention in mentions)}


def ask_things(facts: Facts, rng: random.Random) -> Ask:
    mentions = [character.mention for character in facts.characters]
    expected = {"things": facts.things}
    word = mentions[0] if len(mentions) == 1 else None
    return Ask("things", "things", {}, [Said("things", listing(mentions))], expected, word, tuple(mentions))


def ask_count(facts: Facts, rng: random.Random) -> Ask:
    total = sum(character.role.count for character in facts.characters)
    said = Said("count", {"n": total, "number": Word("number", str(total))})
    return Ask("count", "count", {}, [said], {"count": total}, Word("number", str(total)))


def ask_count_of(facts: Facts, rng: random.Random, character: Character | None = None) -> Ask:
    if character is None and rng.random() < 0.8:
        character = rng.choice(facts.characters)
    mention = character.mention if character else Mention(absent_thing(facts, rng), 0)
    slots = {"x": Mention(mention.thing, 2)}
    expected = {"count": mention.count, "thing": mention.thing}
    said = Said("count-of", {"x": mention})
    about = character.place if character else None
    return Ask("count", "count-of", slots, [said], expected, Word("number", str(mention.count)), about=about)


def ask_count_end(facts: Facts, rng: random.Random) -> Ask | None:
    changing = [h for h in facts.all_events if h.event.kind in ("count-up", "count-down")]
    if not changing:
        return None
    character = facts.character((changing[0].shot, changing[0].event.role))
    thing = character.role.thing
    there = [mention for mention in facts.mentions_at(facts.scene.seconds) if mention.thing == thing]
    mention = there[0] if there else Mention(thing, 0)
    said = Said("count-end", {"x": mention})
    expected = {"count": mention.count, "thing": thing, "at": "end"}
    slots = {"x": Mention(thing, 2)}
    return Ask("count", "count-end", slots, [said], expected, Word("number", str(mention.count)), about=character.place)


def ask_presence(facts: Facts, rng: random.Random, character: Character | None = None) -> Ask:
    if character is None and rng.random() < 0.5:
        character = rng.choice(facts.characters)
    if character is None:
        thing = absent_thing(facts, rng)
        said = Said("not-present", {"x": Mention(thing)})
        return Ask("presence", "presence", {"x": Mention(thing)}, [said], {"present": False, "thing": thing}, NOT_THERE)
    thing = character.role.thing
    said = Said("present", {"x": character.mention})
    expected = {"present": True, "thing": thing}
    return Ask("presence", "presence", {"x": Mention(thing)}, [said], expected, THERE, about=character.place)


def ask_where(facts: Facts, rng: random.Random, character: Character | None = None) -> Ask | None:
    if character is None and rng.random() < 0.03:
        return about_absent(facts, rng, "where", "where")
    found = character or rng.choice(facts.characters)
    cell = facts.cell(found.place)
    if cell is None:
        return None
    said = Said("where", {"x": found.mention, "cell": Word("cell", cell)})
    expected = {"cell": cell, "thing": found.role.thing}
    return Ask("where", "where", {"x": found.mention}, [said], expected, about=found.place)


def ask_relation(facts: Facts, rng: random.Random) -> Ask | None:
    if len(facts.characters) < 2:
        return None
    one, other = rng.sample(facts.characters, 2)
    true = facts.relation(one.place, other.place)
    if true is None:
        return None
    asked = rng.choice((true, OPPOSITE[true]))
    right = asked == true
    names = {"x": one.mention, "y": other.mention}
    said = Said("yes-relation" if right else "no-relation", {**names, "relation": Word("relation", true)})
    expected = {"yes": right, "relation": true, "thing": one.role.thing, "other": other.role.thing}
    slots = {**names, "relation": Word("relation", asked)}
    return Ask("relation", "relation", slots, [said], expected, YES if right else NO, about=one.place)


def ask_setting(facts: Facts, rng: random.Random) -> Ask:
    settings = [shot.setting for shot in facts.scene.shots]
    if len(settings) == 1:
        said = [Said("setting", {"place": Place(settings[0])})]
    else:
        places = enumerate(settings, 1)
        said = [Said("shot-setting", {"number": Word("number", str(n)), "place": Place(place)}) for n, place in places]
    return Ask("setting", "setting", {}, said, {"settings": settings})


def ask_light(facts: Facts, rng: random.Random) -> Ask | None:
    settings = {shot.setting for shot in facts.scene.shots}
    for light, group in (("day", DAYLIGHT), ("night", DARK)):
        if settings <= set(group) - {"space"}:
            word = Word("light", light)
            return Ask("setting", "light", {}, [Said("light", {"light": word})], {"light": light}, word)
    return None


def ask_colour(facts: Facts, rng: random.Random, character: Character | None = None) -> Ask | None:
    if character is None and rng.random() < 0.08:
        return about_absent(facts, rng, "colour", "colour")
    found = character or rng.choice(facts.characters)
    if found.role.colour is None:
        return None
    word = Word("colour", found.role.colour)
    said = Said("colour", {"x": found.mention, "colour": word})
    expected = {"colour": found.role.colour, "thing": found.role.thing}
    return Ask("colour", "colour", {"x": found.mention}, [said], expected, word, about=found.place)


def ask_colour_check(facts: Facts, rng: random.Random) -> Ask | None:
    found = rng.choice(facts.characters)
    true = found.role.colour
    if true is None:
        return None
    right = rng.random() < 0.5
    asked = true if right else rng.choice([colour for colour in PLAIN_COLOURS if colour != true])
    said = Said("yes-colour" if right else "no-colour", {"x": found.mention, "colour": Word("colour", true)})
    slots = {"x": found.mention, "colour": Word("colour", asked)}
    expected = {"yes": right, "colour": true, "thing": found.role.thing}
    return Ask("colour", "colour-check", slots, [said], expected, YES if right else NO, about=found.place)


def ask_bigger(facts: Facts, rng: random.Random) -> Ask | None:
    singles = [character for character in facts.characters if character.role.count == 1]
    if len(singles) < 2:
        return None
    one, other = rng.sample(singles, 2)
    bigger = facts.bigger(one.place, other.place)
    if bigger is None:
        return None
    winner = one if bigger else other
    slots = {"x": one.mention, "y": other.mention}
    expected = {"thing": winner.role.thing}
    said = Said("bigger", {"x": winner.mention})
    return Ask("compare", "bigger", slots, [said], expected, winner.mention, about=winner.place)


def ask_more(facts: Facts, rng: random.Random) -> Ask | None:
    if len(facts.characters) < 2 or all(character.role.count == 1 for character in facts.characters):
        return None
    one, other = rng.sample(facts.characters, 2)
    slots = {"x": Mention(one.role.thing, 2), "y": Mention(other.role.thing, 2)}
    if one.role.count == other.role.count:
        return Ask("compare", "more", slots, [Said("equal", slots)], {"equal": True})
    winner = one if one.role.count > other.role.count else other
    said = Said("more", {"x": Mention(winner.role.thing, 2)})
    return Ask("compare", "more", slots, [said], {"thing": winner.role.thing}, about=winner.place)


def ask_category(facts: Facts, rng: random.Random) -> Ask | None:
    """Is there a weapon, an animal …? With from when to when, for what comes or goes."""
    groups = MODERATED if rng.random() < 0.6 else KINDS
    held = [category for category in groups if facts.belongs(category)]
    if not held and rng.random() < _LEFT_OUT:
        return None
    category = rng.choice(held) if held and rng.random() < 0.7 else rng.choice(groups)
    slots = {"category": Word("category", category)}
    found = facts.belongs(category)
    kind = "moderation" if category in MODERATED else "category"
    expected: dict[str, object] = {"present": bool(found), "category": category}
    if not found:
        return Ask(kind, rng.choice(("category", "category-when")), slots, [Said("no-category", slots)], expected, NOT_THERE)
    mentions = [character.mention for character in found]
    expected["things"] = [mention.thing for mention in mentions]
    if len(found) == 1 and facts.scene.seconds >= 3 and rng.random() < 0.4:
        start, end = facts.seen(found[0].place)
        seconds = {"second": round(start), "until": round(end)}
        expected |= {"from": start, "to": end}
        said = Said("category-when", {"x": mentions[0], **seconds})
        return Ask(kind, "category-when", slots, [said], expected, about=found[0].place)
    if kind == "category" and rng.random() < 0.5:
        return Ask(kind, "which", slots, [Said("things", listing(mentions))], expected, items=tuple(mentions))
    return Ask(kind, "category", slots, [Said("category", listing(mentions))], expected, THERE, about=found[0].place)


def ask_safe(facts: Facts, rng: random.Random) -> Ask:
    flagged = [character.mention for category in MODERATED for character in facts.belongs(category)]
    flagged = list(dict.fromkeys(flagged))
    expected = {"things": [mention.thing for mention in flagged]}
    if not flagged:
        return Ask("moderation", "safe", {}, [Said("safe")], expected)
    return Ask("moderation", "safe", {}, [Said("unsafe", listing(flagged))], expected, items=tuple(flagged))


def about_absent(facts: Facts, rng: random.Random, kind: str, question: str) -> Ask:
    """Any question about a thing that is not there: it is refused."""
    mention = Mention(absent_thing(facts, rng))
    expected = {"present": False, "thing": mention.thing}
    return Ask(kind, question, {"x": mention}, [Said("absent", {"x": mention})], expected)
