"""Draws the pictures of a scene. The same code draws small training frames and large evaluation clips."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from valley_training.sticker_world.art import Atlas, training_atlas
from valley_training.sticker_world.backgrounds import FIRST, SPAN, draw_background
from valley_training.sticker_world.scene import Placed, Scene, Shot, placed, view_of
from valley_training.sticker_world.sprites import shadow, sprite

# A fade stops short of black: the first and the last frame are among those that a model looks at.
_DARKEST = 0.3
_SHADOW_OFFSET = 0.05  # of a sticker's size, to the right and down


def frame_times(scene: Scene, count: int) -> list[float]:
    """Clip times of `count` frames chosen as the product chooses them: evenly from the first frame to the last."""
    total = max(1, round(scene.seconds * scene.frames_per_second))
    indices = [int(index * (total - 1) / max(1, count - 1)) for index in range(count)]
    return [index / scene.frames_per_second for index in indices]


def all_times(scene: Scene) -> list[float]:
    """Clip times of every frame."""
    return [index / scene.frames_per_second for index in range(max(1, round(scene.seconds * scene.frames_per_second)))]


def frame_size(scene: Scene, side: int, whole: bool) -> tuple[int, int]:
    """Width and height in pixels, even numbers for a whole frame as video codecs want them."""
    if not whole:
        return side, side
    wide = 2 * round(side * max(scene.aspect, 1 / scene.aspect) / 2)
    return (wide, side) if scene.aspect >= 1 else (side, wide)


def render_frames(
    scene: Scene, times: Iterable[float], side: int, atlas: Atlas | None = None, whole: bool = False
) -> Iterator[np.ndarray]:
    """Pictures at clip times, uint8 RGB [height, width, 3]; equal arguments give equal pictures.

    side: pixels of the short side. whole: the whole frame instead of the square in its middle."""
    atlas = atlas or training_atlas()
    width, height = frame_size(scene, side, whole)
    for time in times:
        shot = scene.shot_at(time)
        picture = _background(scene, shot, time, side, width, height)
        for one in placed(scene, time):
            stick(picture, one, atlas, side)
        yield _finished(picture, scene, time, side)


def _background(scene: Scene, shot: Shot, time: float, side: int, width: int, height: int) -> np.ndarray:
    """[height, width, 3] uint8, a new array."""
    view = view_of(scene, shot, time)
    return _view(shot.setting, shot.seed, side, width, height, view).copy()


@lru_cache(maxsize=8)
def _canvas(setting: str, seed: int, side: int) -> Image.Image:
    return draw_background(setting, seed, side)


@lru_cache(maxsize=4)
def _view(setting: str, seed: int, side: int, width: int, height: int, view: tuple[float, float, float]) -> np.ndarray:
    """What a view shows of a canvas. A resting camera asks for the same view again and again."""
    canvas = _canvas(setting, seed, side)
    x, y, magnification = view
    half_x, half_y = width / side / 2 / magnification, height / side / 2 / magnification
    scale = canvas.width / SPAN
    box = tuple((value - FIRST) * scale for value in (x - half_x, y - half_y, x + half_x, y + half_y))
    box = tuple(min(max(value, 0.0), float(canvas.width)) for value in box)
    return np.asarray(canvas.resize((width, height), Image.Resampling.BILINEAR, box=box))


def stick(picture: np.ndarray, one: Placed, atlas: Atlas, side: int) -> None:
    """Puts a sticker onto the picture."""
    size, turn = max(3, round(one.size * side)), round(one.turn)
    if one.actor.look.shadow:
        offset = _SHADOW_OFFSET * one.size
        shade = shadow(atlas, one.actor.look, size, turn)
        region, part = _overlap(picture, one.x + offset, one.y + offset, shade.shape[0], shade.shape[1], side)
        picture[region] = (picture[region] * shade[part] // 255).astype(np.uint8)
    colour, rest = sprite(atlas, one.actor.look, size, turn)
    region, part = _overlap(picture, one.x, one.y, colour.shape[0], colour.shape[1], side)
    picture[region] = (picture[region] * rest[part] // 255).astype(np.uint8) + colour[part]


def _overlap(
    picture: np.ndarray, x: float, y: float, height: int, width: int, side: int
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The part of the picture that something of that size covers around a centre, and the part of it that lies inside."""
    tall, wide = picture.shape[:2]
    left = math.floor(wide / 2 + (x - 0.5) * side - width / 2 + 0.5)
    top = math.floor(tall / 2 + (y - 0.5) * side - height / 2 + 0.5)
    rows = slice(min(max(top, 0), tall), min(max(top + height, 0), tall))
    columns = slice(min(max(left, 0), wide), min(max(left + width, 0), wide))
    inside = (slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left))
    return (rows, columns), inside


def _finished(picture: np.ndarray, scene: Scene, time: float, side: int) -> np.ndarray:
    """Light, bars, fades, blur, noise and the losses of a codec (JPEG stands in for H.264: both quantise blocks and halve
    the colour)."""
    finish = scene.finish
    # Saturation and contrast in one product: each channel keeps its share, the grey of all three gets the rest.
    mix = finish.contrast * (finish.saturation * np.eye(3) + (1 - finish.saturation) / 3)
    values = picture.astype(np.float32) @ mix.astype(np.float32)
    values += 128 + finish.brightness - 128 * finish.contrast
    if finish.noise:
        grains = np.random.default_rng([scene.seed, round(time * 1000)])
        values += grains.standard_normal(values.shape, dtype=np.float32) * finish.noise
    light = 1.0
    if finish.fade_in:
        light = min(light, time / finish.fade_in)
    if finish.fade_out:
        light = min(light, (scene.seconds - time) / finish.fade_out)
    if light < 1:
        values *= max(_DARKEST, light)
    picture = values.clip(0, 255, out=values).astype(np.uint8)
    if finish.bars:
        bar = round(finish.bars * side)
        if scene.aspect >= 1:
            picture[:bar] = picture[len(picture) - bar :] = 0
        else:
            picture[:, :bar] = picture[:, picture.shape[1] - bar :] = 0
    if finish.blur * side > 0.3:
        picture = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(finish.blur * side)))
    if finish.quality is not None:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=finish.quality)
        picture = np.asarray(Image.open(buffer))
    return picture
