"""The loss of dialogues with clips in them: rows of visual tokens take the places kept for them, and answers are learnt.

Dialogues are of many lengths. A few groups, each padded to its own longest, spare a quarter of the tokens and half of the
attention that one batch would have."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from valley_training.data.dialogue import IGNORED, DialogueBatch, pad_batch
from valley_training.errors import TrainingError
from valley_training.model.valley import SPECIAL_TOKENS
from valley_training.sticker_training.exchanges import places_of, sees
from valley_training.sticker_training.recall import RECALL_WEIGHT, hear_middle, recall_loss
from valley_training.sticker_training.records import RECORD

_GROUPS = 4
_PLACES = tuple(SPECIAL_TOKENS.index(token) for token in ("<im_patch>", "<vi_frame>"))


@dataclass(frozen=True)
class Sample:
    """A dialogue: its tokens, for each position the one to be predicted there, its clips by number, the records of the things
    that it names, each after the position of the name, and, where it is several exchanges, which one each token belongs to."""

    ids: list[int]
    labels: list[int]
    clips: list[int]
    records: list[list[int]]
    exchanges: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class DialogueGroup:
    """Dialogues of like lengths, padded, what they name: int64 [M, 2 + entries], each row a dialogue, a position in it and
    the record of the thing named there, and the exchange of each token int64 [B, S] (exchanges.py; all 0 in a
    plain dialogue)."""

    batch: DialogueBatch
    records: Tensor
    exchanges: Tensor


def in_groups(samples: list[Sample], padding: int) -> list[DialogueGroup]:
    """Batches of dialogues of like lengths, short ones first."""
    order = sorted(samples, key=lambda sample: len(sample.ids))
    size = math.ceil(len(order) / _GROUPS)
    return [_group(order[first : first + size], padding) for first in range(0, len(order), size)]


def _group(samples: list[Sample], padding: int) -> DialogueGroup:
    batch = pad_batch([(one.ids, one.labels) for one in samples], [one.clips for one in samples], padding)
    records = [[row, *record] for row, sample in enumerate(samples) for record in sample.records]
    exchanges = torch.zeros_like(batch.token_ids)
    for row, sample in enumerate(samples):
        exchanges[row, : len(sample.exchanges)] = torch.tensor(sample.exchanges, dtype=torch.int64)
    return DialogueGroup(batch, torch.tensor(records, dtype=torch.int64).view(len(records), 2 + len(RECORD)), exchanges)


def dialogue_loss(
    decoder: LlamaForCausalLM, dialogues: list[DialogueGroup], visual: list[Tensor]
) -> tuple[Tensor, dict[str, float]]:
    """Mean loss of all learnt positions, and what is recalled where things are named. `visual` holds the rows [P + T, Dl] of
    each clip, by the numbers in `dialogues`."""
    answers, recalled = [], []
    middle = hear_middle(decoder)
    for group in dialogues:
        rows = [visual[index] for clips in group.batch.clips for index in clips]
        embeddings = spliced(decoder, group.batch.token_ids, rows)
        answers.append(_learnt(decoder, embeddings, group.batch.labels, group.exchanges))
        recalled.append(middle.heard[group.records[:, 0], group.records[:, 1]])
    loss, figures = _loss(decoder, torch.cat([hidden for hidden, _ in answers]), torch.cat([targets for _, targets in answers]))
    recall, share = recall_loss(torch.cat(recalled), torch.cat([group.records[:, 2:] for group in dialogues]))
    return loss + RECALL_WEIGHT * recall, {"answers": loss.item(), **figures, "recalled": share}


def answer_loss(decoder: LlamaForCausalLM, embeddings: Tensor, labels: Tensor) -> tuple[Tensor, dict[str, float]]:
    """Cross-entropy of the learnt positions, whose logits alone are computed, and the share predicted right."""
    return _loss(decoder, *_learnt(decoder, embeddings, labels))


def spliced(decoder: LlamaForCausalLM, token_ids: Tensor, visual: list[Tensor]) -> Tensor:
    """Embeddings [B, S, Dl] with the visual tokens of all dialogues in their placeholders, in order."""
    embeddings = decoder.get_input_embeddings()(token_ids)
    mask = (token_ids == _PLACES[0]) | (token_ids == _PLACES[1])
    count = sum(len(one) for one in visual)
    if int(mask.sum()) != count:
        raise TrainingError(f"{int(mask.sum())} placeholders but {count} visual tokens; make language.context longer")
    return embeddings.masked_scatter(mask[..., None], torch.cat(visual).to(embeddings.dtype)) if visual else embeddings


def _learnt(
    decoder: LlamaForCausalLM, embeddings: Tensor, labels: Tensor, exchanges: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """States [N, Dl] of the positions that are learnt, and what is to be predicted there [N]."""
    mask, places = (None, None) if exchanges is None else (sees(exchanges), places_of(exchanges))
    output = decoder.model(inputs_embeds=embeddings, attention_mask=mask, position_ids=places, use_cache=False)
    hidden = output.last_hidden_state  # [B, S, Dl]
    learnt = labels != IGNORED
    return hidden[learnt], labels[learnt]


def _loss(decoder: LlamaForCausalLM, hidden: Tensor, targets: Tensor) -> tuple[Tensor, dict[str, float]]:
    logits = decoder.lm_head(hidden).float()
    loss = nn.functional.cross_entropy(logits, targets)
    return loss, {"right": (logits.argmax(-1) == targets).float().mean().item()}
