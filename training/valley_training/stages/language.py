"""Stage 2: the decoder learns the world's language. It reads clips in words, picture by picture, and answers about them,
so that later it only has to learn to read visual tokens instead."""

from __future__ import annotations

import random

from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from valley_training.config import StageSettings
from valley_training.data.dialogue import IGNORED, DialogueBatch, Segment, notes_of, pad_batch, tokenize_dialogue
from valley_training.loop.device import bfloat16
from valley_training.world.language import sample_dialogue
from valley_training.world.scene import sample_scene


def make_language_batch(seed: int, step: int, settings: StageSettings, tokenizer: Tokenizer, frames: int) -> DialogueBatch:
    """The batch of one step, from its numbers alone."""
    rng = random.Random(f"language-{seed}-{step}")
    samples = []
    for _ in range(settings.batch):
        scene = sample_scene(rng, held_out=False)
        turns = sample_dialogue(scene, rng, settings.turns)
        samples.append(tokenize_dialogue(tokenizer, [Segment(turns, notes_of(scene, frames, rng))]))
    return pad_batch(samples, [[] for _ in samples], tokenizer.token_to_id("<pad>"))


def next_token_loss(logits: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropy over the learnt positions, and the share of them predicted right."""
    learnt = labels != IGNORED
    chosen, targets = logits[learnt].float(), labels[learnt]
    loss = nn.functional.cross_entropy(chosen, targets)
    return loss, {"right": (chosen.argmax(-1) == targets).float().mean().item()}


def language_loss(decoder: LlamaForCausalLM, batch: DialogueBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss of the decoder on text alone."""
    with bfloat16(batch.token_ids.device):
        logits = decoder(input_ids=batch.token_ids).logits
    return next_token_loss(logits, batch.labels)
