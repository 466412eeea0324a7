"""The art style of the evaluation. Nothing that training runs imports this module; a test holds that."""

from __future__ import annotations

from functools import cache

from valley_training.sticker_world.art import ART_DIRECTORY, Atlas


@cache
def unseen_atlas() -> Atlas:
    """openmoji: the same things in a hand that no training picture shows."""
    return Atlas(ART_DIRECTORY / "unseen")
