"""What can be known of a scene: who is in it, where, in what order things happen. Questions ask for these."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from valley_training.sticker_world.meaning import Clause, Mention
from valley_training.sticker_world.scene import Event, Placed, Role, Scene, Shot, placed
from valley_training.sticker_world.things import THINGS

# A place is named only when it is so far from the border between two ninths at all times.
_CELL_BORDERS = (0.36, 0.64)
_CLEAR_OF_BORDER = 0.04
# One thing is bigger than another from this ratio on; below, nobody should have to tell.
_CLEARLY_BIGGER = 1.35
# Along the axis of a relation, centres are at least so far apart, and nearer to each other across it.
_CLEARLY_BESIDE = 0.2
# Two moments are one after the other from this share of the clip on.
_CLEARLY_LATER = 0.05
_MOMENTS = 9
# What stands side by side is seldom at the same height to a hair.
_LINES = 5

ARRIVING = ("enter", "appear", "count-up")
GOING = ("leave", "vanish", "count-down", "hide")


@dataclass(frozen=True)
class Character:
    """A role of the scene, found by shot and number."""

    place: tuple[int, int]
    role: Role
    shot: Shot

    @property
    def mention(self) -> Mention:
        return Mention(self.role.thing, self.role.count)


@dataclass(frozen=True)
class Happening:
    """An event with the shot it is in."""

    shot: int
    event: Event
    number: int  # in its shot


class Facts:
    """Everything is worked out from the scene when it is first asked for."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    @cached_property
    def characters(self) -> list[Character]:
        """In order of appearance; those that appear at once as one reads."""
        found = [
            Character((number, index), role, shot)
            for number, shot in enumerate(self.scene.shots)
            for index, role in enumerate(shot.roles)
        ]
        return sorted(found, key=lambda one: (self.seen(one.place)[0], self.reading_place(one.place)))

    @property
    def things(self) -> list[str]:
        return [character.role.thing for character in self.characters]

    def character(self, place: tuple[int, int]) -> Character:
        shot = self.scene.shots[place[0]]
        return Character(place, shot.roles[place[1]], shot)

    def events_of(self, place: tuple[int, int]) -> list[Happening]:
        return [h for h in self.all_events if (h.shot, h.event.role) == place]

    @cached_property
    def all_events(self) -> list[Happening]:
        return [
            Happening(number, event, index)
            for number, shot in enumerate(self.scene.shots)
            for index, event in enumerate(shot.events)
        ]

    @cached_property
    def timeline(self) -> list[Happening]:
        """What happens, first to last: no staying, and of a swap one side."""
        busy = [h for h in self.all_events if h.event.kind != "stay" and not (h.event.kind == "swap" and h.event.role)]
        return sorted(busy, key=lambda h: (h.event.start, h.event.end, self.reading_place((h.shot, h.event.role))))

    def is_later(self, one: Happening, other: Happening) -> bool:
        """Whether one clearly begins after the other has begun."""
        return one.event.start - other.event.start > _CLEARLY_LATER * self.scene.seconds

    def next_after(self, index: int) -> int | None:
        """The event that follows one of the timeline, if it is clear which; -1 when nothing follows; None if unclear."""
        later = [n for n in range(len(self.timeline)) if self.is_later(self.timeline[n], self.timeline[index])]
        if not later:
            # What begins at the same moment neither follows nor does not.
            return -1 if index == len(self.timeline) - 1 and self._alone(index) else None
        if self._alone(index) and self._alone(later[0]):
            return later[0]
        return None

    def previous_before(self, index: int) -> int | None:
        """As next_after, in the other direction."""
        earlier = [n for n in range(len(self.timeline)) if self.is_later(self.timeline[index], self.timeline[n])]
        if not earlier:
            return -1 if index == 0 and self._alone(index) else None
        if self._alone(index) and self._alone(earlier[-1]):
            return earlier[-1]
        return None

    def _alone(self, index: int) -> bool:
        me = self.timeline[index]
        return all(other is me or self.is_later(me, other) or self.is_later(other, me) for other in self.timeline)

    def seen(self, place: tuple[int, int]) -> tuple[float, float]:
        """From when to when a role is to be seen."""
        shot = self.scene.shots[place[0]]
        first, last = shot.start, shot.end
        for event in shot.events:
            if event.role == place[1]:
                if event.kind in ("enter", "appear"):
                    first = event.start
                if event.kind in ("leave", "vanish", "hide"):
                    last = event.end
        return first, last

    def reading_place(self, place: tuple[int, int]) -> tuple[int, float]:
        """What to sort by to go through things as one reads, by line and from the left, where a role is first seen. Which of
        two things the scene has first cannot be seen, so no answer may depend on it."""
        time = self.seen(place)[0]
        return min(_line_and_x(one) for one in self.at(time) if one.role == place[1])

    def at(self, time: float) -> list[Placed]:
        return placed(self.scene, time)

    def mentions_at(self, time: float) -> list[Mention]:
        """What is to be seen at a time, as one reads."""
        shot = self.scene.shot_at(time)
        counts: dict[int, int] = {}
        for one in sorted(self.at(time), key=_line_and_x):
            if one.inside:
                counts[one.role] = counts.get(one.role, 0) + 1
        return [Mention(shot.roles[role].thing, count) for role, count in counts.items()]

    def cell(self, place: tuple[int, int]) -> str | None:
        """The ninth of the picture in which a single thing stays while it is there, None when it moves or stands between."""
        shot = self.scene.shots[place[0]]
        if shot.roles[place[1]].count > 1:
            return None
        names = set()
        for moment in range(_MOMENTS):
            time = shot.start + (shot.seconds - 0.001) * moment / (_MOMENTS - 1)
            names |= {self._cell_name(one.x, one.y) for one in self.at(time) if one.role == place[1]}
        return names.pop() if len(names) == 1 else None

    def _cell_name(self, x: float, y: float) -> str | None:
        columns, rows = _third(x), _third(y)
        # In a wide or tall frame the thirds lie elsewhere than in its square; they have to agree.
        aspect = self.scene.aspect
        frame_x = 0.5 + (x - 0.5) / max(1.0, aspect)
        frame_y = 0.5 + (y - 0.5) * min(1.0, aspect)
        if None in (columns, rows) or columns != _third(frame_x) or rows != _third(frame_y):
            return None
        name = "-".join(part for part in (("up", "", "down")[rows or 0], ("left", "", "right")[columns or 0]) if part)
        return name or "middle"

    def resting_pose(self, place: tuple[int, int]) -> Placed | None:
        """A single thing that stays, as it stands at the shot's middle."""
        events = self.events_of(place)
        if [h.event.kind for h in events] != ["stay"] or self.character(place).role.count != 1:
            return None
        shot = self.scene.shots[place[0]]
        return next(one for one in self.at((shot.start + shot.end) / 2) if one.role == place[1])

    def relation(self, place: tuple[int, int], other: tuple[int, int]) -> str | None:
        """left, right, up or down: where one resting thing is, seen from another; None unless it is one of them clearly."""
        one, two = self.resting_pose(place), self.resting_pose(other)
        if one is None or two is None or place[0] != other[0]:
            return None
        across, down = one.x - two.x, one.y - two.y
        if abs(across) > _CLEARLY_BESIDE and abs(across) > 1.5 * abs(down):
            return "right" if across > 0 else "left"
        if abs(down) > _CLEARLY_BESIDE and abs(down) > 1.5 * abs(across):
            return "down" if down > 0 else "up"
        return None

    def bigger(self, place: tuple[int, int], other: tuple[int, int]) -> bool | None:
        """Whether one thing is bigger than another; None when the sizes are near or change."""
        if any(h.event.kind in ("grow", "shrink") for p in (place, other) for h in self.events_of(p)):
            return None
        sizes = [self.character(p).role.actors[0].keys[0].size for p in (place, other)]
        ratio = sizes[0] / sizes[1]
        if 1 / _CLEARLY_BIGGER < ratio < _CLEARLY_BIGGER or place[0] != other[0]:
            return None
        return ratio > 1

    def belongs(self, category: str) -> list[Character]:
        """Characters of a category, in order of appearance."""
        return [character for character in self.characters if category in THINGS[character.role.thing].categories]

    def clause(self, happening: Happening, definite: bool = True) -> Clause:
        event = happening.event
        roles = self.scene.shots[happening.shot].roles
        other = roles[event.other] if event.other is not None else None
        return Clause(
            event.kind,
            Mention(roles[event.role].thing, roles[event.role].count),
            event.direction,
            event.speed,
            Mention(other.thing, other.count) if other else None,
            definite,
        )


def _line_and_x(one: Placed) -> tuple[int, float]:
    return int(one.y * _LINES), one.x


def _third(value: float) -> int | None:
    """0, 1 or 2; None near a border."""
    low, high = _CELL_BORDERS
    if min(abs(value - low), abs(value - high)) < _CLEAR_OF_BORDER:
        return None
    return 0 if value < low else 1 if value < high else 2
