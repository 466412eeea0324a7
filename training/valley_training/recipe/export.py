"""The trained model as a Hugging Face layout checkpoint in the published names, for `valley model build`."""

from __future__ import annotations

from pathlib import Path

import torch

from valley_training.model.checkpoint import save_checkpoint
from valley_training.model.shards import SHARD_BYTES
from valley_training.model.valley_config import pixel_recipe, valley_config
from valley_training.recipe.run import RecipeRun

MAX_FRAMES = 64


def export_recipe(run: RecipeRun, stage: str, directory: Path, shard_bytes: int = SHARD_BYTES) -> None:
    """Writes the checkpoint folder with the weights as a phase left them; LoRA is merged, in float32, before they are
    narrowed to the configuration's export_dtype."""
    config = run.config
    side = config.vision.image_pixels
    video, image = config.pixels.video, config.pixels.image
    settings = valley_config(
        name=config.name,
        description=config.card.description,
        licence=config.card.licence,
        repository="training/ of this project",
        revision=f"configs, seed {config.seed}",
        frames=config.frames,
        max_frames=MAX_FRAMES,
        video=pixel_recipe(video.resize, side, video.filter),
        image=pixel_recipe(image.resize, side, image.filter),
        system=config.prompt.system,
    )
    save_checkpoint(
        run.trained(stage),
        directory,
        tokenizer_files=run.tokenizer.files(),
        valley_config=settings,
        dtype=getattr(torch, config.export_dtype),
        shard_bytes=shard_bytes,
    )
