"""The sticker sheet: one row an art style, one column a thing (training/art draws it)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

ART_DIRECTORY = Path(__file__).resolve().parents[2] / "art"
_SHEET = json.loads((ART_DIRECTORY / "stickers.json").read_text())

THINGS: tuple[str, ...] = tuple(_SHEET["things"])
STYLES: tuple[str, ...] = tuple(style["name"] for style in _SHEET["styles"])
LICENCES: tuple[dict[str, str], ...] = tuple(_SHEET["styles"])


@cache
def _sheet_image() -> Image.Image:
    return Image.open(ART_DIRECTORY / "stickers.png").convert("RGBA")


@cache
def _cell(thing: str, style: str) -> Image.Image:
    side = _SHEET["sidePixels"]
    left, top = THINGS.index(thing) * side, STYLES.index(style) * side
    return _sheet_image().crop((left, top, left + side, top + side))


@cache
def sticker(thing: str, style: str, side_pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Colour premultiplied by alpha [side, side, 3] and 1 - alpha [side, side, 1], float32, 0..255 and 0..1."""
    cell = _cell(thing, style).convert("RGBa").resize((side_pixels, side_pixels), Image.Resampling.BILINEAR)
    pixels = np.asarray(cell.convert("RGBA"), dtype=np.float32)
    alpha = pixels[:, :, 3:] / 255
    return pixels[:, :, :3] * alpha, 1 - alpha
