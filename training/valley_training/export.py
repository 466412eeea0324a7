"""The trained model as a Hugging Face layout checkpoint, for `valley model build`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from valley_training.config import TrainingConfig
from valley_training.data.dialogue import SYSTEM_PROMPT
from valley_training.model.checkpoint import save_checkpoint
from valley_training.model.valley import Valley
from valley_training.model.valley_config import pixel_recipe, valley_config
from valley_training.tokenizer import tokenizer_files
from valley_training.world.art import LICENCES, THINGS

DESCRIPTION = (
    f"A small model of a drawn world: it knows {len(THINGS)} sticker things, where they move, how many there are and what "
    "came first. It knows nothing of camera footage."
)


def drawn_world_settings(config: TrainingConfig) -> dict[str, Any]:
    """valley_config.json of the model."""
    side = config.vision.image_pixels
    art = ", ".join(f"{style['name']} ({style['licence']})" for style in LICENCES)
    pixels = pixel_recipe(side, side)
    return valley_config(
        name=config.name,
        description=DESCRIPTION,
        licence=f"Apache-2.0; trained on drawings made with {art}",
        repository="training/ of this project",
        revision=f"configs, seed {config.seed}",
        frames=config.frames,
        max_frames=64,
        video=pixels,
        image=pixels,
        system=SYSTEM_PROMPT,
    )


def export(model: Valley, config: TrainingConfig, tokenizer: Any, directory: Path) -> None:
    """Writes the checkpoint folder."""
    save_checkpoint(model, directory, tokenizer_files=tokenizer_files(tokenizer), valley_config=drawn_world_settings(config))
