"""Stages 3 and 4, the two phases of arXiv 2306.07207: first only the projector learns, from descriptions of clips; then
the projector and the decoder learn together, from instructions. The tower is frozen in both. Temporal pooling that has
weights (v2, v3) learns in both: the published code leaves it at its random start in phase 1."""

from __future__ import annotations

import random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.config import StageSettings, TrainingConfig
from valley_training.data.dialogue import DialogueBatch, Segment, pad_batch, tokenize_dialogue, visual_block
from valley_training.data.features import FeatureStore, clip_plan, scene_of
from valley_training.loop.device import bfloat16
from valley_training.model.valley import Valley
from valley_training.stages.language import next_token_loss
from valley_training.world.language import Turn, ask_description, ask_small_talk, roughened, sample_dialogue

# Shares of phase 2's dialogues that speak of two clips, and that begin with words before any clip is there.
TWO_CLIPS_SHARE = 0.12
WORDS_FIRST_SHARE = 0.08


def make_phase_batch(config: TrainingConfig, phase: int, step: int, tokenizer: Tokenizer) -> DialogueBatch:
    """The batch of one step, from its numbers alone. Phase 1 describes, phase 2 holds whole dialogues."""
    settings: StageSettings = config.phase1 if phase == 1 else config.phase2
    rng = random.Random(f"phase{phase}-{config.seed}-{step}")
    plan = clip_plan(config)
    samples, clips = [], []
    for _ in range(settings.batch):
        chosen = [rng.randrange(len(plan))]
        if phase == 2 and rng.random() < TWO_CLIPS_SHARE:
            chosen.append(rng.randrange(len(plan)))
        segments = []
        for index in chosen:
            turns = _turns(config, phase, index, plan[index], rng, max(2, settings.turns // len(chosen)))
            segments.append(Segment(turns, visual_block(config.vision.patches, plan[index])))
        if phase == 2 and rng.random() < WORDS_FIRST_SHARE:
            segments.insert(0, Segment([ask_small_talk(rng)], ""))
        samples.append(tokenize_dialogue(tokenizer, segments))
        clips.append(chosen)
    return pad_batch(samples, clips, tokenizer.token_to_id("<pad>"))


def _turns(config: TrainingConfig, phase: int, index: int, frames: int, rng: random.Random, most: int) -> list[Turn]:
    scene = scene_of(config, index, frames)
    if phase == 1:
        turn = ask_description(scene, rng, still_picture=frames == 1)
        return [Turn(turn.kind, roughened(turn.question, rng), turn.answer)]
    return sample_dialogue(scene, rng, rng.randint(max(1, most - 2), most), still_picture=frames == 1)


def phase_loss(model: Valley, store: FeatureStore, batch: DialogueBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss on kept features."""
    device = batch.token_ids.device
    with bfloat16(device):
        indices = list(dict.fromkeys(index for clips in batch.clips for index in clips))
        pooled = model.pool_clips([store.clip(index).to(device, torch.float32) for index in indices])
        visual = {index: tokens.float() for index, tokens in zip(indices, pooled, strict=True)}
        logits = model(batch.token_ids, [[visual[index] for index in clips] for clips in batch.clips])
    return next_token_loss(logits, batch.labels)
