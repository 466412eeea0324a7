"""Stickers at the size, turn and colours in which a scene shows them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from valley_training.sticker_world.art import Atlas
from valley_training.sticker_world.scene import Look

# Shades of a paint: what black and white of the art become.
_PAINTS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "red": ((90, 0, 5), (255, 110, 100)),
    "orange": ((130, 55, 0), (255, 185, 90)),
    "yellow": ((150, 110, 0), (255, 242, 130)),
    "green": ((0, 60, 15), (130, 225, 125)),
    "blue": ((5, 20, 100), (120, 170, 255)),
    "purple": ((50, 5, 90), (205, 145, 255)),
    "pink": ((170, 40, 100), (255, 200, 225)),
    "brown": ((45, 22, 8), (185, 125, 80)),
}
_OUTLINES = {"white": (252, 252, 252), "black": (18, 18, 20)}
_OUTLINE_PIXELS = 5  # of a cell, an odd number
_SHADOW_OPACITY = 0.35


@lru_cache(maxsize=2048)
def dressed(atlas: Atlas, look: Look) -> Image.Image:
    """A cell as the look wants it, premultiplied RGBa so that scaling and turning leave no fringe."""
    picture = atlas.picture(look.style, look.cell)
    if look.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    alpha = picture.getchannel("A")
    if look.paint is not None:
        picture = _painted(picture, look.paint, atlas.is_mono(look.style))
    elif look.hue_shift:
        hue, saturation, value = picture.convert("RGB").convert("HSV").split()
        turned = hue.point([(level + round(look.hue_shift * 256 / 360)) % 256 for level in range(256)])
        picture = Image.merge("HSV", (turned, saturation, value)).convert("RGB")
    picture.putalpha(alpha)
    if look.outline is not None:
        wide = alpha.filter(ImageFilter.MaxFilter(_OUTLINE_PIXELS))
        outlined = Image.new("RGBA", picture.size, (*_OUTLINES[look.outline], 0))
        outlined.putalpha(wide)
        outlined.alpha_composite(picture)
        picture = outlined
    return picture.convert("RGBa")


@lru_cache(maxsize=4096)
def sprite(atlas: Atlas, look: Look, side: int, turn: int) -> tuple[np.ndarray, np.ndarray]:
    """Colour times alpha [s, s, 3] uint8 0..255, and 255 - alpha [s, s, 1] uint16; `turn` in whole degrees."""
    picture = dressed(atlas, look)
    # Reducing first averages over all pixels of the art; turning a small picture is then cheap.
    picture = picture.resize((side, side), Image.Resampling.BOX if side * 2 < picture.width else Image.Resampling.BILINEAR)
    if turn % 360:
        picture = picture.rotate(turn, Image.Resampling.BILINEAR, expand=True)
    pixels = np.asarray(picture)
    return np.ascontiguousarray(pixels[:, :, :3]), 255 - pixels[:, :, 3:].astype(np.uint16)


@lru_cache(maxsize=1024)
def shadow(atlas: Atlas, look: Look, side: int, turn: int) -> np.ndarray:
    """What share of 255 the ground keeps of its light under a sticker's shadow, uint16 [s, s, 1]."""
    _, rest = sprite(atlas, look, side, turn)
    solid = Image.fromarray((255 - rest[:, :, 0]).astype(np.uint8))
    soft = solid.filter(ImageFilter.BoxBlur(max(1, side // 14)))
    return 255 - (np.asarray(soft, dtype=np.float32) * _SHADOW_OPACITY).astype(np.uint16)[:, :, None]


def _painted(picture: Image.Image, paint: str, mono: bool) -> Image.Image:
    """Shades of one colour in place of all colours."""
    dark, light = (np.array(end, dtype=np.float32) for end in _PAINTS[paint])
    if mono:
        # The art is one black shape: it gets the paint's middle.
        middle = 0.35 * dark + 0.65 * light
        return Image.new("RGB", picture.size, tuple(int(part) for part in middle))
    grey = np.asarray(picture.convert("L"), dtype=np.float32)[:, :, None] / 255
    return Image.fromarray((dark * (1 - grey) + light * grey).astype(np.uint8))
