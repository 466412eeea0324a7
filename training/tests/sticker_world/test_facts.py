"""In which order things are told: as an onlooker can see it, however the scene lists them."""

from __future__ import annotations

from itertools import permutations

from valley_training.sticker_world.facts import Facts
from valley_training.sticker_world.scene import Actor, Camera, Event, Finish, Key, Look, Role, Scene, Shot


def role(thing: str, x: float, y: float, since: float = 0.0) -> Role:
    keys = (Key(0.0, x, y, 0.2, visible=since == 0.0), Key(since, x, y, 0.2)) if since else (Key(0.0, x, y, 0.2),)
    return Role(thing, (Actor(Look("noto", 0), keys),))


def test_what_is_there_at_once_is_told_as_one_reads_and_what_comes_later_after_it() -> None:
    cat, dog = role("cat", 0.8, 0.1), role("dog", 0.2, 0.55)
    # Beside the dog, a little higher.
    owl, pig = role("owl", 0.6, 0.5), role("pig", 0.1, 0.1, since=2.0)
    for roles in permutations((cat, dog, owl, pig)):
        appears = Event("appear", roles.index(pig), 2.0, 2.2)
        scene = Scene((Shot(0.0, 4.0, "sea", Camera(), roles, (appears,), "appear", 0),), 8, 1.0, Finish(), 0)
        facts = Facts(scene)
        assert facts.things == ["cat", "dog", "owl", "pig"]
        assert [mention.thing for mention in facts.mentions_at(0.0)] == ["cat", "dog", "owl"]
        assert [mention.thing for mention in facts.mentions_at(3.0)] == ["pig", "cat", "dog", "owl"]
