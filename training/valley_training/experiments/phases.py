"""The two phases of an arm, on kept features. The tower is frozen in both."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from valley_training.data.dialogue import Segment, pad_batch, tokenize_dialogue
from valley_training.experiments.arms import Arm
from valley_training.experiments.ground import Ground
from valley_training.experiments.network import build_network, clip_block, visual_tokens
from valley_training.experiments.pretraining import Pretrained
from valley_training.experiments.questions import KINDS, sample_turns
from valley_training.loop.checkpoint import read_state
from valley_training.loop.schedule import Schedule
from valley_training.model.freeze import learn_phase1, learn_phase2
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import answer_loss, spliced
from valley_training.sticker_training.precision import quick_precision

# Of a dialogue, so much is learnt from: few are longer, and a batch takes as long as its longest. A clip is never cut.
_TEXT_TOKENS = 90
# Phase 1 describes.
_DESCRIBE = {"description": KINDS["description"]}


@dataclass(frozen=True)
class PhaseBatch:
    """Dialogues about a clip each."""

    token_ids: Tensor  # [B, S] int64
    labels: Tensor  # [B, S] int64
    clips: Tensor  # [B] int64


def train_arm(ground: Ground, arm: Arm, seed: int, pretrained: Pretrained) -> Valley | None:
    """The network as the arm's phases leave it; None when time was up before."""
    torch.manual_seed(seed)
    model = build_network(ground.config, arm.pooling, ground.device)
    model.decoder.load_state_dict(pretrained.decoder)
    seed_folder = ground.folder / f"seed-{seed}"
    if arm.phases in ("first", "both"):
        learn_phase1(model)
        place = seed_folder / arm.phase1_name
        if not _learn(ground, arm, seed, pretrained, model, place, 1, ground.config.phase1.schedule()):
            return None
        # The file and not the model at hand: an arm that comes later must begin with the same numbers.
        model.load_state_dict(read_state(place.with_name(f"{place.name}.pt"))["module"])
    if arm.phases in ("second", "both", "joined"):
        learn_phase2(model)
        torch.manual_seed(seed)
        place = seed_folder / arm.name / "phase2"
        if not _learn(ground, arm, seed, pretrained, model, place, 2, phase2_schedule(ground, arm)):
            return None
    return model.to(ground.device).eval()


def phase2_schedule(ground: Ground, arm: Arm) -> Schedule:
    """The steps in which all but the tower learns: of a single phase, those of both."""
    schedule = ground.config.phase2.schedule()
    more = ground.config.phase1.steps if arm.phases == "joined" else 0
    return Schedule(schedule.steps + more, schedule.learning_rate, schedule.warmup_steps, optimizer=schedule.optimizer)


def phase_batch(ground: Ground, arm: Arm, seed: int, phase: int, step: int) -> PhaseBatch:
    """The batch of one step, from its numbers alone. Arms see the same clips in the same order."""
    rng = random.Random(f"experiments-phase{phase}-{seed}-{step}")
    config, known = ground.config, ground.training.known
    block = clip_block(config, arm.pooling, arm.frame_tokens)
    block_tokens = block.count("<")
    # In a single phase, as large a share of the steps describes as phase 1 would have had.
    described = phase == 1 or (
        arm.phases == "joined" and rng.random() < config.phase1.steps / (config.phase1.steps + config.phase2.steps)
    )
    settings, kinds = (config.phase1, _DESCRIBE) if described else (config.phase2, arm.kinds)
    samples, clips = [], []
    for _ in range(settings.batch):
        index, own = rng.randrange(len(known)), random.Random(rng.getrandbits(64))
        code = own.choices(*zip(*arm.languages, strict=True))[0]
        turns = sample_turns(known[index], own, code, settings.turns, kinds)
        ids, labels = tokenize_dialogue(ground.tokenizer, [Segment(turns, block)])
        samples.append((ids[: block_tokens + _TEXT_TOKENS], labels[: block_tokens + _TEXT_TOKENS]))
        clips.append(index)
    batch = pad_batch(samples, [[] for _ in samples], ground.tokenizer.token_to_id("<pad>"))
    return PhaseBatch(batch.token_ids, batch.labels, torch.tensor(clips))


def phase_loss(model: Valley, features: Tensor, frame_tokens: bool, batch: PhaseBatch) -> tuple[Tensor, dict[str, float]]:
    """Loss of the answers."""
    with quick_precision(batch.token_ids.device):
        visual = visual_tokens(model, features[batch.clips].float(), frame_tokens)  # [B, N, Dl]
        embeddings = spliced(model.decoder, batch.token_ids, list(visual))
        return answer_loss(model.decoder, embeddings, batch.labels)


def _learn(
    ground: Ground,
    arm: Arm,
    seed: int,
    pretrained: Pretrained,
    model: Valley,
    place: Path,
    phase: int,
    schedule: Schedule,
) -> bool:
    make = partial(phase_batch, ground, arm, seed, phase)
    loss = partial(phase_loss, model, pretrained.training, arm.frame_tokens)
    return ground.learn(place, model, make, loss, schedule)
