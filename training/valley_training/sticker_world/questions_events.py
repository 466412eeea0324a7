"""Questions about what happens: motion, order, time, reason, camera. None where a scene gives no clear answer."""

from __future__ import annotations

import random
from itertools import pairwise

from valley_training.sticker_world.facts import ARRIVING, Character, Facts, Happening
from valley_training.sticker_world.meaning import Ask, Clause, Joined, Mention, Place, Said, Word
from valley_training.sticker_world.questions_things import NO, NOT_THERE, THERE, YES, about_absent, listing
from valley_training.sticker_world.scene import DIRECTIONS

# Shorter clips have too few whole seconds to ask for one.
_SHORTEST_FOR_SECONDS = 3.0
# A moment belongs to the start, the middle or the end only if it lies clearly within that third.
_THIRDS = ((0.0, 0.3, "start"), (0.36, 0.64, "middle"), (0.68, 1.0, "end"))
_HAPPENINGS = ("appear", "vanish", "leave", "grow", "shrink", "spin", "bounce", "blink", "fall", "hit", "chase", "hide", "swap")
# Of questions with the dull answer (it does not, nothing does, no reason is shown), the share that is not asked: there are
# so many more of them that a model would learn to give it always.
_LEFT_OUT, _UNCAUSED_LEFT_OUT, _RESTING_CAMERA_LEFT_OUT = 0.55, 0.88, 0.8
# Kinds that are also told by another name: who leaves the picture can be said to disappear, and so on.
_ALSO = {
    "appear": ("enter", "count-up"),
    "vanish": ("leave", "count-down", "hide"),
    "hit": (),
    "chase": ("follow",),
    "bounce": ("fall",),
    "fall": ("move",),
}


def ask_short(facts: Facts, rng: random.Random) -> Ask:
    shots = facts.scene.shots
    said = []
    for number, shot in enumerate(shots):
        slots: dict[str, object] = {"clauses": _clauses_of(facts, number), "place": Place(shot.setting)}
        if len(shots) > 1:
            slots["number"] = Word("number", str(number + 1))
        said.append(Said("shot" if len(shots) > 1 else "short", slots))
    return Ask("description", "short", {}, said, {"things": facts.things})


def ask_long(facts: Facts, rng: random.Random) -> Ask:
    said: list[Said] = []
    for number, shot in enumerate(facts.scene.shots):
        own = [character for character in facts.characters if character.place[0] == number]
        if len(facts.scene.shots) > 1:
            slots = {"number": Word("number", str(number + 1)), "place": Place(shot.setting)}
            said.append(Said("shot-setting", slots))
        else:
            said.append(Said("setting", {"place": Place(shot.setting)}))
        said.append(Said("things", listing([character.mention for character in own])))
        for character in own:
            if character.role.colour is not None:
                said.append(Said("colour", {"x": character.mention, "colour": Word("colour", character.role.colour)}))
        # Those that stay are already listed; what happens is told in its order.
        told = [h for h in facts.timeline if h.shot == number]
        said += [Said("clause", {"clause": facts.clause(happening)}) for happening in told]
        if shot.camera.kind != "still":
            said.append(_camera(facts, number))
    return Ask("description", "long", {}, said, {"things": facts.things})


def ask_motion(facts: Facts, rng: random.Random, character: Character | None = None) -> Ask:
    if character is None and rng.random() < 0.07:
        return about_absent(facts, rng, "motion", "motion")
    found = character or rng.choice(facts.characters)
    happenings = facts.events_of(found.place)
    clauses = tuple(facts.clause(happening) for happening in happenings)
    expected: dict[str, object] = {"thing": found.role.thing, "events": [clause.kind for clause in clauses]}
    if len(clauses) == 1 and clauses[0].direction:
        expected["direction"] = clauses[0].direction
    word = Word("direction", clauses[0].direction) if len(clauses) == 1 and clauses[0].kind == "move" else None
    question = "motion-many" if found.role.count > 1 else "motion"
    said = Said("clause", {"clause": Joined(clauses, then=True)})
    event = facts.timeline.index(happenings[-1]) if happenings[-1] in facts.timeline else None
    return Ask("motion", question, {"x": found.mention}, [said], expected, word, about=found.place, event=event)


def ask_direction_check(facts: Facts, rng: random.Random) -> Ask | None:
    movers = [h for h in facts.timeline if h.event.kind == "move" and facts.scene.shots[h.shot].roles[h.event.role].count == 1]
    if not movers:
        return None
    happening = rng.choice(movers)
    clause, true = facts.clause(happening), happening.event.direction
    right = rng.random() < 0.5
    # A wrong direction has nothing of the true one: "to the left" is half right for what goes up and to the left.
    true_x, true_y = DIRECTIONS[true or ""]
    wrong = [name for name, (x, y) in DIRECTIONS.items() if x * true_x + y * true_y < 0]
    asked = true if right else rng.choice(wrong)
    said = Said("yes-clause" if right else "no-clause", {"clause": clause})
    slots = {"x": clause.who, "direction": Word("direction", asked or "")}
    expected = {"yes": right, "direction": true, "thing": clause.who.thing}
    place = (happening.shot, happening.event.role)
    return Ask("motion", "direction-check", slots, [said], expected, YES if right else NO, about=place)


def ask_first(facts: Facts, rng: random.Random) -> Ask | None:
    """Which came first or last, or all in order, where they came one after another."""
    if len(facts.characters) < 2:
        return None
    times = [facts.seen(character.place)[0] for character in facts.characters]
    gap = 0.05 * facts.scene.seconds
    if times[-1] == facts.scene.shots[0].start:
        if any(h.event.kind in ARRIVING for h in facts.timeline):
            return None
        return Ask("order", rng.choice(("first", "last")), {}, [Said("together")], {"order": []})
    mentions = [character.mention for character in facts.characters]
    which = rng.choice(("first", "last", "order"))
    if which == "order":
        if any(later - earlier < gap for earlier, later in pairwise(times)):
            return None
        said = Said("order", {"order": Joined(tuple(mentions), then=True, definite=True)})
        return Ask("order", "order", {}, [said], {"order": facts.things}, items=tuple(mentions))
    index = 0 if which == "first" else -1
    if abs(times[index] - times[1 if which == "first" else -2]) < gap:
        return None
    said, expected = Said(which, {"x": mentions[index]}), {which: facts.things[index]}
    return Ask("order", which, {}, [said], expected, mentions[index], about=facts.characters[index].place)


def ask_happened_first(facts: Facts, rng: random.Random) -> Ask | None:
    if len(facts.timeline) < 2:
        return None
    one, other = rng.sample(range(len(facts.timeline)), 2)
    a, b = facts.timeline[one], facts.timeline[other]
    if not (facts.is_later(a, b) or facts.is_later(b, a)):
        return None
    earlier = min(one, other)
    said = Said("clause", {"clause": facts.clause(facts.timeline[earlier])})
    slots = {"one": facts.clause(a), "two": facts.clause(b)}
    return Ask("order", "happened-first", slots, [said], _event_expected(facts, earlier), event=earlier)


def ask_after(facts: Facts, rng: random.Random, index: int | None = None, way: str | None = None) -> Ask | None:
    """What happens after, or before, an event of the timeline."""
    if len(facts.timeline) < 2:
        return None
    way = way or rng.choice(("after", "before"))
    index = rng.randrange(len(facts.timeline)) if index is None else index
    found = facts.next_after(index) if way == "after" else facts.previous_before(index)
    if found is None or (found == -1 and rng.random() < _LEFT_OUT):
        return None
    slots = {"clause": facts.clause(facts.timeline[index])}
    if found == -1:
        said = Said("no-next" if way == "after" else "no-before")
        return Ask("order", way, slots, [said], {"nothing": True})
    said = Said("clause", {"clause": facts.clause(facts.timeline[found])})
    place = (facts.timeline[found].shot, facts.timeline[found].event.role)
    return Ask("order", way, slots, [said], _event_expected(facts, found), about=place, event=found)


def ask_when(facts: Facts, rng: random.Random, index: int | None = None) -> Ask | None:
    """At which second, from which to which, or in which part of the clip."""
    if not facts.timeline:
        return None
    index = rng.randrange(len(facts.timeline)) if index is None else index
    event = facts.timeline[index].event
    slots = {"clause": facts.clause(facts.timeline[index])}
    seconds = facts.scene.seconds
    if rng.random() < 0.4:
        part = next(
            (name for low, high, name in _THIRDS if low * seconds <= event.start and event.end <= high * seconds), None
        )
        if part is None:
            return None
        said = Said("part", {"part": Word("part", part)})
        return Ask("when", "when-part", slots, [said], {"part": part}, event=index)
    if seconds < _SHORTEST_FOR_SECONDS:
        return None
    expected = {"from": event.start, "to": event.end}
    first, last = round(event.start), round(event.end)
    said = Said("when", {"second": first}) if first == last else Said("when-span", {"second": first, "until": last})
    return Ask("when", "when", slots, [said], expected, event=index)


def ask_length(facts: Facts, rng: random.Random) -> Ask | None:
    seconds = round(facts.scene.seconds)
    if seconds < 2:
        return None
    return Ask("when", "length", {}, [Said("length", {"second": seconds})], {"seconds": facts.scene.seconds})


def ask_why(facts: Facts, rng: random.Random) -> Ask | None:
    if not facts.timeline:
        return None
    caused = [h for h in facts.timeline if h.event.because is not None]
    if not caused and rng.random() < _UNCAUSED_LEFT_OUT:
        return None
    happening = rng.choice(caused or facts.timeline)
    clause = facts.clause(happening)
    slots = {"clause": clause}
    index = facts.timeline.index(happening)
    if happening.event.because is None:
        return Ask("why", "why", slots, [Said("why-unknown")], {"cause": None}, event=index)
    cause = facts.scene.shots[happening.shot].events[happening.event.because]
    hitter = facts.scene.shots[happening.shot].roles[cause.role]
    said = Said("why", {"x": clause.who, "y": Mention(hitter.thing)})
    return Ask("why", "why", slots, [said], {"cause": "hit", "thing": hitter.thing}, about=(happening.shot, cause.role))


def ask_faster(facts: Facts, rng: random.Random) -> Ask | None:
    by_speed = {speed: [h for h in facts.timeline if h.event.speed == speed] for speed in ("fast", "slow")}
    if not all(by_speed.values()):
        return None
    fast, slow = rng.choice(by_speed["fast"]), rng.choice(by_speed["slow"])
    if _pace(facts, fast) < 1.5 * _pace(facts, slow):
        return None
    winner, loser = facts.clause(fast).who, facts.clause(slow).who
    one, other = (winner, loser) if rng.random() < 0.5 else (loser, winner)
    said = Said("faster", {"x": winner})
    return Ask("compare", "faster", {"x": one, "y": other}, [said], {"thing": winner.thing}, winner)


def ask_camera(facts: Facts, rng: random.Random) -> Ask | None:
    if len(facts.scene.shots) > 1:
        return None
    camera = facts.scene.shots[0].camera
    if camera.kind == "still" and rng.random() < _RESTING_CAMERA_LEFT_OUT:
        return None
    expected = {"camera": camera.kind, "direction": camera.direction}
    return Ask("camera", "camera", {}, [_camera(facts, 0)], expected)


def ask_shots(facts: Facts, rng: random.Random) -> Ask:
    count = len(facts.scene.shots)
    number = Word("number", str(count))
    return Ask("shots", "shots", {}, [Said("shots", {"n": count, "number": number})], {"count": count}, number)


def ask_ends(facts: Facts, rng: random.Random) -> Ask | None:
    """What is there at the start, or at the end."""
    which = rng.choice(("start", "end"))
    # A little inside, past what begins with the clip and before what ends with it.
    mentions = facts.mentions_at(0.01 * facts.scene.seconds if which == "start" else facts.scene.seconds)
    expected = {"things": [mention.thing for mention in mentions], "at": which}
    if not mentions:
        return Ask("ends", which, {}, [Said(f"{which}-nothing")], expected)
    return Ask("ends", which, {}, [Said(which, listing(mentions))], expected, items=tuple(mentions))


def ask_happening(facts: Facts, rng: random.Random) -> Ask | None:
    kinds = {h.event.kind for h in facts.timeline}
    present = [kind for kind in _HAPPENINGS if kind in kinds]
    kind = rng.choice(present) if present and rng.random() < 0.55 else rng.choice(_HAPPENINGS)
    slots = {"asked": Word("asked", kind)}
    if kind in kinds:
        clauses = tuple(facts.clause(h) for h in facts.timeline if h.event.kind == kind)
        said = Said("yes-clause", {"clause": Joined(clauses)})
        return Ask("happening", "happening", slots, [said], {"yes": True, "event": kind}, THERE)
    if kinds & set(_ALSO.get(kind, ())) or rng.random() < _LEFT_OUT:
        return None
    said = Said("no-happening", {"denied": Word("denied", kind)})
    return Ask("happening", "happening", slots, [said], {"yes": False, "event": kind}, NOT_THERE)


def _event_expected(facts: Facts, index: int) -> dict[str, object]:
    clause = facts.clause(facts.timeline[index])
    return {"event": clause.kind, "thing": clause.who.thing}


def _clauses_of(facts: Facts, number: int) -> Joined:
    """What all in a shot do, in the order in which it happens, at once as one reads; those that stay come first."""
    own = [h for h in facts.all_events if h.shot == number and not (h.event.kind == "swap" and h.event.role)]
    clauses: list[Clause] = []
    known: set[int] = set()
    for happening in sorted(own, key=lambda h: (h.event.start, facts.reading_place((number, h.event.role)))):
        clauses.append(facts.clause(happening, definite=happening.event.role in known))
        known.add(happening.event.role)
        known |= {happening.event.other} if happening.event.other is not None else set()
    return Joined(tuple(clauses))


def _camera(facts: Facts, number: int) -> Said:
    camera = facts.scene.shots[number].camera
    if camera.direction is None:
        return Said("camera", {"camera": Word("camera", camera.kind)})
    return Said("camera-pan", {"direction": Word("direction", camera.direction)})


def _pace(facts: Facts, happening: Happening) -> float:
    """Frame units a second."""
    keys = facts.scene.shots[happening.shot].roles[happening.event.role].actors[0].keys
    length = max(abs(keys[-1].x - keys[0].x), abs(keys[-1].y - keys[0].y))
    return length / (happening.event.end - happening.event.start)
