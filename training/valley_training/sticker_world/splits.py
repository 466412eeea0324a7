"""What is kept from training: compositions and phrasings. The third split, the unseen art style, is in unseen.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

# Of all (thing, what it does, setting), the share that no training scene has.
HELD_OUT_SHARE = 0.15
# Every so many phrasings of a question, one is asked in the evaluation only. A kind with fewer phrasings keeps none.
HELD_OUT_PHRASING_EVERY = 5

Phrasing = TypeVar("Phrasing")


def is_held_out(thing: str, motion: str, setting: str) -> bool:
    """Whether a composition belongs to the evaluation: a fixed hash, so the answer never changes."""
    digest = hashlib.sha256(f"{thing}|{motion}|{setting}".encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_OUT_SHARE * 2**32


def fits_split(thing: str, motions: Iterable[str], setting: str, held_out: bool) -> bool:
    """Whether a thing that does all of these belongs wholly to the training part, or wholly to the evaluation."""
    return all(is_held_out(thing, motion, setting) == held_out for motion in motions)


def phrasings_of(phrasings: Sequence[Phrasing], unseen: bool) -> list[Phrasing]:
    """The part of a list of phrasings that training asks, or the part that only the evaluation asks.

    The latter falls back to the former where a list is too short to keep any."""
    held = [phrasing for index, phrasing in enumerate(phrasings) if index % HELD_OUT_PHRASING_EVERY == 4]
    seen = [phrasing for index, phrasing in enumerate(phrasings) if index % HELD_OUT_PHRASING_EVERY != 4]
    return held or seen if unseen else seen
