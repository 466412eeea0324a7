"""Asks a trained arm about held-out clips. An answer is right when it is the true one word for word: greedy decoding says
exactly the true answer if and only if each of its tokens is the likeliest after those before it, which one pass shows."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass

import torch
from torch import Tensor

from valley_training.data.dialogue import IGNORED, Segment, pad_batch, tokenize_dialogue
from valley_training.errors import TrainingError
from valley_training.experiments.arms import Arm
from valley_training.experiments.ground import Ground
from valley_training.experiments.network import clip_block, visual_tokens
from valley_training.experiments.questions import KINDS, ask, say
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import spliced
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_world.meaning import Ask

_ASKED_AT_ONCE = 96
_ROUNDS = 400


@dataclass(frozen=True)
class Question:
    """A question about one of the held-out clips."""

    kind: str
    clip: int
    asked: Ask


def collect_questions(ground: Ground) -> list[Question]:
    """So many of each kind, the same for all arms and seeds."""
    rng = random.Random("experiments-questions")
    wanted = ground.config.measures.questions
    found: list[Question] = []
    for kind in KINDS:
        own: list[Question] = []
        for number in range(_ROUNDS * wanted):
            clip = number % len(ground.held_out.known)
            asked = ask(kind, ground.held_out.known[clip], rng)
            if asked is not None:
                own.append(Question(kind, clip, asked))
            if len(own) == wanted:
                break
        else:
            raise TrainingError(f"clips.held_out is {len(ground.held_out.known)}, too few for {wanted} questions of {kind}")
        found += own
    return found


def shuffled(features: Tensor) -> Tensor:
    """Each clip's frames in another order, by its number alone; two frames change places at least."""
    generator, count = torch.Generator().manual_seed(0), features.shape[1]
    orders = []
    for _ in range(len(features)):
        order = torch.randperm(count, generator=generator)
        orders.append(order if order.ne(torch.arange(count)).any() else order.flip(0))
    places = torch.stack(orders).to(features.device)
    return features[torch.arange(len(features), device=features.device)[:, None], places]


def swapped(features: Tensor) -> Tensor:
    """Each clip's features in place of another's: what is answered right then is guessed."""
    return features.roll(len(features) // 2, 0)


@torch.no_grad()
def share_right(
    ground: Ground, arm: Arm, model: Valley, features: Tensor, questions: list[Question], code: str = "en"
) -> dict[str, float]:
    """Of each kind of question, the share whose whole answer is right."""
    rng = random.Random(f"experiments-asked-{code}")
    block, padding = clip_block(ground.config, arm.pooling, arm.frame_tokens), ground.tokenizer.token_to_id("<pad>")
    right: dict[str, list[bool]] = defaultdict(list)
    for first in range(0, len(questions), _ASKED_AT_ONCE):
        part = questions[first : first + _ASKED_AT_ONCE]
        turns = [say(one.asked, one.kind, code, rng) for one in part]
        samples = [tokenize_dialogue(ground.tokenizer, [Segment([turn], block)]) for turn in turns]
        batch = pad_batch(samples, [[] for _ in samples], padding)
        token_ids, labels = batch.token_ids.to(ground.device), batch.labels.to(ground.device)
        clips = torch.tensor([one.clip for one in part], device=features.device)
        with quick_precision(ground.device):
            visual = visual_tokens(model, features[clips].float().to(ground.device), arm.frame_tokens)
            hidden = model.decoder.model(inputs_embeds=spliced(model.decoder, token_ids, list(visual))).last_hidden_state
            learnt = labels != IGNORED
            said = model.decoder.lm_head(hidden[learnt]).argmax(-1)
        wrong = torch.zeros_like(labels, dtype=torch.bool)
        wrong[learnt] = said != labels[learnt]
        for one, is_wrong in zip(part, wrong.any(1).tolist(), strict=True):
            right[one.kind].append(not is_wrong)
    return {kind: sum(values) / len(values) for kind, values in right.items()}


def counts(questions: list[Question]) -> dict[str, int]:
    """How many there are of each kind."""
    return dict(Counter(one.kind for one in questions))
