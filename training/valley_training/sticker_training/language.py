"""The decoder learns the world's four languages. It reads clips in words and holds dialogues about them, so that later it
only has to learn to see."""

from __future__ import annotations

import random

from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from valley_training.data.dialogue import IGNORED, DialogueBatch, Segment, pad_batch, tokenize_dialogue
from valley_training.sticker_training.config import StageSettings
from valley_training.sticker_training.notes import notes_of
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene


def make_language_part(
    seed: int, number: int, settings: StageSettings, tokenizer: Tokenizer, frames: int, context: int
) -> DialogueBatch:
    """A part of a step, from its numbers alone: so many scenes, each told of in `dialogues` languages."""
    rng = random.Random(f"sticker-language-{seed}-{number}")
    samples = []
    for _ in range(settings.batch):
        scene = sample_scene(rng, held_out=False)
        notes = notes_of(scene, frame_times(scene, frames))
        for code in rng.sample(LANGUAGES, settings.dialogues):
            turns = sample_dialogue(scene, rng, code, settings.turns)
            samples.append(cut(tokenize_dialogue(tokenizer, [Segment(turns, notes)]), context))
    return pad_batch(samples, [[] for _ in samples], tokenizer.token_to_id("<pad>"))


def cut(sample: tuple[list[int], list[int]], context: int) -> tuple[list[int], list[int]]:
    """No longer than the decoder reads."""
    ids, labels = sample
    return ids[:context], labels[:context]


def language_loss(decoder: LlamaForCausalLM, batch: DialogueBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss on text alone."""
    with quick_precision(batch.token_ids.device):
        return answer_loss(decoder, decoder.get_input_embeddings()(batch.token_ids), batch.labels)


def answer_loss(decoder: LlamaForCausalLM, embeddings: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropy of the learnt positions, whose logits alone are computed, and the share predicted right."""
    hidden = decoder.model(inputs_embeds=embeddings, use_cache=False).last_hidden_state  # [B, S, Dl]
    learnt = labels != IGNORED
    logits, targets = decoder.lm_head(hidden[learnt]).float(), labels[learnt]
    loss = nn.functional.cross_entropy(logits, targets)
    return loss, {"right": (logits.argmax(-1) == targets).float().mean().item()}
