"""Stories in which each thing does something for itself."""

from __future__ import annotations

from valley_training.sticker_world.plan import Part, Plan, Story, story_of
from valley_training.sticker_world.scene import DIRECTIONS, Actor, Event, Key, Look, Role

# Shares of a shot. A quick way takes the one, a slow way the other.
_QUICK, _SLOW = 0.3, 0.92
# A thing that appears, or comes in, does it within this share.
_ARRIVAL = 0.16


def still(plan: Plan) -> Story | None:
    """One to five things stay where they are."""
    count = plan.rng.choice((1, 1, 2, 2, 3, 3, 4, 5))
    cast = [plan.casting.choose(("stay",), plan.setting) for _ in range(count)]
    # Some are much bigger than others, so that sizes can be compared.
    scales = [plan.rng.choice((0.65, 1.0, 1.35)) for _ in cast]
    largest = 0.56 - 1.2 * plan.margin
    actors = plan.until_apart(
        lambda: [
            plan.resting(look, min(largest, plan.size_for(count) * scale), plan.tilt())
            for (_, look, _), scale in zip(cast, scales, strict=True)
        ]
    )
    if actors is None:
        return None
    return story_of(
        (Role(thing, (actor,), colour), [Event("stay", 0, plan.start, plan.end)])
        for (thing, _, colour), actor in zip(cast, actors, strict=True)
    )


def moves(plan: Plan) -> Story | None:
    """One to three things move, each its way; some may stay."""
    count = plan.rng.choice((1, 1, 2, 2, 3))
    kinds = ["move"] + ["stay" if plan.rng.random() < 0.3 else "move" for _ in range(count - 1)]
    cast = [plan.casting.choose((kind,), plan.setting) for kind in kinds]
    speeds = [None if plan.brief else plan.rng.choice((None, "fast", "slow")) for _ in cast]
    directions = [plan.rng.choice(tuple(DIRECTIONS)) for _ in cast]
    spans: list[tuple[float, float]] = []

    def make() -> list[Actor]:
        spans.clear()
        actors = []
        for (_, look, _), kind, speed, direction in zip(cast, kinds, speeds, directions, strict=True):
            size = min(0.42, plan.size_for(count))
            span = _span(plan, speed)
            spans.append(span)
            if kind == "stay":
                actors.append(plan.resting(look, size, plan.tilt()))
            else:
                actors.append(_mover(plan, look, direction, size, span))
        return actors

    actors = plan.until_apart(make)
    if actors is None:
        return None
    parts: list[Part] = []
    for (thing, _, colour), kind, speed, direction, span, actor in zip(
        cast, kinds, speeds, directions, spans, actors, strict=True
    ):
        event = Event("move", 0, *span, direction, speed) if kind == "move" else Event("stay", 0, plan.start, plan.end)
        parts.append((Role(thing, (actor,), colour), [event]))
    return story_of(parts)


def arrivals(plan: Plan) -> Story | None:
    """Things appear one after another, from nowhere or from an edge. The first may be there from the start."""
    count = plan.rng.choice((2, 2, 3, 3, 4))
    first = plan.rng.choice(("stay", "appear"))
    kinds = [first] + [plan.rng.choice(("appear", "enter")) for _ in range(count - 1)]
    cast = [plan.casting.choose((kind,), plan.setting) for kind in kinds]
    begin = 0.0 if first == "stay" else 0.1
    times = [begin + (0.86 - begin) * index / count + (plan.rng.uniform(0, 0.06) if index else 0) for index in range(count)]
    sides = [plan.rng.choice(plan.sides) for _ in cast]
    actors = plan.until_apart(
        lambda: [
            _arrival(plan, look, kind, side, time, plan.size_for(count))
            for (_, look, _), kind, side, time in zip(cast, kinds, sides, times, strict=True)
        ]
    )
    if actors is None:
        return None
    parts: list[Part] = []
    for (thing, _, colour), kind, side, time, actor in zip(cast, kinds, sides, times, actors, strict=True):
        start = plan.at(time)
        event = {
            "stay": Event("stay", 0, plan.start, plan.end),
            "appear": Event("appear", 0, start, start),
            "enter": Event("enter", 0, start, plan.at(time + _ARRIVAL), side),
        }[kind]
        parts.append((Role(thing, (actor,), colour), [event]))
    return story_of(parts)


def departures(plan: Plan) -> Story | None:
    """Things are there and go one after another; the last may stay."""
    count = plan.rng.choice((2, 2, 3, 3, 4))
    kinds = [plan.rng.choice(("vanish", "leave")) for _ in range(count - 1)] + [plan.rng.choice(("stay", "vanish", "leave"))]
    cast = [plan.casting.choose((kind,), plan.setting) for kind in kinds]
    times = [0.16 + 0.7 * index / count + plan.rng.uniform(0, 0.06) for index in range(count)]
    sides = [plan.rng.choice(plan.sides) for _ in cast]
    actors = plan.until_apart(
        lambda: [
            _departure(plan, look, kind, side, time, plan.size_for(count))
            for (_, look, _), kind, side, time in zip(cast, kinds, sides, times, strict=True)
        ]
    )
    if actors is None:
        return None
    parts: list[Part] = []
    for (thing, _, colour), kind, side, time, actor in zip(cast, kinds, sides, times, actors, strict=True):
        start = plan.at(time)
        event = {
            "stay": Event("stay", 0, plan.start, plan.end),
            "vanish": Event("vanish", 0, start, start),
            "leave": Event("leave", 0, start, plan.at(time + _ARRIVAL), side),
        }[kind]
        parts.append((Role(thing, (actor,), colour), [event]))
    return story_of(parts)


def copies(plan: Plan) -> Story | None:
    """Several of one thing, perhaps with some of another."""
    counts = [plan.rng.randint(2, 6)] + ([plan.rng.randint(1, 3)] if plan.rng.random() < 0.4 else [])
    cast = [plan.casting.choose(("stay",), plan.setting) for _ in counts]
    size = plan.size_for(min(6, sum(counts))) * (1 - plan.margin)
    actors = plan.until_apart(
        lambda: [
            plan.resting(look, size, plan.tilt())
            for (_, look, _), count in zip(cast, counts, strict=True)
            for _ in range(count)
        ],
        gap=0.5,
    )
    if actors is None:
        return None
    parts: list[Part] = []
    for (thing, _, colour), count in zip(cast, counts, strict=True):
        own, actors = tuple(actors[:count]), actors[count:]
        parts.append((Role(thing, own, colour), [Event("stay", 0, plan.start, plan.end)]))
    return story_of(parts)


def flock(plan: Plan) -> Story | None:
    """Several of one thing move together."""
    count = plan.rng.randint(2, 4)
    thing, look, colour = plan.casting.choose(("move",), plan.setting)
    direction = plan.rng.choice(tuple(DIRECTIONS))
    size = plan.size_for(count)
    span = (plan.at(0.04), plan.at(0.96))
    actors = plan.until_apart(lambda: [_mover(plan, look, direction, size, span) for _ in range(count)])
    if actors is None:
        return None
    return [Role(thing, tuple(actors), colour)], [Event("move", 0, *span, direction)]


def counting(plan: Plan) -> Story | None:
    """Copies of one thing become more, or fewer, one at a time."""
    count = plan.rng.randint(2, 5)
    kind = plan.rng.choice(("count-up", "count-down"))
    thing, look, colour = plan.casting.choose((kind,), plan.setting)
    size = plan.size_for(count)
    spots = plan.until_apart(lambda: [plan.resting(look, size) for _ in range(count)], gap=0.5)
    if spots is None:
        return None
    # Of those that vanish, one remains; of those that appear, one is there from the start.
    times = [0.12 + 0.74 * index / max(1, count - 1) if count > 2 else 0.5 for index in range(count - 1)]
    actors = [spots[0]]
    for spot, time in zip(spots[1:], times, strict=True):
        there = spot.keys[0]
        change = Key(plan.at(time), there.x, there.y, there.size, there.turn, visible=kind == "count-up")
        before = Key(plan.start, there.x, there.y, there.size, there.turn, visible=kind == "count-down")
        actors.append(Actor(look, (before, change)))
    event = Event(kind, 0, plan.at(times[0]), plan.at(times[-1]))
    return [Role(thing, tuple(actors), colour)], [event]


def changes(plan: Plan) -> Story | None:
    """One thing grows, shrinks, spins, bounces, blinks or falls; others may look on."""
    count = plan.rng.choice((1, 2, 2, 3))
    kind = plan.rng.choice(("grow", "shrink", "spin", "bounce", "blink", "fall"))
    cast = [plan.casting.choose((kind if index == 0 else "stay",), plan.setting) for index in range(count)]
    actors = plan.until_apart(
        lambda: [
            _changer(plan, look, kind, plan.size_for(count)) if index == 0 else plan.resting(look, plan.size_for(count))
            for index, (_, look, _) in enumerate(cast)
        ]
    )
    if actors is None:
        return None
    span = (actors[0].keys[0].time, actors[0].keys[-1].time)
    return story_of(
        (Role(thing, (actor,), colour), [Event(kind, 0, *span) if index == 0 else Event("stay", 0, plan.start, plan.end)])
        for index, ((thing, _, colour), actor) in enumerate(zip(cast, actors, strict=True))
    )


def _span(plan: Plan, speed: str | None) -> tuple[float, float]:
    length = {"fast": _QUICK, "slow": _SLOW, None: plan.rng.uniform(0.6, 0.85)}[speed]
    begin = plan.rng.uniform(0.02, 0.98 - length)
    return plan.at(begin), plan.at(begin + length)


def _mover(plan: Plan, look: Look, direction: str, size: float, span: tuple[float, float]) -> Actor:
    (x0, y0), (x1, y1) = plan.way(direction, size)
    turn = plan.tilt()
    return Actor(look, (Key(span[0], x0, y0, size, turn), Key(span[1], x1, y1, size, turn)))


def _arrival(plan: Plan, look: Look, kind: str, side: str, time: float, size: float) -> Actor:
    x, y = plan.spot(size)
    if kind == "stay":
        return Actor(look, (Key(plan.start, x, y, size),))
    away = Key(plan.start, x, y, size, visible=False)
    if kind == "appear":
        return Actor(look, (away, Key(plan.at(time), x, y, size)))
    out_x, out_y = _outside(side, x, y, size)
    return Actor(look, (away, Key(plan.at(time), out_x, out_y, size), Key(plan.at(time + _ARRIVAL), x, y, size)))


def _departure(plan: Plan, look: Look, kind: str, side: str, time: float, size: float) -> Actor:
    x, y = plan.spot(size)
    if kind == "stay":
        return Actor(look, (Key(plan.start, x, y, size),))
    if kind == "vanish":
        return Actor(look, (Key(plan.start, x, y, size), Key(plan.at(time), x, y, size, visible=False)))
    out_x, out_y = _outside(side, x, y, size)
    gone = Key(plan.at(time + _ARRIVAL), out_x, out_y, size, visible=False)
    return Actor(look, (Key(plan.start, x, y, size), Key(plan.at(time), x, y, size), gone))


def _outside(side: str, x: float, y: float, size: float) -> tuple[float, float]:
    """Just beyond an edge, straight from a place."""
    step_x, step_y = DIRECTIONS[side]
    beyond = size / 2 + 0.02
    return (
        (x if not step_x else (1 + beyond if step_x > 0 else -beyond)),
        (y if not step_y else (1 + beyond if step_y > 0 else -beyond)),
    )


def _changer(plan: Plan, look: Look, kind: str, size: float) -> Actor:
    start, end = plan.at(0.08), plan.at(0.92)
    if kind in ("grow", "shrink"):
        small, large = size * 0.55, min(0.62, size * 1.45)
        x, y = plan.spot(large)
        first, last = (small, large) if kind == "grow" else (large, small)
        return Actor(look, (Key(start, x, y, first), Key(end, x, y, last)))
    x, y = plan.spot(size)
    if kind == "spin":
        turns = plan.rng.choice((-1, 1)) * plan.rng.choice((1, 2)) * 360
        return Actor(look, (Key(start, x, y, size), Key(end, x, y, size, turns)))
    if kind == "bounce":
        floor = 1 - 0.05 - size / 2
        top = max(0.05 + size / 2, floor - plan.rng.uniform(0.28, 0.45))
        keys = [Key(plan.at(0.08 + 0.84 * step / 6), x, top if step % 2 else floor, size) for step in range(7)]
        return Actor(look, tuple(keys))
    if kind == "blink":
        # Seven stretches, so that it is there at the start and at the end.
        keys = [Key(plan.at(0.08 + 0.84 * step / 7), x, y, size, visible=step % 2 == 0) for step in range(7)]
        return Actor(look, (*keys, Key(end, x, y, size)))
    bottom = 1 - 0.02 - size / 2
    high = plan.rng.uniform(size / 2 + 0.03, bottom - 0.32)
    begin, down = plan.rng.uniform(0.2, 0.5), 0.25
    tilt = plan.rng.choice((-90, 90))
    return Actor(look, (Key(plan.at(begin), x, high, size), Key(plan.at(begin + down), x, bottom, size, tilt)))
