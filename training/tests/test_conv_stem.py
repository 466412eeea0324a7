"""A tower whose patches are seen by convolutions: sizes, norms that fold away, checkpoints."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tiny_model import tiny_model

from valley_training.model.checkpoint import load_model, save_checkpoint
from valley_training.model.config import VisionSizes
from valley_training.model.conv_stem import ConvStem, StemStage, fold_norms
from valley_training.model.valley import Valley
from valley_training.model.vision_tower import new_tower

STAGES = [StemStage(8, 2), StemStage(12, 1, blocks=1), StemStage(16, 4, blocks=2)]
SIZES = VisionSizes(width=32, layers=2, heads=2, mlp_width=64, image_pixels=24, patch_pixels=8, stem=STAGES)


@pytest.mark.parametrize("stride", [1, 2, 3, 4, 6])
def test_a_stage_makes_the_picture_smaller_by_its_stride(stride: int) -> None:
    stem = ConvStem([StemStage(4, stride, blocks=1)], 8, learns=True)
    assert stem(torch.zeros(2, 3, 24, 36)).shape == (2, 8, 24 // stride, 36 // stride)


def test_a_tower_without_its_norms_sees_what_it_has_learnt_to_see() -> None:
    torch.manual_seed(0)
    tower = new_tower(SIZES, learns=True)
    for _ in range(5):
        tower(pixel_values=2 + 3 * torch.randn(6, 3, 24, 24))  # the norms take note of what passes by
    folded = new_tower(SIZES)
    folded.load_state_dict(fold_norms(tower.state_dict(), STAGES))
    pictures = 2 + 3 * torch.randn(2, 3, 24, 24)
    wanted = tower.eval()(pixel_values=pictures).last_hidden_state
    torch.testing.assert_close(folded.eval()(pixel_values=pictures).last_hidden_state, wanted, atol=1e-5, rtol=1e-5)
    assert not any("norm." in name for name in folded.state_dict() if "patch_embedding" in name)


def test_a_tower_without_a_stem_has_nothing_to_fold() -> None:
    plain = new_tower(replace(SIZES, stem=[])).state_dict()
    assert fold_norms(plain, []) == plain


def test_a_checkpoint_keeps_the_stem(tmp_path: Path) -> None:
    tiny = tiny_model()
    model = Valley(replace(tiny.config, vision=replace(SIZES, width=32))).eval()
    tokens = [{"content": text, "id": number} for text, number in tiny.config.special_ids.items()]
    save_checkpoint(model, tmp_path, tokenizer_files={"tokenizer.json": json.dumps({"added_tokens": tokens})}, valley_config={})
    again = load_model(tmp_path).eval()
    assert again.config.vision == model.config.vision
    pictures = torch.randn(2, 3, 24, 24)
    assert again.encode_frames(pictures).equal(model.encode_frames(pictures))


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ([StemStage(8, 2), StemStage(8, 3)], "stem has strides of 2 x 3, their product must be patch_pixels 8"),
        ([StemStage(8, 8)], None),
    ],
)
def test_the_strides_make_up_a_patch(stages: list[StemStage], words: str | None) -> None:
    assert replace(SIZES, stem=stages).problems() == ([] if words is None else [words])


def test_a_stage_of_no_size_is_refused() -> None:
    assert StemStage(0, 0, -1).problems() == [
        "width is 0, it must be at least 1",
        "stride is 0, it must be at least 1",
        "blocks is -1, it must be at least 0",
    ]
