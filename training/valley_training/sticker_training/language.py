"""The decoder learns the world's four languages. It reads clips in words and holds dialogues about them, so that later it
only has to learn to see. The words are notes in the text, or stand where visual tokens will be."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tokenizers import Tokenizer
from torch import Tensor
from transformers import LlamaForCausalLM

from valley_training.data.frame_times import timed_block
from valley_training.sticker_training.answers import DialogueGroup, Sample, dialogue_loss, in_groups
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.exchanges import tokenize_exchanges
from valley_training.sticker_training.notes import notes_of
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_training.records import Mentions, records_of
from valley_training.sticker_training.told import told_clip
from valley_training.sticker_training.told_words import word_vectors
from valley_training.sticker_world.dialogue import sample_exchanges
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene

# Of the dialogues, the share whose clip stands where visual tokens will be; the others have notes, which are longer.
_TOLD_SHARE = 0.9


@dataclass(frozen=True)
class LanguageBatch:
    """Dialogues, whose `clips` are numbers in `told`: weights over words for each visual token [P + T, W]."""

    dialogues: list[DialogueGroup]
    told: list[Tensor]


def make_language_part(config: StickerConfig, number: int, tokenizer: Tokenizer, mentions: Mentions) -> LanguageBatch:
    """A part of a step, from its numbers alone: so many scenes, each told of in `dialogues` languages."""
    settings, context = config.language_stage, config.language.context
    rng = random.Random(f"sticker-language-{config.seed}-{number}")
    samples: list[Sample] = []
    told: list[Tensor] = []
    for _ in range(settings.batch):
        scene = sample_scene(rng, held_out=False)
        times = frame_times(scene, config.frames)
        known = records_of(scene, times)
        for code in rng.sample(LANGUAGES, settings.dialogues):
            exchanges = sample_exchanges(scene, rng, code, settings.turns)
            is_told = rng.random() < _TOLD_SHARE
            block = timed_block(config.vision.patches, times) if is_told else notes_of(scene, times)
            ids, labels, numbers = (one[:context] for one in tokenize_exchanges(tokenizer, exchanges, block))
            records = mentions.records(ids, code, [known]) if is_told else []
            samples.append(Sample(ids, labels, [len(told)] if is_told else [], records, numbers))
            if is_told:
                told.append(told_clip(scene, times, config.vision.patches_a_side))
    return LanguageBatch(in_groups(samples, tokenizer.token_to_id("<pad>")), told)


def language_loss(decoder: LlamaForCausalLM, words: Tensor, batch: LanguageBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss on what is told; `words` are the word_weights of the told words."""
    embeddings = decoder.get_input_embeddings().weight
    device = embeddings.device
    vectors = word_vectors(embeddings, words.to(device))  # [W, Dl]
    with quick_precision(device):
        return dialogue_loss(decoder, batch.dialogues, [one @ vectors for one in batch.told])
