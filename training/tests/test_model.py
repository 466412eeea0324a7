"""The reference model: pooling by its formulas, splicing, caching, checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_model import tiny_model

from valley_training.errors import TrainingError
from valley_training.export import drawn_world_settings
from valley_training.model.checkpoint import load_weights, save_checkpoint
from valley_training.model.pooling import ImportancePooling, MeanPooling, TransformerPooling, sinusoid_table

POOLINGS = ("mean", "importance", "transformer")


def test_mean_pooling_of_one_frame_is_that_frame() -> None:
    patches = torch.randn(1, 4, 48)
    assert MeanPooling()(patches).equal(patches[0])


def test_importance_pooling_with_zero_weights_is_the_mean() -> None:
    pooling = ImportancePooling(4, 48)
    torch.nn.init.zeros_(pooling.pooling_layer.weight)
    patches = torch.randn(5, 4, 48)
    assert torch.allclose(pooling(patches), patches.mean(0), atol=1e-6)


def test_importance_pooling_follows_the_frame_with_the_largest_score() -> None:
    pooling = ImportancePooling(4, 48)
    torch.nn.init.constant_(pooling.pooling_layer.weight, 1.0)
    patches = torch.stack([torch.zeros(4, 48), torch.ones(4, 48)])  # scores 0 and 192
    assert torch.allclose(pooling(patches), patches[1], atol=1e-6)


def test_transformer_pooling_adds_the_last_frames_output_to_the_mean() -> None:
    pooling = TransformerPooling(48).eval()
    patches = torch.randn(3, 4, 48)
    positioned = patches.transpose(0, 1) + sinusoid_table(3, 48)  # [P, T, Dl]
    encoded = pooling.transformer_delta_encoder(positioned)
    assert torch.allclose(pooling(patches), encoded[:, -1] + patches.mean(0), atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_batch_of_clips_is_pooled_clip_by_clip(pooling: str) -> None:
    model = tiny_model(pooling)
    clips = torch.randn(2, 3, 1 + 4, 32)
    together = model.pool_clip(clips)
    assert torch.allclose(together, torch.stack([model.pool_clip(clip) for clip in clips]), atol=1e-5)


def test_position_table_alternates_sine_and_cosine() -> None:
    table = sinusoid_table(3, 4)
    expected = torch.tensor([[0, 1, 0, 1], [0.84147, 0.54030, 0.01000, 0.99995]])
    assert torch.allclose(table[:2], expected, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_clip_gives_its_patches_and_one_token_a_frame(pooling: str) -> None:
    model = tiny_model(pooling)
    for frames in (1, 3, 8):
        features = model.encode_frames(torch.randn(frames, 3, 16, 16))
        assert features.shape == (frames, 1 + 4, 32)
        assert model.pool_clip(features).shape == (4 + frames, 48)


def test_placeholders_that_do_not_match_are_an_error() -> None:
    model = tiny_model()
    visual = model.pool_clip(model.encode_frames(torch.randn(3, 3, 16, 16)))
    ids = model.config.special_ids
    prompt = torch.tensor([1] + [ids["<im_patch>"]] * 4 + [ids["<vi_frame>"]] * 2)
    with pytest.raises(ValueError, match="6 placeholders but 7 visual tokens"):
        model.splice(prompt, [visual])


def test_greedy_with_a_cache_equals_full_passes() -> None:
    model = tiny_model()
    visual = model.pool_clip(model.encode_frames(torch.randn(2, 3, 16, 16)))
    ids = model.config.special_ids
    prompt = [1, *[ids["<im_patch>"]] * 4, *[ids["<vi_frame>"]] * 2, 50, 60]
    cached = model.generate_greedy(prompt, [visual], 6, set())
    full = list(prompt)
    for _ in range(6):
        logits = model(torch.tensor([full]), [[visual]])
        full.append(int(logits[0, -1].argmax()))
    assert cached == full[len(prompt) :]


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_checkpoint_comes_back_as_it_was(pooling: str, tmp_path: Path) -> None:
    model = tiny_model(pooling, tied=pooling == "mean")
    save_checkpoint(model, tmp_path, tokenizer_files={}, valley_config={})
    names = set(load_file(tmp_path / "model.safetensors"))
    assert {
        "model.mm_projector.weight",
        "model.vision_tower.vision_model.pre_layrnorm.weight",
        "model.norm.weight",
    } <= names
    assert ("lm_head.weight" in names) is (pooling != "mean")
    other = tiny_model(pooling, tied=pooling == "mean")
    torch.nn.init.zeros_(other.mm_projector.weight)
    load_weights(other, tmp_path)
    for name, tensor in model.state_dict().items():
        assert tensor.equal(other.state_dict()[name]), name


def test_a_checkpoint_of_other_sizes_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tiny_model("importance"), tmp_path, tokenizer_files={}, valley_config={})
    with pytest.raises(TrainingError, match=r"does not fit the model .*unexpected pooling\.pooling_layer"):
        load_weights(tiny_model("mean"), tmp_path)


def test_the_exported_settings_carry_the_numbers_of_the_pixels(small_config) -> None:
    settings = drawn_world_settings(small_config)
    assert settings["pixels"]["video"]["resizePixels"] == 64
    assert settings["pixels"]["video"]["mean"][0] == 0.48145466
    assert settings["prompt"]["clipPosition"] == "after-text"
