"""Sticker art: one sheet an art style, with a cell for each picture of a thing (training/art/sticker-world draws them).

The sheets under `seen/` are what is trained on. The unseen style has a module of its own, `unseen.py`."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

ART_DIRECTORY = Path(__file__).resolve().parents[2] / "art" / "sticker-world"

# Mean difference (0..255) between a sticker and itself turned by a quarter, below which it looks round.
_ROUND_BELOW = 26.0


class Atlas:
    """The art styles of one folder. A picture is named by its style and the number of its cell."""

    def __init__(self, directory: Path) -> None:
        sheets = json.loads((directory / "sheets.json").read_text())
        self._directory = directory
        self._cell_pixels: int = sheets["cellPixels"]
        self._columns: int = sheets["columns"]
        self._things: list[str] = sheets["things"]
        self._styles = {style["name"]: style for style in sheets["styles"]}
        self._cells: dict[tuple[str, str], list[int]] = defaultdict(list)
        for name, style in self._styles.items():
            for cell, colour in enumerate(style["colours"]):
                if colour is not None:
                    self._cells[self._things[cell], name].append(cell)

    @property
    def styles(self) -> tuple[str, ...]:
        return tuple(self._styles)

    @property
    def licences(self) -> tuple[dict[str, str], ...]:
        """Of each style: name, package, version, author, licence, source."""
        keys = ("name", "package", "version", "author", "licence", "source")
        return tuple({key: style[key] for key in keys} for style in self._styles.values())

    def is_mono(self, style: str) -> bool:
        """Whether the style has shapes and no colours, so that a scene has to paint it."""
        return self._styles[style]["mono"]

    def cells(self, thing: str, style: str) -> list[int]:
        """The pictures of a thing in a style; empty where the style lacks it."""
        return self._cells.get((thing, style), [])

    def colour(self, style: str, cell: int) -> str | None:
        """The one colour people would call the picture by, or None."""
        return self._styles[style]["colours"][cell] or None

    def picture(self, style: str, cell: int) -> Image.Image:
        """One cell, RGBA."""
        side = self._cell_pixels
        left, top = cell % self._columns * side, cell // self._columns * side
        return self._sheet(style).crop((left, top, left + side, top + side))

    @cache  # noqa: B019 - an atlas lives as long as the program
    def _sheet(self, style: str) -> Image.Image:
        return Image.open(self._directory / f"{style}.webp").convert("RGBA")

    @cache  # noqa: B019 - as above
    def is_round(self, style: str, cell: int) -> bool:
        """Whether the picture hardly changes when it turns, so that nobody could see it spin."""
        picture = self.picture(style, cell).convert("RGBa")
        pixels = np.asarray(picture, dtype=np.int16)
        turned = np.asarray(picture.transpose(Image.Transpose.ROTATE_90), dtype=np.int16)
        inside = np.maximum(pixels[:, :, 3], turned[:, :, 3]) > 64
        return float(np.abs(pixels - turned)[inside].mean()) < _ROUND_BELOW


@cache
def training_atlas() -> Atlas:
    """The styles that may be trained on."""
    return Atlas(ART_DIRECTORY / "seen")
