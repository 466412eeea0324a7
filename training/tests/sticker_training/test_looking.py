"""What the tower sees of a picture while it learns."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import CLIPVisionModel

from valley_training.model.config import VisionSizes
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.labels import UNNAMED
from valley_training.sticker_training.looking import kept_patches, look, seen_patches
from valley_training.sticker_training.tower import joined, make_tower_part
from valley_training.sticker_world.things import NAMES

SIZES = VisionSizes(width=32, layers=3, heads=2, mlp_width=48, image_pixels=32, patch_pixels=8)
ALL = SIZES.patches


@pytest.mark.parametrize("select_layer", [-1, -2])
def test_all_patches_in_order_look_as_they_do_to_the_tower_itself(select_layer: int) -> None:
    torch.manual_seed(0)
    tower = CLIPVisionModel(SIZES.to_transformers()).eval()
    pictures, in_order = torch.randn(2, 3, 32, 32), torch.arange(ALL).expand(2, ALL)

    with torch.no_grad():
        features, pooled, _ = look(tower, pictures, in_order, select_layer)
        own = tower(pixel_values=pictures, output_hidden_states=True)
    torch.testing.assert_close(features, own.hidden_states[select_layer])
    if select_layer == -1:
        torch.testing.assert_close(pooled, own.pooler_output)


def test_a_patch_that_is_left_out_changes_nothing_and_the_order_of_patches_neither() -> None:
    torch.manual_seed(0)
    tower = CLIPVisionModel(SIZES.to_transformers()).eval()
    picture = torch.randn(1, 3, 32, 32)
    other = picture.clone()
    other[..., :8, :8] = 0  # patch 0
    kept = torch.tensor([[5, 9, 2, 14]])

    with torch.no_grad():
        features, pooled, _ = look(tower, picture, kept, -2)
        again, pooled_again, _ = look(tower, other, kept, -2)
        turned, *_ = look(tower, picture, kept.flip(1), -2)
    assert features.shape == (1, 5, 32)
    torch.testing.assert_close(again, features)
    torch.testing.assert_close(pooled_again, pooled)
    torch.testing.assert_close(turned[:, 1:].flip(1), features[:, 1:])


def test_patches_that_show_a_thing_are_kept_before_others() -> None:
    regions = np.full((64, 4), UNNAMED)
    regions[10:20, 0] = 3  # a thing
    regions[30:50, 0] = len(NAMES)  # the ground

    kept = kept_patches(regions, 24, random.Random(1))
    assert len(set(kept.tolist())) == 24
    assert set(range(10, 20)) <= set(kept.tolist())
    assert set(kept_patches(regions, 6, random.Random(1)).tolist()) <= set(range(10, 20))


def test_every_fourth_step_sees_whole_pictures_in_all_its_parts(tiny_config: StickerConfig) -> None:
    assert [seen_patches(step, 36, 64) for step in range(5)] == [64, 36, 36, 36, 64]
    assert {seen_patches(step, 0, 64) for step in range(5)} == {64}
    assert seen_patches(1, 100, 64) == 64
    config = replace(tiny_config, tower_patches=3)
    steps = [joined([make_tower_part(config, 2 * step), make_tower_part(config, 2 * step + 1)]) for step in (0, 1)]
    assert [step.kept.shape for step in steps] == [(16, 4), (16, 3)]
    assert [step.regions.shape for step in steps] == [(16, 4, 4), (16, 3, 4)]
