"""A scene of the small world as the sticker world tells of it, so that its questions can be asked in four languages."""

from __future__ import annotations

from valley_training.sticker_world.scene import Actor, Camera, Event, Finish, Key, Look, Role, Scene, Shot
from valley_training.world import scene as small

# Every clip is said to last so long; nothing that is asked depends on it.
CLIP_SECONDS = 4.0
# The sheets of both worlds show the same pictures under these names.
_NAMES = {"cake": "birthday cake", "boat": "sailboat", "flower": "sunflower"}


def told_name(thing: str) -> str:
    """What the sticker world calls a thing of the small one."""
    return _NAMES.get(thing, thing)


def told(scene: small.Scene) -> Scene:
    """The same clip: who is there, where, from when on, and what each does."""
    groups = [list(scene.actors)] if scene.kind == "copies" else [[actor] for actor in scene.actors]
    roles, events = [], []
    for index, actors in enumerate(groups):
        roles.append(Role(told_name(actors[0].thing), tuple(_actor(actor) for actor in actors)))
        events += _events(index, actors[0])
    shot = Shot(0.0, CLIP_SECONDS, scene.setting, Camera(), tuple(roles), tuple(events), scene.kind, scene.seed)
    return Scene((shot,), 8, 1.0, Finish(), scene.seed)


def _actor(actor: small.Actor) -> Actor:
    # A sticker of the small world is drawn from its own sheet: this look is never drawn.
    look, begin = Look(actor.style, 0), actor.enter * CLIP_SECONDS
    keys = [Key(begin, *actor.start, actor.size), Key(CLIP_SECONDS, *actor.end, actor.size)]
    if begin:
        keys.insert(0, Key(0.0, *actor.start, actor.size, visible=False))
    return Actor(look, tuple(keys))


def _events(role: int, actor: small.Actor) -> list[Event]:
    begin, events = actor.enter * CLIP_SECONDS, []
    if begin:
        events.append(Event("appear", role, begin, begin))
    if actor.direction != small.STILL:
        events.append(Event("move", role, begin, CLIP_SECONDS, _direction(actor.direction)))
    return events or [Event("stay", role, 0.0, CLIP_SECONDS)]


def _direction(direction: str) -> str:
    """`up and to the left` is `up-left`."""
    return direction.replace(" and to the ", "-")
