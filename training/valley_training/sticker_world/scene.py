"""A scene as data, before anything is drawn or said.

Lengths are shares of the frame's short side; the square in the middle of the frame, which is what the model sees of a
wide or tall clip, is 0..1 in x and y, y downwards. Times are seconds of the clip."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

# Unit steps in the picture.
DIRECTIONS: dict[str, tuple[int, int]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "up-left": (-1, -1),
    "up-right": (1, -1),
    "down-left": (-1, 1),
    "down-right": (1, 1),
}
OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
EVENT_KINDS = (
    *("stay", "move", "enter", "leave", "appear", "vanish", "grow", "shrink", "spin", "bounce", "blink", "fall"),
    *("follow", "chase", "hit", "hide", "swap", "count-up", "count-down"),
)


@dataclass(frozen=True)
class Key:
    """Where an actor is at a time. Between keys everything but `visible` goes straight; `visible` holds until the next."""

    time: float
    x: float
    y: float
    size: float
    turn: float = 0.0  # degrees, counterclockwise
    visible: bool = True


@dataclass(frozen=True)
class Look:
    """How a sticker is drawn. `paint` replaces all its colours by shades of one."""

    style: str
    cell: int
    paint: str | None = None
    outline: str | None = None
    mirrored: bool = False
    shadow: bool = False
    hue_shift: int = 0


@dataclass(frozen=True)
class Actor:
    """One sticker with its way through a shot; keys are sorted by time. A greater depth stands farther back."""

    look: Look
    keys: tuple[Key, ...]
    depth: int = 0

    @cached_property
    def _times(self) -> list[float]:
        return [key.time for key in self.keys]

    def pose(self, time: float) -> Key:
        """Where it is at a time; before its first key as there, after its last as there."""
        place = bisect_right(self._times, time)
        if place == 0:
            return self.keys[0]
        before = self.keys[place - 1]
        if place == len(self.keys):
            return before
        after = self.keys[place]
        share = (time - before.time) / (after.time - before.time)
        values = (
            one + (other - one) * share
            for one, other in (
                (before.x, after.x),
                (before.y, after.y),
                (before.size, after.size),
                (before.turn, after.turn),
            )
        )
        return Key(time, *values, before.visible)


@dataclass(frozen=True)
class Role:
    """What the scene tells of as one: a thing, once or several times. colour: the one all its actors have, or None."""

    thing: str
    actors: tuple[Actor, ...]
    colour: str | None = None

    @property
    def count(self) -> int:
        return len(self.actors)


@dataclass(frozen=True)
class Event:
    """Something that a role does. `role`, `other` count the roles of the shot; `because` is the event that causes it,
    counted within the shot. direction: where to, or for `enter` the side it comes from."""

    kind: str
    role: int
    start: float
    end: float
    direction: str | None = None
    speed: str | None = None
    other: int | None = None
    because: int | None = None


@dataclass(frozen=True)
class Camera:
    """kind: still, pan (direction says where the camera goes), zoom-in, zoom-out, shake."""

    kind: str = "still"
    direction: str | None = None
    amount: float = 0.0

    def view(self, share: float) -> tuple[float, float, float]:
        """Centre of the view and its magnification, at a share of the shot."""
        if self.kind == "pan":
            step_x, step_y = DIRECTIONS[self.direction or "left"]
            way = self.amount * (share - 0.5)
            return 0.5 + step_x * way, 0.5 + step_y * way, 1.0
        if self.kind == "zoom-in":
            return 0.5, 0.5, 1 + self.amount * share
        if self.kind == "zoom-out":
            return 0.5, 0.5, 1 + self.amount * (1 - share)
        if self.kind == "shake":
            # Two waves whose lengths have no common measure look like a hand.
            angle = 2 * math.pi * share
            return 0.5 + self.amount * math.sin(17.3 * angle), 0.5 + self.amount * math.sin(23.9 * angle + 1), 1.0
        return 0.5, 0.5, 1.0


@dataclass(frozen=True)
class Shot:
    """What is seen between two cuts. The first role that is asked for stands in front where depths are equal."""

    start: float
    end: float
    setting: str
    camera: Camera
    roles: tuple[Role, ...]
    events: tuple[Event, ...]
    story: str
    seed: int

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Finish:
    """What is done to the pictures after they are drawn. bars: share of the short side that black bars take at each end."""

    fade_in: float = 0.0
    fade_out: float = 0.0
    bars: float = 0.0
    noise: float = 0.0
    blur: float = 0.0
    quality: int | None = None
    contrast: float = 1.0
    brightness: float = 0.0
    saturation: float = 1.0


@dataclass(frozen=True)
class Scene:
    """A whole clip. aspect: width by height."""

    shots: tuple[Shot, ...]
    frames_per_second: float
    aspect: float
    finish: Finish
    seed: int

    @property
    def seconds(self) -> float:
        return self.shots[-1].end

    def shot_at(self, time: float) -> Shot:
        """The shot that is seen at a time."""
        return next((shot for shot in self.shots if time < shot.end), self.shots[-1])


@dataclass(frozen=True)
class Placed:
    """An actor as the picture shows it: centre, size and turn after camera and bars, in frame units."""

    role: int
    actor: Actor
    x: float
    y: float
    size: float
    turn: float

    @property
    def inside(self) -> bool:
        """Whether its centre is in the square in the middle."""
        return 0 <= self.x <= 1 and 0 <= self.y <= 1


def view_of(scene: Scene, shot: Shot, time: float) -> tuple[float, float, float]:
    """Centre and magnification of what is seen of the shot's world at a time, bars included."""
    x, y, magnification = shot.camera.view(min(1.0, max(0.0, (time - shot.start) / shot.seconds)))
    return x, y, magnification * (1 - 2 * scene.finish.bars)


def placed(scene: Scene, time: float) -> list[Placed]:
    """The visible actors at a time, farthest back first: what the renderer draws, in its order."""
    shot = scene.shot_at(time)
    centre_x, centre_y, magnification = view_of(scene, shot, time)
    found = []
    for index, role in enumerate(shot.roles):
        for actor in role.actors:
            pose = actor.pose(time)
            if pose.visible:
                x, y = 0.5 + (pose.x - centre_x) * magnification, 0.5 + (pose.y - centre_y) * magnification
                found.append(Placed(index, actor, x, y, pose.size * magnification, pose.turn))
    return sorted(found, key=lambda one: -one.actor.depth)
