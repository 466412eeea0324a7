"""What is known of each thing of a clip, as numbers, and where a text names it.

A decoder learns from answers alone to find out whether a thing is there, but not where it is or in which colour: after 2,300
steps no head gave the patches of what it had just named more than 9 % of its attention, and its states there held nothing
of the place. So each time a text names a thing, the state there is also taught what is known of it (recall.py)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from valley_training.sticker_training.labels import COLOURS, COLUMNS, ROWS, UNNAMED, place_of
from valley_training.sticker_training.told import COUNTS
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES, language
from valley_training.sticker_world.scene import DIRECTIONS, EVENT_KINDS, Scene, placed
from valley_training.sticker_world.things import ASKED_CATEGORIES, NAMES, THINGS

# Of the clip: of eight frames one is in each.
EIGHTHS = tuple(str(number) for number in range(8))
# In twentieths of the picture; the last stands for more, too.
SIZES = tuple(str(number) for number in range(1, 13))
SPEEDS = ("slow", "fast")
# What a record tells, and the classes of each entry.
RECORD: dict[str, tuple[str, ...]] = {
    "there": ("no", "yes"),
    "colour": COLOURS,
    "count": COUNTS,
    "first column": COLUMNS,
    "first row": ROWS,
    "last column": COLUMNS,
    "last row": ROWS,
    "first frame": EIGHTHS,
    "last frame": EIGHTHS,
    "does first": EVENT_KINDS,
    "does last": EVENT_KINDS,
    "direction": tuple(DIRECTIONS),
    "begins": EIGHTHS,
    "ends": EIGHTHS,
    "size": SIZES,
    "speed": SPEEDS,
}
# What texts name: things, and kinds of things. A kind of one thing was found nearly as well as the thing; of kinds of seven
# unlike ones, weapons, answers alone taught little (average precision 0.54, where the tower names 98 % of them).
NAMED = (*NAMES, *ASKED_CATEGORIES)
# Of a thing that is not there nothing else is known.
ABSENT = [0, *[UNNAMED] * (len(RECORD) - 1)]
PRESENT = [1, *ABSENT[1:]]
_DIRECTIONS = RECORD["direction"]
_START = "<im_start>"


def records_of(scene: Scene, times: Sequence[float]) -> dict[int, list[int]]:
    """Of each thing that some frame shows, and of each kind, by its number in NAMED, the class of each entry of RECORD, or
    UNNAMED where there is no single one: copies have no place, a thing that is in two shots is only there, and so is a kind of
    which two are seen."""
    found: dict[int, list[int]] = {}
    for (number, role_number), seen in _seen(scene, times).items():
        shot = scene.shots[number]
        role = shot.roles[role_number]
        events = [event for event in shot.events if event.role == role_number]
        directions = {event.direction for event in events if event.direction}
        first, last = seen[0], seen[-1]
        places = [*place_of(first.x, first.y), *place_of(last.x, last.y)] if role.count == 1 else [UNNAMED] * 4
        only = events[0] if len(events) == 1 else None
        record = [
            1,
            UNNAMED if role.colour is None else COLOURS.index(role.colour),
            min(role.count, len(COUNTS)) - 1,
            *places,
            *(one.frame * len(EIGHTHS) // len(times) for one in (first, last)),
            EVENT_KINDS.index(events[0].kind) if events else UNNAMED,
            EVENT_KINDS.index(events[-1].kind) if events else UNNAMED,
            _DIRECTIONS.index(directions.pop()) if len(directions) == 1 else UNNAMED,
            *((_eighth(only.start, scene), _eighth(only.end, scene)) if only else (UNNAMED, UNNAMED)),
            min(len(SIZES), max(1, round(first.size * 20))) - 1,
            SPEEDS.index(only.speed) if only and only.speed else UNNAMED,
        ]
        thing = NAMES.index(role.thing)
        found[thing] = PRESENT if thing in found else record
    return found | _kinds_of(found)


def _kinds_of(things: dict[int, list[int]]) -> dict[int, list[int]]:
    """Records of the kinds that some of these things belong to."""
    kinds: dict[int, list[int]] = {}
    for thing, record in things.items():
        for category in THINGS[NAMES[thing]].categories:
            if category in ASKED_CATEGORIES:
                kind = len(NAMES) + ASKED_CATEGORIES.index(category)
                kinds[kind] = PRESENT if kind in kinds else record
    return kinds


@dataclass(frozen=True)
class _Sight:
    """One of a role's actors in one frame."""

    frame: int
    x: float
    y: float
    size: float


def _seen(scene: Scene, times: Sequence[float]) -> dict[tuple[int, int], list[_Sight]]:
    """Each shot and role, as the frames show it in turn."""
    seen: dict[tuple[int, int], list[_Sight]] = {}
    for frame, time in enumerate(times):
        number = scene.shots.index(scene.shot_at(time))
        for one in placed(scene, time):
            if one.inside:
                seen.setdefault((number, one.role), []).append(_Sight(frame, one.x, one.y, one.size))
    return seen


def _eighth(time: float, scene: Scene) -> int:
    return min(len(EIGHTHS) - 1, int(len(EIGHTHS) * time / scene.seconds))


class Mentions:
    """Where a text names things or kinds: each name as its tokens, in all its forms, in each of the world's languages."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._start = tokenizer.token_to_id(_START)
        # Of each language, by a name's first token, the rest of it and its number in NAMED, long names first.
        self._names: dict[str, dict[int, list[tuple[list[int], int]]]] = {code: {} for code in LANGUAGES}
        for code, names in self._names.items():
            for number in range(len(NAMED)):
                for form in _forms(number, code):
                    first, *rest = tokenizer.encode(form, add_special_tokens=False).ids
                    if (rest, number) not in names.setdefault(first, []):
                        names[first].append((rest, number))
            for entries in names.values():
                entries.sort(key=lambda entry: -len(entry[0]))

    def records(self, ids: list[int], code: str, clips: Sequence[dict[int, list[int]]]) -> list[list[int]]:
        """Of each name in a dialogue that comes after its first clip, the position of its last token and the record of
        what it names in the last clip before it. `clips` are the records_of the dialogue's clips, in order."""
        names, found = self._names[code], []
        shown = position = 0
        while position < len(ids):
            shown += ids[position] == self._start
            for rest, number in names.get(ids[position], ()) if shown else ():
                if ids[position + 1 : position + 1 + len(rest)] == rest:
                    position += len(rest)
                    found.append([position, *clips[shown - 1].get(number, ABSENT)])
                    break
            position += 1
        return found


def _forms(number: int, code: str) -> Iterator[str]:
    """A name as it stands in texts: one and several, as written, small, capital, and after a space."""
    for phrase in _phrases(number, code):
        for form in dict.fromkeys((phrase, phrase.lower(), phrase[:1].upper() + phrase[1:])):
            yield form
            if code != "zh":
                yield f" {form}"


def _phrases(number: int, code: str) -> Iterator[str]:
    """Of a thing one and two; of a kind what is asked for, denied and listed."""
    if number < len(NAMES):
        yield from (str(NOUNS[code](NAMES[number], count)) for count in (1, 2))
    else:
        category = language(code).category(NAMED[number])
        yield from (category.a, category.no, category.many)
