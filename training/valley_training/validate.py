"""A quick look at a model between stages: questions about held-out scenes, answered greedily and scored by their words.
The measured figures of a model come from `npm run evaluate`, on mp4 files through the product; this is for training."""

from __future__ import annotations

import random
from collections import defaultdict
from pathlib import Path

import torch
from tokenizers import Tokenizer

from valley_training.data.pixels import to_pixel_values
from valley_training.model.valley import Valley
from valley_training.reference import answer
from valley_training.stages.tower import RENDER_SCALE
from valley_training.world.language import (
    ask_count,
    ask_description,
    ask_motion,
    ask_order,
    ask_presence,
    ask_setting,
    ask_things,
)
from valley_training.world.render import render_frames, training_frame
from valley_training.world.scene import sample_scene

_ASKERS = (ask_things, ask_motion, ask_count, ask_order, ask_presence, ask_setting, ask_description)


@torch.no_grad()
def validate(
    model: Valley,
    tokenizer: Tokenizer,
    scenes: int,
    frames: int,
    samples_file: Path | None = None,
    held_out: bool = True,
) -> dict[str, float]:
    """Share of answers that equal the true one word for word, by kind of question, on `scenes` scenes."""
    model.eval()
    rng = random.Random("validate")
    right: dict[str, list[bool]] = defaultdict(list)
    lines = []
    side = model.config.vision.image_pixels
    for _ in range(scenes):
        scene = sample_scene(rng, held_out=held_out)
        pictures = render_frames(scene, [index / (frames - 1) for index in range(frames)], side * RENDER_SCALE)
        seen = torch.stack([torch.from_numpy(training_frame(picture, rng, side)) for picture in pictures])
        values = to_pixel_values(seen.to(model.mm_projector.weight.device))
        visual = model.pool_clip(model.encode_frames(values))
        for ask in _ASKERS:
            turn = ask(scene, rng)
            _, _, said = answer(model, tokenizer, visual, [(turn.question, None)], frames)
            right[turn.kind].append(said == turn.answer)
            lines.append(f"{'right' if said == turn.answer else 'WRONG'}\t{turn.kind}\t{turn.question}\t{turn.answer}\t{said}")
    if samples_file is not None:
        samples_file.write_text("\n".join(lines) + "\n")
    return {kind: sum(values) / len(values) for kind, values in right.items()}
