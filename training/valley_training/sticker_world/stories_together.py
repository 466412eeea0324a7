"""Stories in which one thing has to do with another: follows it, hits it, hides behind it, swaps places with it."""

from __future__ import annotations

from valley_training.sticker_world.plan import EDGE, Plan, Story
from valley_training.sticker_world.scene import DIRECTIONS, Actor, Event, Key, Look, Role

_TRIES = 60
# How far a runner runs before it hits.
_SHORT_RUN = 0.2


def follow(plan: Plan) -> Story | None:
    """One thing goes behind another at an even distance, or chases it and comes close."""
    kind = plan.rng.choice(("follow", "chase"))
    leader, leader_look, leader_colour = plan.casting.choose(("move",), plan.setting)
    hunter, hunter_look, hunter_colour = plan.casting.choose((kind,), plan.setting)
    direction = plan.rng.choice(("left", "right", "up", "down"))
    size = plan.rng.uniform(0.18, 0.24)
    step = DIRECTIONS[direction]
    across = plan.rng.uniform(EDGE + size / 2, 1 - EDGE - size / 2)
    near = 1.02 * size
    # Ways along the axis, measured from the side where both begin.
    if kind == "follow":
        distance = near + 0.06
        reach = 1 - 2 * EDGE - size - distance
        ways = ((distance, distance + reach), (0.0, reach))
    else:
        distance = 1 - 2 * EDGE - size - plan.rng.uniform(0.38, 0.42)
        ways = ((distance, 1 - 2 * EDGE - size), (0.0, 1 - 2 * EDGE - size - near))
    begin, end = plan.at(0.05), plan.at(0.95)

    def actor(look: Look, way: tuple[float, float]) -> Actor:
        points = [_along(step, EDGE + size / 2 + share, across) for share in way]
        return Actor(look, (Key(begin, *points[0], size), Key(end, *points[1], size)))

    roles = [
        Role(leader, (actor(leader_look, ways[0]),), leader_colour),
        Role(hunter, (actor(hunter_look, ways[1]),), hunter_colour),
    ]
    return roles, [Event("move", 0, begin, end, direction), Event(kind, 1, begin, end, direction, other=0)]


def hit(plan: Plan) -> Story | None:
    """One thing runs into another, and that does something because of it. A third thing may look on."""
    outcome = plan.rng.choice(("fall", "move", "vanish", "spin"))
    runner, runner_look, runner_colour = plan.casting.choose(("hit",), plan.setting)
    target, target_look, target_colour = plan.casting.choose((outcome,), plan.setting)
    direction = plan.rng.choice(("left", "right") if outcome == "fall" else ("left", "right", "up", "down"))
    size, other_size = plan.rng.uniform(0.2, 0.26), plan.rng.uniform(0.2, 0.28)
    step = DIRECTIONS[direction]
    touch = 0.46 * (size + other_size)
    # The runner starts at its edge; the target stands where there is room before it and behind it.
    place = EDGE + size / 2 + plan.rng.uniform(_SHORT_RUN, _SHORT_RUN + 0.06) + touch
    upper = plan.rng.uniform(EDGE + other_size / 2, 0.4)
    across = upper if outcome == "fall" else plan.rng.uniform(EDGE + 0.14, 1 - EDGE - 0.14)
    begin, contact, end = plan.at(0.06), plan.at(0.42), plan.at(0.9)
    runner_keys = (
        Key(begin, *_along(step, EDGE + size / 2, across), size),
        Key(contact, *_along(step, place - touch, across), size),
    )
    x, y = _along(step, place, across)
    before = Key(contact, x, y, other_size)
    match outcome:
        case "fall":
            after = Key(plan.at(0.68), x, 1 - 0.02 - other_size / 2, other_size, plan.rng.choice((-90, 90)))
        case "move":
            after = Key(end, *_along(step, 1 - EDGE - other_size / 2, across), other_size)
        case "vanish":
            after = Key(contact + 0.001, x, y, other_size, visible=False)
        case _:
            after = Key(end, x, y, other_size, plan.rng.choice((-360, 360)))
    roles = [
        Role(runner, (Actor(runner_look, runner_keys),), runner_colour),
        Role(target, (Actor(target_look, (before, after)),), target_colour),
    ]
    moved = direction if outcome == "move" else None
    events = [
        Event("hit", 0, begin, contact, direction, other=1),
        Event(outcome, 1, contact, contact if outcome == "vanish" else after.time, moved, because=0),
    ]
    return roles, events


def hide(plan: Plan) -> Story | None:
    """A small thing goes behind a big one and is not seen again."""
    small, small_look, small_colour = plan.casting.choose(("hide",), plan.setting)
    big, big_look, big_colour = plan.casting.choose(("stay",), plan.setting)
    size, big_size = plan.rng.uniform(0.17, 0.2), plan.rng.uniform(0.44, 0.52)
    for _ in range(_TRIES):
        x, y = plan.spot(big_size)
        from_x, from_y = plan.spot(size)
        if max(abs(x - from_x), abs(y - from_y)) > 0.56 * (size + big_size):
            begin, end = plan.at(0.12), plan.at(0.7)
            # Art leaves gaps, so what has gone behind is taken away there.
            keys = (Key(begin, from_x, from_y, size), Key(end, x, y, size, visible=False))
            roles = [
                Role(small, (Actor(small_look, keys, depth=1),), small_colour),
                Role(big, (Actor(big_look, (Key(plan.start, x, y, big_size),)),), big_colour),
            ]
            return roles, [Event("stay", 1, plan.start, plan.end), Event("hide", 0, begin, end, other=1)]
    return None


def swap(plan: Plan) -> Story | None:
    """Two things go each to the other's place, past each other."""
    cast = [plan.casting.choose(("swap",), plan.setting) for _ in range(2)]
    size = plan.rng.uniform(0.22, 0.28)
    low, high = EDGE + size / 2, 1 - EDGE - size / 2
    level = plan.rng.uniform(0.4, 0.6)
    ends = ((low + plan.rng.uniform(0, 0.06), level), (high - plan.rng.uniform(0, 0.06), level))
    if plan.rng.random() < 0.5:
        ends = ((level, ends[0][0]), (level, ends[1][0]))
    begin, end = plan.at(0.1), plan.at(0.9)
    roles = []
    for index, (thing, look, colour) in enumerate(cast):
        (x0, y0), (x1, y1) = ends[index], ends[1 - index]
        # They pass on different sides of the line between their places.
        bow = (1 if index else -1) * 0.6 * size
        middle = (0.5 * (x0 + x1) + (bow if x0 == x1 else 0), 0.5 * (y0 + y1) + (bow if y0 == y1 else 0))
        keys = (Key(begin, x0, y0, size), Key((begin + end) / 2, *middle, size), Key(end, x1, y1, size))
        roles.append(Role(thing, (Actor(look, keys),), colour))
    return roles, [Event("swap", 0, begin, end, other=1), Event("swap", 1, begin, end, other=0)]


def _along(step: tuple[int, int], way: float, across: float) -> tuple[float, float]:
    """A point `way` into the picture from the side where a move in that direction begins."""
    place = way if sum(step) > 0 else 1 - way
    return (place, across) if step[0] else (across, place)
