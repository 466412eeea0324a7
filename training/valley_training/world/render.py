"""Draws the pictures of a scene. The same code draws the training frames (small) and the evaluation clips (large)."""

from __future__ import annotations

import io
import random

import numpy as np
from PIL import Image, ImageDraw

from valley_training.world.art import sticker
from valley_training.world.scene import Scene

# Top and bottom colour of each setting, RGB 0..255.
_GRADIENTS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    "sky": ((110, 180, 245), (200, 228, 250)),
    "night": ((10, 12, 40), (35, 38, 85)),
    "sea": ((60, 160, 200), (10, 70, 140)),
    "grass": ((120, 190, 90), (60, 140, 50)),
    "snow": ((235, 240, 248), (250, 250, 252)),
    "desert": ((240, 210, 150), (215, 165, 95)),
}


def draw_background(setting: str, rng: random.Random, side: int) -> np.ndarray:
    """[side, side, 3] float32, 0..255: a gradient with the setting's own marks, varied by the generator."""
    top, bottom = (np.array(colour, dtype=np.float32) for colour in _GRADIENTS[setting])
    shift = np.array([rng.uniform(-12, 12) for _ in range(3)], dtype=np.float32)
    share = np.linspace(0, 1, side, dtype=np.float32)[:, None]
    rows = np.clip(top * (1 - share) + bottom * share + shift, 0, 255)  # [side, 3]
    image = Image.fromarray(np.broadcast_to(rows[:, None], (side, side, 3)).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    _DECORATIONS[setting](draw, rng, side)
    return np.asarray(image, dtype=np.float32)


def _clouds(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    for _ in range(rng.randint(1, 3)):
        x, y, width = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0.15, 0.35) * side
        for part in range(3):
            left = x + part * width * 0.3
            draw.ellipse((left, y, left + width * 0.5, y + width * 0.3), fill=(246, 249, 253))


def _stars(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    radius = max(1.0, side / 150)
    for _ in range(rng.randint(14, 30)):
        x, y = rng.uniform(0, side), rng.uniform(0, side)
        light = rng.randint(150, 250)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(light, light, light - 20))


def _waves(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    for _ in range(rng.randint(6, 10)):
        x, y, width = rng.uniform(-0.1, 1) * side, rng.uniform(0, side), rng.uniform(0.1, 0.25) * side
        draw.arc((x, y, x + width, y + width * 0.35), 200, 340, fill=(150, 210, 235), width=max(1, side // 90))


def _blades(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    for _ in range(rng.randint(35, 60)):
        x, y, height = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0.02, 0.06) * side
        draw.line(
            (x, y, x + rng.uniform(-0.3, 0.3) * height, y - height),
            fill=(45, rng.randint(100, 130), 40),
            width=max(1, side // 128),
        )


def _flakes(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    for _ in range(rng.randint(15, 30)):
        x, y, radius = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0.006, 0.014) * side
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(205, 218, 236))


def _dunes(draw: ImageDraw.ImageDraw, rng: random.Random, side: int) -> None:
    for _ in range(rng.randint(2, 4)):
        x, y, width = rng.uniform(-0.4, 0.8) * side, rng.uniform(0.1, 0.9) * side, rng.uniform(0.5, 0.9) * side
        draw.arc((x, y, x + width, y + width * 0.4), 190, 350, fill=(196, 146, 84), width=max(1, side // 60))


_DECORATIONS = {"sky": _clouds, "night": _stars, "sea": _waves, "grass": _blades, "snow": _flakes, "desert": _dunes}


def render_frames(scene: Scene, times: list[float], side: int) -> list[np.ndarray]:
    """Pictures of a scene at the given clip times: uint8 RGB [side, side, 3] each."""
    rng = random.Random(scene.seed)
    background = draw_background(scene.setting, rng, side)
    frames = []
    for time in times:
        picture = background.copy()
        for actor in scene.actors:
            if actor.visible(time):
                size = max(4, round(actor.size * side))
                colour, rest = sticker(actor.thing, actor.style, size)
                x, y = actor.centre(time)
                left = min(max(0, round(x * side - size / 2)), side - size)
                top = min(max(0, round(y * side - size / 2)), side - size)
                region = picture[top : top + size, left : left + size]
                region *= rest
                region += colour
        frames.append(np.clip(picture, 0, 255).astype(np.uint8))
    return frames


def training_frame(picture: np.ndarray, rng: random.Random, side: int) -> np.ndarray:
    """A rendered picture as the product would see it: scaled as the pixel recipe does, light varied, often with the
    losses of a codec (JPEG stands in for H.264: both quantise blocks and halve the colour). uint8 [side, side, 3]."""
    image = Image.fromarray(picture)
    if rng.random() < 0.6:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=rng.randint(35, 90))
        image = Image.open(buffer)
    if image.size != (side, side):
        image = image.resize((side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.float32)
    pixels = (pixels - 128) * rng.uniform(0.9, 1.1) + 128 + rng.uniform(-10, 10)
    return np.clip(pixels, 0, 255).astype(np.uint8)
