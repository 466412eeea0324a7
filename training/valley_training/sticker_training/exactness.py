"""How many answers about held-out scenes are right to the last token, by kind of question: with what would be told in place of
what is seen, and with what is seen. A look between pieces, in seconds; `npm run evaluate` is the measurement."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

import torch
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.data.dialogue import IGNORED, Segment, tokenize_dialogue
from valley_training.data.frame_times import timed_block
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import spliced
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.seeing import seen_clip
from valley_training.sticker_training.told import told_clip
from valley_training.sticker_training.told_words import word_vectors
from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene

_TURNS = 2


@dataclass
class Count:
    """Answers of a kind, and how many of them were right."""

    asked: int = 0
    told: int = 0
    seen: int = 0


@torch.no_grad()
def exactness(model: Valley, config: StickerConfig, tokenizer: Tokenizer, words: Tensor, scenes: int) -> dict[str, Count]:
    """Counts by kind, for dialogues about so many scenes in all languages in turn; each answer with the turns before it as
    they should have been, so that a greedy answer is counted as right or wrong without being written. `words` are the
    word_weights of the told words."""
    rng = random.Random("sticker-exactness")
    vectors = word_vectors(model.decoder.get_input_embeddings().weight, words)  # [W, Dl]
    counts: dict[str, Count] = defaultdict(Count)
    for number in range(scenes):
        scene = sample_scene(rng, held_out=True)
        times = frame_times(scene, config.frames)
        turns = sample_dialogue(scene, rng, LANGUAGES[number % len(LANGUAGES)], _TURNS)
        ids, labels = tokenize_dialogue(tokenizer, [Segment(turns, timed_block(config.vision.patches, times))], clip_first=True)
        told = told_clip(scene, times, config.vision.patches_a_side) @ vectors
        by_telling = _right(model, ids, labels, told)
        by_seeing = _right(model, ids, labels, seen_clip(model, scene, times))
        for turn, was_told, was_seen in zip(turns, by_telling, by_seeing, strict=True):
            count = counts[turn.kind]
            count.asked += 1
            count.told += was_told
            count.seen += was_seen
    return dict(counts)


def table_of(counts: dict[str, Count]) -> str:
    """A line a kind, and one for all."""
    total = Count(*(sum(getattr(one, name) for one in counts.values()) for name in ("asked", "told", "seen")))
    lines = [f"{'kind':12} {'asked':>6} {'told':>6} {'seen':>6}"]
    for kind, count in [*sorted(counts.items()), ("all", total)]:
        lines.append(f"{kind:12} {count.asked:6} {count.told / count.asked:6.0%} {count.seen / count.asked:6.0%}")
    return "\n".join(lines)


def _right(model: Valley, ids: list[int], labels: list[int], visual: Tensor) -> list[bool]:
    """Of each answer of the dialogue, whether all its tokens were the likeliest."""
    embeddings = spliced(model.decoder, torch.tensor([ids]), [visual])
    likeliest = model.decoder(inputs_embeds=embeddings).logits[0].argmax(-1).tolist()
    answers = groupby(zip(labels, likeliest, strict=True), key=lambda pair: pair[0] != IGNORED)
    return [all(label == said for label, said in answer) for is_answer, answer in answers if is_answer]
