"""What there is in the world: art/sticker-world/things.tsv as a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from valley_training.sticker_world.art import ART_DIRECTORY


@dataclass(frozen=True)
class Thing:
    """English name, kinds it belongs to (the first is what it is, the rest what a moderator asks for), and its entry
    in each language as the table has it; languages/grammar.py reads those."""

    name: str
    categories: tuple[str, ...]
    entries: dict[str, str]


def _read() -> dict[str, Thing]:
    _, *rows = (ART_DIRECTORY / "things.tsv").read_text().rstrip("\n").split("\n")
    things = {}
    for row in rows:
        _, categories, english, spanish, german, chinese = row.split("\t")
        name = english.split("/")[0]
        entries = {"en": english, "es": spanish, "de": german, "zh": chinese}
        things[name] = Thing(name, tuple(categories.split(",")), entries)
    return things


THINGS: dict[str, Thing] = _read()
NAMES: tuple[str, ...] = tuple(THINGS)

# What moderators ask for, in the order of the questions' table.
MODERATED = ("weapon", "alcohol", "tobacco", "fire", "blood", "medicine", "gambling")
# What people ask for as a kind of thing.
KINDS = ("animal", "food", "drink", "vehicle", "plant", "building", "clothing", "person", "tool", "instrument")
# All that is asked for; things.tsv has other categories, which only keep like things together.
ASKED_CATEGORIES = (*MODERATED, *KINDS)


@cache
def of_category(category: str) -> tuple[str, ...]:
    """Names of the things that belong to a category."""
    return tuple(name for name, thing in THINGS.items() if category in thing.categories)
