"""Exchanges about one clip that stand in one row, and learn as if each were a dialogue of its own."""

from __future__ import annotations

import random

import pytest
import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from valley_training.data.dialogue import IGNORED, Segment, tokenize_dialogue
from valley_training.data.frame_times import timed_block
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import Sample, dialogue_loss, in_groups
from valley_training.sticker_training.attention import quick_attention
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.exchanges import places_of, sees, tokenize_exchanges
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_world.dialogue import sample_dialogue, sample_exchanges
from valley_training.sticker_world.sampling import sample_scene

BLOCK = timed_block(4, [0.0, 0.5, 1.0, 1.5])
# Clip and what stands before it, an exchange of three tokens, one of two, padding.
ROW = torch.tensor([[0, 0, 1, 1, 1, 2, 2, 0]])


def test_an_exchange_stands_where_it_would_stand_right_behind_the_clip() -> None:
    assert places_of(ROW)[0, :7].tolist() == [0, 1, 2, 3, 4, 2, 3]
    assert places_of(torch.zeros(2, 5, dtype=torch.int64)).tolist() == [[0, 1, 2, 3, 4]] * 2


def test_an_exchange_sees_the_clip_and_itself() -> None:
    seen = sees(ROW)[0, 0]
    assert [seen[6].nonzero().flatten().tolist(), seen[4].nonzero().flatten().tolist()] == [[0, 1, 5, 6], [0, 1, 2, 3, 4]]
    assert seen[1].tolist() == [True, True] + [False] * 6
    assert sees(torch.zeros(1, 5, dtype=torch.int64))[0, 0].equal(torch.ones(5, 5, dtype=torch.bool).tril())


def test_a_row_of_exchanges_is_cut_into_tokens_like_the_dialogues_that_it_stands_for(tiny_config: StickerConfig) -> None:
    tokenizer = sticker_tokenizer(600, 0, 8)
    rng = random.Random(1)
    exchanges = [sample_dialogue(sample_scene(rng, False), rng, code, 1) for code in ("en", "zh", "de")]
    ids, labels, numbers = tokenize_exchanges(tokenizer, exchanges, BLOCK)
    assert len(ids) == len(labels) == len(numbers)
    for number, turns in enumerate(exchanges, 1):
        kept = [index for index, one in enumerate(numbers) if one in (0, number)]
        alone = tokenize_dialogue(tokenizer, [Segment(turns, BLOCK)], clip_first=True)
        assert ([ids[index] for index in kept], [labels[index] for index in kept]) == alone


@pytest.mark.parametrize("quick", [True, False])
def test_exchanges_in_a_row_cost_what_they_cost_as_dialogues(tiny_config: StickerConfig, quick: bool) -> None:
    torch.manual_seed(0)
    tokenizer, rng = sticker_tokenizer(600, 0, 8), random.Random(2)
    decoder = Valley(tiny_config.valley()).decoder
    # As it begins it says nearly the same whatever it sees: what stands before a question cost it 0.01 %, now 0.6 %.
    with torch.no_grad():
        for weight in decoder.parameters():
            if weight.ndim == 2:
                weight.mul_(10)
    if quick:
        quick_attention(decoder, torch.device("cpu"))
    visual = torch.randn(8, tiny_config.language.width)
    exchanges = [sample_dialogue(sample_scene(rng, False), rng, "en", turns) for turns in (1, 2, 1)]
    ids, labels, numbers = tokenize_exchanges(tokenizer, exchanges, BLOCK)
    rows = [tokenize_dialogue(tokenizer, [Segment(turns, BLOCK)], clip_first=True) for turns in exchanges]
    together = _mean_loss(decoder, [Sample(ids, labels, [0], [], numbers)], visual)
    alone = _mean_loss(decoder, [Sample(*row, [0], []) for row in rows], visual)
    assert together == pytest.approx(alone, rel=1e-5)
    # And it is not what one long dialogue costs.
    assert _mean_loss(decoder, [Sample(ids, labels, [0], [])], visual) != pytest.approx(alone, rel=1e-4)
    assert sum(label != IGNORED for label in labels) == sum(label != IGNORED for _, row in rows for label in row)


def _mean_loss(decoder: LlamaForCausalLM, samples: list[Sample], visual: Tensor) -> float:
    loss, _ = dialogue_loss(decoder, in_groups(samples, 0), [visual])
    return loss.item()


def test_most_exchanges_are_short_and_all_turns_are_there() -> None:
    rng, lengths = random.Random(0), []
    for _ in range(200):
        exchanges = sample_exchanges(sample_scene(rng, False), rng, "en", 8)
        assert sum(map(len, exchanges)) == 8
        lengths += [len(one) for one in exchanges]
    assert lengths.count(1) > len(lengths) / 2
    assert lengths.count(8) > 10
