"""What a story has to work with: the time of its shot, who may play, and room for those who play."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from valley_training.sticker_world.casting import Casting
from valley_training.sticker_world.scene import DIRECTIONS, Actor, Event, Key, Look, Role

# A sticker keeps this far from the edges of the square, so that it is whole in every crop.
EDGE = 0.03
# Each leg of a way is at least this long, so that its direction can be seen.
SHORTEST_WAY = 0.32
_TRIES = 80
_MOMENTS = 13

Story = tuple[list[Role], list[Event]]
Part = tuple[Role, list[Event]]


@dataclass(frozen=True)
class Plan:
    """One shot to be filled. brief: the shot is one of several, so what happens in it has to be simple.
    margin: further room at the edges, for a camera that moves. sides: where things may come in and go out."""

    rng: random.Random
    casting: Casting
    setting: str
    start: float
    end: float
    brief: bool = False
    margin: float = 0.0
    sides: tuple[str, ...] = ("left", "right", "up", "down")

    def at(self, share: float) -> float:
        """Clip time at a share of the shot."""
        return self.start + (self.end - self.start) * share

    def spot(self, size: float) -> tuple[float, float]:
        """A centre from which a sticker of that size is whole."""
        low, high = EDGE + size / 2 + self.margin, 1 - EDGE - size / 2 - self.margin
        return self.rng.uniform(low, high), self.rng.uniform(low, high)

    def way(self, direction: str, size: float) -> tuple[tuple[float, float], tuple[float, float]]:
        """Start and end of a way in a direction, whole at both."""
        low, high = EDGE + size / 2, 1 - EDGE - size / 2
        ends = []
        for step in DIRECTIONS[direction]:
            length = self.rng.uniform(SHORTEST_WAY, high - low) if step else 0.0
            first = self.rng.uniform(low, high - length)
            ends.append((first, first + length) if step >= 0 else (first + length, first))
        (x0, x1), (y0, y1) = ends
        return (x0, y0), (x1, y1)

    def resting(self, look: Look, size: float, turn: float = 0.0, depth: int = 0) -> Actor:
        """An actor that stays somewhere through the whole shot."""
        x, y = self.spot(size)
        return Actor(look, (Key(self.start, x, y, size, turn),), depth)

    def size_for(self, count: int) -> float:
        """A size at which `count` stickers fit side by side."""
        low, high = ((0.3, 0.5), (0.26, 0.4), (0.22, 0.34), (0.19, 0.28), (0.17, 0.24), (0.16, 0.22))[min(count, 6) - 1]
        return self.rng.uniform(low, high)

    def tilt(self) -> float:
        """Mostly upright, sometimes turned a little."""
        return self.rng.uniform(-28, 28) if self.rng.random() < 0.25 else 0.0

    def until_apart(self, make: Callable[[], list[Actor]], gap: float | None = None) -> list[Actor] | None:
        """Calls `make` until its actors never cover each other too much; None when chance finds no room.

        gap: least distance of centres as a share of the two sizes together; 0.5 is edge to edge."""
        gap = gap if gap is not None else self.rng.choice((0.36, 0.46, 0.5))
        for _ in range(_TRIES):
            actors = make()
            if self._apart(actors, gap):
                return actors
        return None

    def _apart(self, actors: list[Actor], gap: float) -> bool:
        for moment in range(_MOMENTS):
            time = self.at(moment / (_MOMENTS - 1))
            poses = [pose for pose in (actor.pose(time) for actor in actors) if pose.visible]
            for index, one in enumerate(poses):
                for other in poses[index + 1 :]:
                    if max(abs(one.x - other.x), abs(one.y - other.y)) < gap * (one.size + other.size):
                        return False
        return True


def story_of(parts: Iterable[Part]) -> Story:
    """Roles with their events, numbered as they come. Each part's events are of its own role (number 0 there)."""
    roles: list[Role] = []
    events: list[Event] = []
    for role, own in parts:
        events += [Event(e.kind, len(roles), e.start, e.end, e.direction, e.speed) for e in own]
        roles.append(role)
    return roles, sorted(events, key=lambda event: event.start)
