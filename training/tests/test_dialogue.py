"""Dialogues as tokens: only answers are learnt, and each clip's placeholders are where its mark is."""

from __future__ import annotations

import random

import pytest
from tokenizers import Tokenizer

from valley_training.config import TrainingConfig
from valley_training.data.dialogue import IGNORED, Segment, pad_batch, tokenize_dialogue, visual_block
from valley_training.model.valley import SPECIAL_TOKENS
from valley_training.stages.phases import make_phase_batch
from valley_training.tokenizer import train_tokenizer
from valley_training.world.language import Turn, sample_dialogue
from valley_training.world.scene import sample_scene


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(400, 0)


def test_special_tokens_have_the_first_ids(tokenizer: Tokenizer) -> None:
    assert [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] == list(range(len(SPECIAL_TOKENS)))


def test_any_text_survives_the_tokenizer(tokenizer: Tokenizer) -> None:
    for text in ("Where does the cat go?", "¿Dónde está el gato?", "这只猫在哪里？", "🦊\n\ttab"):
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids) == text


def test_only_answers_and_their_end_are_learnt(tokenizer: Tokenizer) -> None:
    rng = random.Random(0)
    turns = sample_dialogue(sample_scene(rng, held_out=False), rng, 5)
    ids, labels = tokenize_dialogue(tokenizer, [Segment(turns, visual_block(4, 3))])
    learnt = [label for label in labels if label != IGNORED]
    assert tokenizer.decode(learnt, skip_special_tokens=False) == "".join(f" {turn.answer}</s>" for turn in turns)
    assert all(label == ids[index + 1] for index, label in enumerate(labels) if label != IGNORED)


def test_a_clip_costs_its_patches_its_frames_and_four_markers(tokenizer: Tokenizer) -> None:
    turn = Turn("things", "What is there?", "There is a cat.")
    with_clip, _ = tokenize_dialogue(tokenizer, [Segment([turn], visual_block(64, 8))])
    without, _ = tokenize_dialogue(tokenizer, [Segment([turn], "")])
    newline = 1
    assert len(with_clip) - len(without) == 64 + 8 + 4 + newline


def test_a_batch_is_padded_on_the_right() -> None:
    batch = pad_batch([([5, 6, 7], [6, 7, IGNORED]), ([5], [IGNORED])], [[], []], padding=0)
    assert batch.token_ids.tolist() == [[5, 6, 7], [5, 0, 0]]
    assert batch.labels.tolist() == [[6, 7, IGNORED], [IGNORED] * 3]


def test_a_batch_depends_only_on_its_step(small_config: TrainingConfig, tokenizer: Tokenizer) -> None:
    first, again, other = (make_phase_batch(small_config, 2, step, tokenizer) for step in (3, 3, 4))
    assert first.token_ids.equal(again.token_ids)
    assert first.clips == again.clips
    assert not first.token_ids.equal(other.token_ids)
