"""The trained model as a Hugging Face layout checkpoint, for `valley model build`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from valley_training.config import TrainingConfig
from valley_training.data.dialogue import SYSTEM_PROMPT
from valley_training.data.pixels import CLIP_MEAN, CLIP_STD
from valley_training.model.checkpoint import save_checkpoint
from valley_training.model.valley import Valley
from valley_training.tokenizer import tokenizer_files
from valley_training.world.art import LICENCES, THINGS

DESCRIPTION = (
    f"A small model of a drawn world: it knows {len(THINGS)} sticker things, where they move, how many there are and what "
    "came first. It knows nothing of camera footage."
)


def valley_config(config: TrainingConfig) -> dict[str, Any]:
    """What the product must know beside the weights (models/README.md)."""
    side = config.vision.image_pixels
    pixels = {
        "resizeMode": "shortest-edge",
        "resizePixels": side,
        "filter": "bilinear",
        "cropPixels": side,
        "mean": list(CLIP_MEAN),
        "std": list(CLIP_STD),
    }
    art = ", ".join(f"{style['name']} ({style['licence']})" for style in LICENCES)
    return {
        "name": config.name,
        "description": DESCRIPTION,
        "licence": f"Apache-2.0; trained on drawings made with {art}",
        "source": {"repository": "training/ of this project", "revision": f"configs, seed {config.seed}"},
        "frames": {"mode": "uniform", "count": config.frames},
        "maxFrames": 64,
        "pixels": {"video": pixels, "image": pixels},
        "tokens": {
            "patch": "<im_patch>",
            "patchStart": "<im_start>",
            "patchEnd": "<im_end>",
            "frame": "<vi_frame>",
            "frameStart": "<vi_start>",
            "frameEnd": "<vi_end>",
        },
        "prompt": {"system": SYSTEM_PROMPT, "stop": ["###"], "reserved": ["###"], "clipPosition": "after-text"},
    }


def export(model: Valley, config: TrainingConfig, tokenizer: Any, directory: Path) -> None:
    """Writes the checkpoint folder."""
    save_checkpoint(model, directory, tokenizer_files=tokenizer_files(tokenizer), valley_config=valley_config(config))
