"""What networks can do before they have learnt anything."""

from __future__ import annotations

import pytest
import torch
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.model.config import LanguageSizes, VisionSizes
from valley_training.sticker_training.beginnings import begin_by_matching, begin_by_nearness, place_waves

SIDE = 6


def test_a_products_of_places_falls_with_the_distance_and_tells_columns_from_rows() -> None:
    waves = place_waves(SIDE, 32)

    near = (waves @ waves.T).view(SIDE, SIDE, SIDE, SIDE)  # [row, column, row, column]
    from_corner = near[0, 0]
    # Of a wave and itself the product is 1, of one shifted by d patches the cosine of its angle: mathematics, not a reading.
    angles = torch.pi / 2 / 16 ** (torch.arange(8) / 7)
    expected = angles[:, None].mul(torch.arange(SIDE)).cos().sum(0)
    torch.testing.assert_close(from_corner, expected[:, None] + expected[None, :])
    torch.testing.assert_close(near[2, 3, 2, 4], near[5, 1, 4, 1])
    assert not torch.allclose(waves[1], waves[SIDE])


def test_at_the_start_a_patch_of_a_plain_picture_attends_most_to_itself_then_to_those_beside_it() -> None:
    torch.manual_seed(0)
    sizes = VisionSizes(width=64, layers=2, heads=2, mlp_width=64, image_pixels=8 * SIDE, patch_pixels=8)
    tower = CLIPVisionModel(sizes.to_transformers())
    begin_by_nearness(tower)
    tower.set_attn_implementation("eager")

    with torch.no_grad():
        attention = tower(torch.zeros(1, 3, 8 * SIDE, 8 * SIDE), output_attentions=True).attentions[0]
    weights = attention[0].mean(0)[1:, 1:].view(SIDE, SIDE, SIDE, SIDE)
    here = weights[2, 3]
    assert here.argmax().item() == 2 * SIDE + 3
    beside = torch.stack([here[2, 2], here[2, 4], here[1, 3], here[3, 3]])
    assert beside.min() > here[[0, 5, 5], [0, 0, 5]].max()


@pytest.mark.parametrize("key_value_heads", [4, 2])
def test_at_the_start_a_token_attends_to_its_like_more_than_to_others(key_value_heads: int) -> None:
    torch.manual_seed(0)
    sizes = LanguageSizes(
        width=64, layers=2, heads=4, key_value_heads=key_value_heads, mlp_width=64, vocabulary=50, context=64
    )
    decoder = LlamaForCausalLM(sizes.to_transformers())
    begin_by_matching(decoder)
    decoder.set_attn_implementation("eager")
    text = torch.tensor([[10, 11, 12, 13, 14, 12]])

    with torch.no_grad():
        attention = decoder(text, output_attentions=True).attentions[0][0].mean(0)  # [S, S]
        untouched = attention[5, [0, 1, 3, 4]]
    assert attention[5, 2] > untouched.max()


def test_what_a_token_takes_over_resembles_it() -> None:
    torch.manual_seed(0)
    sizes = LanguageSizes(width=64, layers=1, heads=4, key_value_heads=4, mlp_width=64, vocabulary=50, context=64)
    decoder = LlamaForCausalLM(sizes.to_transformers())
    begin_by_matching(decoder)
    attention = decoder.model.layers[0].self_attn

    taken = attention.o_proj.weight @ attention.v_proj.weight  # what attention adds of a token's own vector
    torch.testing.assert_close(taken, torch.eye(64) * taken[0, 0], atol=1e-5, rtol=0)
    assert taken[0, 0] > 0
