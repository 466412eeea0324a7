"""Dialogues as tokens: the text of the chat template, the visual block of a clip in it, and which tokens are learnt."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.data.captions import place_words
from valley_training.world.language import Turn
from valley_training.world.scene import Scene

SYSTEM_PROMPT = "Valley answers questions about a clip."
IGNORED = -100  # label of a token that is not learnt


@dataclass(frozen=True)
class Segment:
    """Turns about one clip; `block` is what stands for the clip at the end of the first question (empty for none)."""

    turns: list[Turn]
    block: str


@dataclass(frozen=True)
class DialogueBatch:
    """Right padded."""

    token_ids: Tensor  # [B, S] int64
    labels: Tensor  # [B, S] int64, the next token or IGNORED
    clips: list[list[int]]  # each sample's clips in the order of their marks


def visual_block(patches: int, frames: int) -> str:
    """The placeholders of one clip, each group within its markers."""
    return "<im_start>" + "<im_patch>" * patches + "<im_end><vi_start>" + "<vi_frame>" * frames + "<vi_end>"


def notes_of(scene: Scene, frames: int, rng: random.Random) -> str:
    """A clip in words, picture by picture: what the language stage reads instead of visual tokens."""
    lines = []
    for index in range(frames):
        actors = [actor for actor in scene.actors if actor.visible(index / max(1, frames - 1))]
        rng.shuffle(actors)
        parts = [" ".join([actor.thing, *place_words(*actor.centre(index / max(1, frames - 1)))]) for actor in actors]
        lines.append(", ".join(parts))
    return f"<vi_start>{scene.setting}: " + "; ".join(lines) + "<vi_end>"


def dialogue_text(segments: list[Segment], clip_first: bool = False) -> tuple[str, list[tuple[int, int]]]:
    """The whole text, and the character spans that are learnt: each answer with its end token. clip_first: a clip's block
    stands before the question that it comes with, not after it."""
    text = f"<s>{SYSTEM_PROMPT}\n\n"
    spans = []
    for segment in segments:
        for index, turn in enumerate(segment.turns):
            block = [segment.block] if index == 0 and segment.block else []
            lines = [*block, turn.question] if clip_first else [turn.question, *block]
            text += "### Human: " + "\n".join(lines) + "\n### Assistant:"
            start = len(text)
            text += f" {turn.answer}</s>"
            spans.append((start, len(text)))
            text += "\n"
    return text, spans


def tokenize_dialogue(
    tokenizer: Tokenizer, segments: list[Segment], clip_first: bool = False
) -> tuple[list[int], list[int]]:
    """Token ids, and for each position the token to be predicted there (IGNORED outside the answers)."""
    return label_spans(tokenizer, *dialogue_text(segments, clip_first))


def label_spans(tokenizer: Tokenizer, text: str, spans: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Token ids of a text, and for each position the next token where that lies within a span, else IGNORED."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    ids: list[int] = encoding.ids
    learnt = [False] * len(ids)
    current = 0
    for index, (start, end) in enumerate(encoding.offsets):
        while current < len(spans) and start >= spans[current][1]:
            current += 1
        learnt[index] = current < len(spans) and spans[current][0] <= start and end <= spans[current][1]
    labels = [ids[index + 1] if learnt[index + 1] else IGNORED for index in range(len(ids) - 1)] + [IGNORED]
    return ids, labels


def pad_batch(samples: list[tuple[list[int], list[int]]], clips: list[list[int]], padding: int) -> DialogueBatch:
    """Samples of different lengths as one batch."""
    length = max(len(ids) for ids, _ in samples)
    token_ids = torch.full((len(samples), length), padding)
    labels = torch.full((len(samples), length), IGNORED)
    for row, (ids, targets) in enumerate(samples):
        token_ids[row, : len(ids)] = torch.tensor(ids)
        labels[row, : len(ids)] = torch.tensor(targets)
    return DialogueBatch(token_ids, labels, clips)
