"""valley_config.json: what the product must know beside the weights (models/README.md)."""

from __future__ import annotations

from typing import Any

from valley_training.data.pixels import CLIP_MEAN, CLIP_STD


def pixel_recipe(resize: int, crop: int, filter_name: str = "bilinear", resize_mode: str = "shortest-edge") -> dict[str, Any]:
    """How a picture becomes pixel values."""
    return {
        "resizeMode": resize_mode,
        "resizePixels": resize,
        "filter": filter_name,
        "cropPixels": crop,
        "mean": list(CLIP_MEAN),
        "std": list(CLIP_STD),
    }


def valley_config(
    *,
    name: str,
    description: str,
    licence: str,
    repository: str,
    revision: str,
    frames: int,
    max_frames: int,
    video: dict[str, Any],
    image: dict[str, Any],
    system: str,
    clip_position: str = "after-text",
) -> dict[str, Any]:
    """The file's content; tokens and prompt are those that every model here is trained with."""
    return {
        "name": name,
        "description": description,
        "licence": licence,
        "source": {"repository": repository, "revision": revision},
        "frames": {"mode": "uniform", "count": frames},
        "maxFrames": max_frames,
        "pixels": {"video": video, "image": image},
        "tokens": {
            "patch": "<im_patch>",
            "patchStart": "<im_start>",
            "patchEnd": "<im_end>",
            "frame": "<vi_frame>",
            "frameStart": "<vi_start>",
            "frameEnd": "<vi_end>",
        },
        "prompt": {"system": system, "stop": ["###"], "reserved": ["###"], "clipPosition": clip_position},
    }
