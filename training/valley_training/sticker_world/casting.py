"""Chooses who plays: a thing that the split allows here, and how it looks."""

from __future__ import annotations

import random

from valley_training.sticker_world.art import Atlas
from valley_training.sticker_world.scene import Look
from valley_training.sticker_world.settings import colour_of_setting
from valley_training.sticker_world.splits import fits_split
from valley_training.sticker_world.things import KINDS, MODERATED, NAMES, of_category

# Colours that a sticker may be painted in; the shades of black, grey and white are told apart too poorly on coloured art.
PAINTS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
_PAINTED_SHARE = 0.14
_OUTLINED_SHARE = 0.18
_SHADOW_SHARE = 0.2
# Only their colour tells these from another thing of the same shape, so they keep it.
_KNOWN_BY_COLOUR = ("drop of blood", "drop of water", "leaf", "autumn leaf")
# A thing whose colour may be asked keeps its hue about; one of many colours may drift farther.
_HUE_DRIFT, _FREE_HUE_DRIFT = 5, 14
# Of the things, the share that is drawn from a category, so that rare categories come up often enough to be asked for.
_CATEGORY_SHARE = 0.3


class Casting:
    """Who plays in one scene: no thing twice, all of them in the wanted part of the split."""

    def __init__(self, rng: random.Random, atlas: Atlas, held_out: bool) -> None:
        self._rng = rng
        self._atlas = atlas
        self._held_out = held_out
        self._used: set[str] = set()
        # Half of the scenes are of one hand, the others mix.
        self._style = rng.choice(atlas.styles) if rng.random() < 0.5 else None

    def choose(self, motions: tuple[str, ...], setting: str) -> tuple[str, Look, str | None]:
        """A new thing that does these motions in this setting, a look, and the colour people would call it by."""
        while True:
            thing = self._draw_name()
            if thing in self._used or not fits_split(thing, motions, setting, self._held_out):
                continue
            look, colour = self._look(thing)
            hidden_by_setting = colour is not None and colour == colour_of_setting(setting)
            if hidden_by_setting or ("spin" in motions and self._atlas.is_round(look.style, look.cell)):
                continue
            self._used.add(thing)
            return thing, look, colour

    def _draw_name(self) -> str:
        if self._rng.random() < _CATEGORY_SHARE:
            return self._rng.choice(of_category(self._rng.choice(self._rng.choice((MODERATED, KINDS)))))
        return self._rng.choice(NAMES)

    def _look(self, thing: str) -> tuple[Look, str | None]:
        rng, atlas = self._rng, self._atlas
        keeps_colour = thing in _KNOWN_BY_COLOUR
        styles = [s for s in atlas.styles if atlas.cells(thing, s) and not (keeps_colour and atlas.is_mono(s))]
        style = self._style if self._style in styles else rng.choice(styles)
        cell = rng.choice(atlas.cells(thing, style))
        painted = not keeps_colour and (atlas.is_mono(style) or rng.random() < _PAINTED_SHARE)
        paint = rng.choice(PAINTS) if painted else None
        colour = paint or atlas.colour(style, cell)
        drift = _HUE_DRIFT if colour else _FREE_HUE_DRIFT
        look = Look(
            style,
            cell,
            paint,
            outline=rng.choice(("white", "black")) if rng.random() < _OUTLINED_SHARE else None,
            mirrored=rng.random() < 0.35,
            shadow=rng.random() < _SHADOW_SHARE,
            hue_shift=0 if painted or rng.random() < 0.5 else rng.randint(-drift, drift),
        )
        return look, colour
