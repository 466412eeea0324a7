"""The reference pipeline in Python: a clip file becomes an answer with PyTorch, Pillow and a plain full decode. Slow and
simple on purpose: what the product is compared with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.data.clips import EXACT_COLOUR
from valley_training.data.dialogue import SYSTEM_PROMPT, visual_block
from valley_training.data.pixels import to_pixel_values
from valley_training.model.valley import Valley


def decode_clip(path: Path, side: int) -> np.ndarray:
    """All pictures of a square clip of the given side, uint8 RGB [N, side, side, 3]."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-vf", f"scale={side}:{side}:flags={EXACT_COLOUR}"]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    data = subprocess.run(command, check=True, capture_output=True).stdout
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, side, side, 3)


def frames_to_pixel_values(pictures: np.ndarray, side: int) -> Tensor:
    """Square pictures -> [T, 3, side, side]: short side to `side` with Pillow's bilinear filter, CLIP's numbers."""
    resized = [np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR)) for picture in pictures]
    return to_pixel_values(torch.from_numpy(np.stack(resized)))


def prompt_text(turns: list[tuple[str, str | None]], patches: int, frames: int) -> str:
    """The chat template by hand: (question, answer or None) turns, the clip at the end of the first question."""
    text = f"<s>{SYSTEM_PROMPT}\n\n"
    for index, (question, answer) in enumerate(turns):
        block = f"\n{visual_block(patches, frames)}" if index == 0 else ""
        text += f"### Human: {question}{block}\n### Assistant:"
        if answer is not None:
            text += f" {answer}</s>\n"
    return text


def answer(
    model: Valley, tokenizer: Tokenizer, visual: Tensor, turns: list[tuple[str, str | None]], frames: int
) -> tuple[list[int], list[int], str]:
    """Prompt ids, greedy ids (the end token included) and the answer's text."""
    text = prompt_text(turns, model.config.vision.patches, frames)
    prompt_ids = tokenizer.encode(text, add_special_tokens=False).ids
    generated = model.generate_greedy(prompt_ids, [visual], 64, {model.config.special_ids["</s>"]})
    return prompt_ids, generated, tokenizer.decode(generated, skip_special_tokens=True).strip()
