"""Clips for the two phases, drawn when they are needed: no clip comes twice. Each is asked about in several dialogues, so
that drawing and looking are paid once."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.data.dialogue import Segment, tokenize_dialogue
from valley_training.data.frame_times import timed_block
from valley_training.sticker_training.answers import DialogueGroup, Sample, in_groups
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.exchanges import tokenize_exchanges
from valley_training.sticker_training.records import Mentions, records_of
from valley_training.sticker_training.told import told_clip
from valley_training.sticker_world import questions_events as events
from valley_training.sticker_world.dialogue import sample_dialogue, sample_exchanges, say
from valley_training.sticker_world.facts import Facts
from valley_training.sticker_world.languages.speech import LANGUAGES, language
from valley_training.sticker_world.meaning import Turn
from valley_training.sticker_world.questions_things import ask_things
from valley_training.sticker_world.render import frame_times, render_frames
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import Scene

# Of the clips, shares of still pictures, of clips seen in half as many frames, and in twice as many.
_STILL_SHARE, _SHORT_SHARE, _LONG_SHARE = 0.08, 0.12, 0.05
# Shares of dialogues that speak of two clips, and that begin with words before any clip is there.
_TWO_CLIPS_SHARE, _WORDS_FIRST_SHARE = 0.08, 0.05


@dataclass(frozen=True)
class ClipBatch:
    """Clips with the dialogues about them, whose `clips` are numbers of clips here, and what would be told of each."""

    pictures: Tensor  # [sum of frames, side, side, 3] uint8
    lengths: list[int]  # frames of each clip
    dialogues: list[DialogueGroup]
    told: list[Tensor]  # of each clip [P + T, W]


@dataclass(frozen=True)
class _Clip:
    scene: Scene
    times: list[float]
    is_still: bool


def make_clip_part(
    config: StickerConfig, phase: int, number: int, tokenizer: Tokenizer, mentions: Mentions
) -> ClipBatch:
    """A part of a step, from its numbers alone. Phase 1 describes, phase 2 holds whole dialogues."""
    settings = config.phase1 if phase == 1 else config.phase2
    rng = random.Random(f"sticker-phase{phase}-{config.seed}-{number}")
    clips = [_sample_clip(rng, config.frames) for _ in range(settings.batch)]
    pictures = [
        picture for clip in clips for picture in render_frames(clip.scene, clip.times, config.vision.image_pixels)
    ]
    known = [records_of(clip.scene, clip.times) for clip in clips]
    samples = []
    for index in range(len(clips)):
        for code in rng.sample(LANGUAGES, settings.dialogues):
            two = phase == 2 and rng.random() < _TWO_CLIPS_SHARE
            chosen = [index, rng.randrange(len(clips))] if two else [index]
            ids, labels, numbers = _sample_row(config, phase, [clips[one] for one in chosen], rng, code, tokenizer)
            records = mentions.records(ids, code, [known[one] for one in chosen])
            samples.append(Sample(ids, labels, chosen, records, numbers))
    dialogues = in_groups(samples, tokenizer.token_to_id("<pad>"))
    told = [told_clip(clip.scene, clip.times, config.vision.patches_a_side) for clip in clips]
    return ClipBatch(torch.from_numpy(np.stack(pictures)), [len(clip.times) for clip in clips], dialogues, told)


def _sample_row(
    config: StickerConfig, phase: int, clips: list[_Clip], rng: random.Random, code: str, tokenizer: Tokenizer
) -> tuple[list[int], list[int], list[int]]:
    """Exchanges or a dialogue as ids, labels and numbers of exchanges; what does not fit the context has fewer turns, for no
    clip may be cut."""
    turns = (config.phase1 if phase == 1 else config.phase2).turns // len(clips)
    while True:
        row = _row(config, phase, clips, rng, code, tokenizer, max(1, turns))
        if len(row[0]) <= config.language.context or turns == 0:
            return row
        turns //= 2


def _row(
    config: StickerConfig,
    phase: int,
    clips: list[_Clip],
    rng: random.Random,
    code: str,
    tokenizer: Tokenizer,
    turns: int,
) -> tuple[list[int], list[int], list[int]]:
    blocks = [timed_block(config.vision.patches, clip.times) for clip in clips]
    if phase == 1:
        return tokenize_exchanges(tokenizer, [[_description(clips[0], rng, code)]], blocks[0])
    greets = rng.random() < _WORDS_FIRST_SHARE
    if len(clips) == 1 and not greets:
        clip = clips[0]
        return tokenize_exchanges(tokenizer, sample_exchanges(clip.scene, rng, code, turns, clip.is_still), blocks[0])
    segments = [
        Segment(sample_dialogue(clip.scene, rng, code, turns, single_picture=clip.is_still), block)
        for clip, block in zip(clips, blocks, strict=True)
    ]
    if greets:
        greeting, answer = rng.choice(language(code).talk)
        segments.insert(0, Segment([Turn("talk", code, greeting, answer, {})], ""))
    ids, labels = tokenize_dialogue(tokenizer, segments, clip_first=True)
    return ids, labels, [0] * len(ids)


def _sample_clip(rng: random.Random, frames: int) -> _Clip:
    kind = rng.random()
    if kind < _STILL_SHARE:
        scene = sample_scene(rng, held_out=False, still_picture=True)
        return _Clip(scene, [0.0], True)
    kind -= _STILL_SHARE
    count = max(2, frames // 2) if kind < _SHORT_SHARE else 2 * frames if kind < _SHORT_SHARE + _LONG_SHARE else frames
    scene = sample_scene(rng, held_out=False)
    return _Clip(scene, frame_times(scene, count), False)


def _description(clip: _Clip, rng: random.Random, code: str) -> Turn:
    make = ask_things if clip.is_still else rng.choice((events.ask_short, events.ask_long, ask_things))
    return say(make(Facts(clip.scene), rng), language(code), rng)
