"""What is true of a scene, found by watching: positions of the drawn actors, looked at many times, and nothing that the
scene says of itself. The tests hold the answers to this."""

from __future__ import annotations

from dataclasses import dataclass

from valley_training.sticker_world.art import training_atlas
from valley_training.sticker_world.scene import Scene, placed

MOMENTS = 120


@dataclass(frozen=True)
class Sight:
    """Of one thing at one time: centres of those that are seen."""

    time: float
    centres: list[tuple[float, float]]
    sizes: list[float]


_WATCHED: dict[int, tuple[Scene, dict[str, list[Sight]]]] = {}


def watch(scene: Scene) -> dict[str, list[Sight]]:
    """Each thing, with what is seen of it over time. A scene is watched once, for the tests ask again and again."""
    if id(scene) not in _WATCHED:
        _WATCHED[id(scene)] = (scene, _watch(scene))
    return _WATCHED[id(scene)][1]


def _watch(scene: Scene) -> dict[str, list[Sight]]:
    seen: dict[str, list[Sight]] = {role.thing: [] for shot in scene.shots for role in shot.roles}
    for moment in range(MOMENTS):
        time = scene.seconds * (moment + 0.5) / MOMENTS
        roles = scene.shot_at(time).roles
        for thing, sights in seen.items():
            mine = [one for one in placed(scene, time) if roles[one.role].thing == thing and one.inside]
            sights.append(Sight(time, [(one.x, one.y) for one in mine], [one.size for one in mine]))
    return seen


def first_seen(sights: list[Sight]) -> float:
    return next(sight.time for sight in sights if sight.centres)


def last_seen(sights: list[Sight]) -> float:
    return next(sight.time for sight in reversed(sights) if sight.centres)


def way(sights: list[Sight]) -> tuple[float, float]:
    """From where it is first seen to where it is last seen."""
    there = [sight.centres[0] for sight in sights if sight.centres]
    return there[-1][0] - there[0][0], there[-1][1] - there[0][1]


def colour_of(scene: Scene, thing: str) -> str | None:
    """What the picture is painted in, or what its art mostly is."""
    role = next(role for shot in scene.shots for role in shot.roles if role.thing == thing)
    look = role.actors[0].look
    return look.paint or training_atlas().colour(look.style, look.cell)
