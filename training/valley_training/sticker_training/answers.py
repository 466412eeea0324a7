"""The loss of dialogues with clips in them: rows of visual tokens take the places kept for them, and answers are learnt.

Dialogues are of many lengths. A few groups, each padded to its own longest, spare a quarter of the tokens and half of the
attention that one batch would have."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from transformers import LlamaForCausalLM

from valley_training.data.dialogue import IGNORED, DialogueBatch, pad_batch
from valley_training.errors import TrainingError
from valley_training.model.valley import SPECIAL_TOKENS

_GROUPS = 4
_PLACES = tuple(SPECIAL_TOKENS.index(token) for token in ("<im_patch>", "<vi_frame>"))


def in_groups(samples: list[tuple[list[int], list[int]]], clips: list[list[int]], padding: int) -> list[DialogueBatch]:
    """Ids and labels of dialogues, with the numbers of their clips, as batches of like lengths, short ones first."""
    order = sorted(range(len(samples)), key=lambda index: len(samples[index][0]))
    size = math.ceil(len(order) / _GROUPS)
    groups = [order[first : first + size] for first in range(0, len(order), size)]
    return [pad_batch([samples[one] for one in group], [clips[one] for one in group], padding) for group in groups]


def dialogue_loss(
    decoder: LlamaForCausalLM, dialogues: list[DialogueBatch], visual: list[Tensor]
) -> tuple[Tensor, dict[str, float]]:
    """Mean loss of all learnt positions. `visual` holds the rows [P + T, Dl] of each clip, by the numbers in `dialogues`."""
    parts = []
    for batch in dialogues:
        rows = [visual[index] for clips in batch.clips for index in clips]
        parts.append(_learnt(decoder, spliced(decoder, batch.token_ids, rows), batch.labels))
    return _loss(decoder, torch.cat([hidden for hidden, _ in parts]), torch.cat([targets for _, targets in parts]))


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


def _learnt(decoder: LlamaForCausalLM, embeddings: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """States [N, Dl] of the positions that are learnt, and what is to be predicted there [N]."""
    hidden = decoder.model(inputs_embeds=embeddings, use_cache=False).last_hidden_state  # [B, S, Dl]
    learnt = labels != IGNORED
    return hidden[learnt], labels[learnt]


def _loss(decoder: LlamaForCausalLM, hidden: Tensor, targets: Tensor) -> tuple[Tensor, dict[str, float]]:
    logits = decoder.lm_head(hidden).float()
    loss = nn.functional.cross_entropy(logits, targets)
    return loss, {"right": (logits.argmax(-1) == targets).float().mean().item()}
