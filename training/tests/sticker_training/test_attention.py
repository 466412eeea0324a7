"""Attention as plain products, held to PyTorch's own."""

import pytest
import torch
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.model.config import LanguageSizes, VisionSizes
from valley_training.sticker_training.attention import product_attention, quick_attention

VISION = VisionSizes(width=32, layers=2, heads=2, mlp_width=64, image_pixels=16, patch_pixels=8)
LANGUAGE = LanguageSizes(width=32, layers=2, heads=4, key_value_heads=2, mlp_width=64, vocabulary=50)
CPU = torch.device("cpu")


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("key_heads", [4, 2])
def test_gives_what_the_fused_kernel_gives(causal: bool, key_heads: int) -> None:
    torch.manual_seed(0)
    module = torch.nn.Module()
    module.is_causal = causal
    query, key, value = torch.randn(2, 4, 7, 8), torch.randn(2, key_heads, 7, 8), torch.randn(2, key_heads, 7, 8)
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=causal, enable_gqa=True)
    given, _ = product_attention(module, query, key, value, None, scaling=8**-0.5)
    torch.testing.assert_close(given, expected.transpose(1, 2))


def test_a_decoder_with_a_cache_says_what_it_says_without() -> None:
    torch.manual_seed(0)
    decoder = LlamaForCausalLM(LANGUAGE.to_transformers()).eval()
    ids = torch.randint(3, 50, (1, 9))
    expected = decoder(input_ids=ids).logits
    quick_attention(decoder, CPU)
    torch.testing.assert_close(decoder(input_ids=ids).logits, expected)
    first = decoder(input_ids=ids[:, :4], use_cache=True)
    rest = decoder(input_ids=ids[:, 4:8], past_key_values=first.past_key_values, use_cache=True)
    last = decoder(input_ids=ids[:, 8:], past_key_values=rest.past_key_values, use_cache=True)
    torch.testing.assert_close(torch.cat([first.logits, rest.logits, last.logits], dim=1), expected)


def test_a_tower_sees_the_same_patches() -> None:
    torch.manual_seed(0)
    tower = CLIPVisionModel(VISION.to_transformers()).eval()
    pictures = torch.randn(3, 3, 16, 16)
    expected = tower(pixel_values=pictures).last_hidden_state
    quick_attention(tower, CPU)
    torch.testing.assert_close(tower(pixel_values=pictures).last_hidden_state, expected)


def test_heeds_a_mask() -> None:
    torch.manual_seed(0)
    query, key, value = torch.randn(3, 2, 4, 5, 8)
    mask = torch.tensor([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 0, 1, 1, 0], [1, 0, 0, 0, 1]]) > 0
    expected = torch.nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask).transpose(1, 2)
    given, _ = product_attention(torch.nn.Module(), query, key, value, mask[None, None].expand(2, 1, 5, 5))
    torch.testing.assert_close(given, expected)
