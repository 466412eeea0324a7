"""Batches of rows: a seeded order that any number of processes may share, and clips that stay with their sample."""

from __future__ import annotations

import torch
from accelerate import Accelerator
from tiny_model import tiny_model

from valley_training.data.dialogue import IGNORED
from valley_training.recipe.batches import NO_SAMPLE, StepOrder, add_clips, pad_tokens
from valley_training.recipe.forward import ConversationLoss
from valley_training.recipe.step import backward


def order(first: int, last: int, micro_batch: int = 2, seed: int = 0) -> list[int]:
    return [number for batch in StepOrder(10, 4, micro_batch, seed, first, last) for number in batch]


def test_each_epoch_is_a_shuffle_of_its_own() -> None:
    numbers = order(0, 5)
    assert sorted(numbers[:10]) == sorted(numbers[10:]) == list(range(10))
    assert numbers[:10] != numbers[10:]
    assert numbers != order(0, 5, seed=1)


def test_the_order_goes_on_at_any_step_and_whatever_the_micro_batches() -> None:
    assert order(0, 3) + order(3, 5) == order(0, 5) == order(0, 5, micro_batch=1) == order(0, 5, micro_batch=4)


def sample_batch(model, kinds: list[int | None]) -> dict:
    """One sample for each entry: a clip of so many frames, or text alone. Each clip has its own colour."""
    ids = model.config.special_ids
    samples, clips = [], []
    for number, frames in enumerate(kinds):
        block = [] if frames is None else [ids["<im_patch>"]] * 4 + [ids["<vi_frame>"]] * frames
        tokens = [1, *block, 50 + number, 60, 2]
        samples.append((tokens, [IGNORED] * (len(tokens) - 2) + [2, IGNORED]))
        clips.append(None if frames is None else torch.full((frames, 16, 16, 3), 40 * number + 10, dtype=torch.uint8))
    return add_clips(pad_tokens(samples, 0), clips, 16)


def test_images_videos_and_text_mix_and_each_clip_stays_with_its_sample() -> None:
    model = ConversationLoss(tiny_model("transformer")).eval()
    kinds = [None, 1, 3, None, 2]
    batch = sample_batch(model.valley, kinds)
    assert batch["clip_samples"].tolist() == [1, 2, 4]
    assert batch["clip_frames"].tolist() == [1, 3, 2]
    together = model(**batch | {"labels": None})
    for index, frames in enumerate(kinds):
        alone = sample_batch(model.valley, [None] * index + [frames])
        logits = model(**alone | {"labels": None})[index]
        length = 4 + (0 if frames is None else 4 + frames)
        assert torch.allclose(together[index, :length], logits[:length], atol=1e-5)


def test_a_batch_of_text_alone_leaves_the_projector_in_the_graph() -> None:
    model = ConversationLoss(tiny_model("importance"))
    batch = sample_batch(model.valley, [None, None])
    assert batch["clip_samples"].tolist() == [NO_SAMPLE]
    model(**batch)[0].backward()
    assert model.valley.mm_projector.weight.grad.abs().max() == 0
    assert model.valley.pooling.pooling_layer.weight.grad.abs().max() == 0


def test_a_step_weighs_each_learnt_token_the_same_however_it_is_cut() -> None:
    gradients = []
    for cuts in ([[None, 1, 3, 2]], [[None], [1], [3], [2]]):
        model = ConversationLoss(tiny_model("mean"))
        batches = []
        for number, kinds in enumerate(cuts):
            batches.append(sample_batch(model.valley, kinds if len(cuts) == 1 else [*[None] * number, *kinds]))
        if len(cuts) > 1:
            for number, batch in enumerate(batches):
                batch["labels"][:number] = IGNORED
        loss, _ = backward(Accelerator(), model, batches, "right")
        gradients.append((loss, model.valley.mm_projector.weight.grad))
    assert abs(gradients[0][0] - gradients[1][0]) < 1e-5
    assert torch.allclose(gradients[0][1], gradients[1][1], atol=1e-6)
