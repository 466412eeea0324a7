"""English words for what a scene holds: articles, plurals, directions, settings, lists."""

from __future__ import annotations

NUMBER_WORDS = ("no", "one", "two", "three")
_PLURALS = {
    "fox": "foxes",
    "fish": "fish",
    "octopus": "octopuses",
    "butterfly": "butterflies",
    "strawberry": "strawberries",
    "bus": "buses",
}
SETTING_PHRASES = {
    "sky": "in the sky",
    "night": "at night",
    "sea": "at sea",
    "grass": "on the grass",
    "snow": "in the snow",
    "desert": "in the desert",
}


def with_article(thing: str) -> str:
    """a cat, an apple"""
    return f"{'an' if thing[0] in 'aeou' else 'a'} {thing}"


def plural(thing: str) -> str:
    """cats, foxes, fish"""
    return _PLURALS.get(thing, thing + "s")


def counted(count: int, thing: str) -> str:
    """one cat, three cats, no cats"""
    return f"{NUMBER_WORDS[count]} {thing if count == 1 else plural(thing)}"


def listed(parts: list[str]) -> str:
    """a, b and c"""
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def motion_phrase(direction: str, many: bool = False) -> str:
    """moves to the left, move up, stays still"""
    if direction == "still":
        return "stay still" if many else "stays still"
    verb = "move" if many else "moves"
    return f"{verb} to the {direction}" if direction in ("left", "right") else f"{verb} {direction}"


def capitalised(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[0].upper() + text[1:]
