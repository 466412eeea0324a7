"""Clips look for their captions: how often the true one is among the likeliest of so many.

A caption fits a clip by how much likelier the clip makes it: the logarithm of its probability after this clip, less that
of its mean probability after all clips that look. Without the latter, short captions would win everywhere."""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from valley_training.data.dialogue import IGNORED, Segment, pad_batch, tokenize_dialogue
from valley_training.errors import TrainingError
from valley_training.experiments.arms import Arm
from valley_training.experiments.clips import sample_scene
from valley_training.experiments.ground import Ground
from valley_training.experiments.network import clip_block, visual_tokens
from valley_training.experiments.questions import ask, know, say
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import spliced
from valley_training.sticker_training.precision import quick_precision
from valley_training.world.language import Turn

RANKS = (1, 5, 10)
Sample = tuple[list[int], list[int]]  # token ids, labels
_CAPTIONS_AT_ONCE = 250
# Scenes that may be drawn for one more caption that is not there yet.
_TRIES = 50


@dataclass(frozen=True)
class Captions:
    """Distinct captions; the first of them belong to the clips that look."""

    turns: list[Turn]
    clips: list[int]  # numbers among the held-out clips


def collect_captions(ground: Ground) -> Captions:
    """The same for all arms and seeds: captions of held-out scenes, no two alike."""
    measures, settings, rng = ground.config.measures, ground.config.clips, random.Random("experiments-captions")
    turns: dict[str, Turn] = {}
    clips: list[int] = []
    for number in range(measures.captions * _TRIES):
        is_drawn = number < len(ground.held_out.known)
        known = ground.held_out.known[number] if is_drawn else know(sample_scene(number, True, settings), settings.things)
        asked = ask("description", known, rng)
        if asked is None:
            continue
        # One question for all, so that nothing but the clip tells captions apart.
        turn = say(asked, "description", "en", random.Random(0))
        if turn.answer not in turns:
            turns[turn.answer] = turn
            if is_drawn and len(clips) < measures.queries:
                clips.append(number)
        if len(turns) == measures.captions:
            break
    if len(turns) < measures.captions or len(clips) < measures.queries:
        raise TrainingError(f"measures.captions is {measures.captions}, the world has only {len(turns)} captions for it")
    return Captions(list(turns.values()), clips)


@torch.no_grad()
def recall(ground: Ground, arm: Arm, model: Valley, features: Tensor, captions: Captions) -> dict[str, float]:
    """Share of clips whose caption is among the best 1, 5 and 10."""
    block = clip_block(ground.config, arm.pooling, arm.frame_tokens)
    samples = [tokenize_dialogue(ground.tokenizer, [Segment([turn], block)]) for turn in captions.turns]
    scores = [_log_likelihoods(ground, arm, model, features[clip], samples) for clip in captions.clips]
    return recall_of(torch.stack(scores))


def recall_of(log_likelihoods: Tensor) -> dict[str, float]:
    """From log likelihoods [Q, C]; the caption of clip q is caption q."""
    marginal = log_likelihoods.logsumexp(0) - torch.tensor(float(len(log_likelihoods))).log()
    scores = log_likelihoods - marginal
    true = scores.diagonal()[:, None]
    # Equal scores count against the clip.
    ranks = (scores >= true).sum(1)
    return {str(best): (ranks <= best).float().mean().item() for best in RANKS}


def _log_likelihoods(ground: Ground, arm: Arm, model: Valley, features: Tensor, samples: list[Sample]) -> Tensor:
    """Of every caption after one clip [T, 1 + P, Dv]: [C]. What all have in common is read once."""
    begin = next(index for index, label in enumerate(samples[0][1]) if label != IGNORED)
    shared = torch.tensor([samples[0][0][:begin]], device=ground.device)
    found = []
    with quick_precision(ground.device):
        visual = visual_tokens(model, features[None].float().to(ground.device), arm.frame_tokens)
        before = model.decoder.model(inputs_embeds=spliced(model.decoder, shared, [visual[0]]), use_cache=True).past_key_values
        for first in range(0, len(samples), _CAPTIONS_AT_ONCE):
            part = [(ids[begin:], labels[begin:]) for ids, labels in samples[first : first + _CAPTIONS_AT_ONCE]]
            batch = pad_batch(part, [[] for _ in part], ground.tokenizer.token_to_id("<pad>"))
            cache = copy.deepcopy(before)
            cache.batch_repeat_interleave(len(part))
            token_ids, labels = batch.token_ids.to(ground.device), batch.labels.to(ground.device)
            hidden = model.decoder.model(input_ids=token_ids, past_key_values=cache, use_cache=True).last_hidden_state
            learnt = labels != IGNORED
            losses = torch.zeros(labels.shape, device=ground.device)
            logits = model.decoder.lm_head(hidden[learnt]).float()
            losses[learnt] = nn.functional.cross_entropy(logits, labels[learnt], reduction="none")
            found.append(-losses.sum(1))
    return torch.cat(found).cpu()
