"""The trained model as a Hugging Face layout checkpoint, for `valley model build`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from valley_training.data.dialogue import SYSTEM_PROMPT
from valley_training.model.checkpoint import save_checkpoint
from valley_training.model.valley_config import pixel_recipe, valley_config
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.run import StickerRun
from valley_training.sticker_world.art import training_atlas
from valley_training.sticker_world.things import NAMES
from valley_training.tokenizer import tokenizer_files

# The package's, whichever size of the configurations it is.
NAME = "valley-sticker-world"
MAX_FRAMES = 64
DESCRIPTION = (
    f"A small model of a drawn world: it knows {len(NAMES)} sticker things, what they do, when and where, and answers in "
    "English, Spanish, Chinese and German. It knows nothing of camera footage."
)


def sticker_settings(config: StickerConfig) -> dict[str, Any]:
    """valley_config.json of the model."""
    side = config.vision.image_pixels
    art = ", ".join(f"{style['name']} ({style['licence']})" for style in training_atlas().licences)
    pixels = pixel_recipe(side, side)
    settings = valley_config(
        name=NAME,
        description=DESCRIPTION,
        licence=f"Apache-2.0; trained on drawings made with {art}",
        repository="training/ of this project",
        revision=f"configs/{config.name.removeprefix('valley-')}.yaml, seed {config.seed}",
        frames=config.frames,
        max_frames=MAX_FRAMES,
        video=pixels,
        image=pixels,
        system=SYSTEM_PROMPT,
        clip_position="before-text",
    )
    settings["prompt"]["frameTimes"] = "tenths"
    return settings


def export_sticker(run: StickerRun, directory: Path) -> None:
    """Writes the checkpoint folder."""
    files = tokenizer_files(run.tokenizer())
    save_checkpoint(run.trained(), directory, tokenizer_files=files, valley_config=sticker_settings(run.config))
