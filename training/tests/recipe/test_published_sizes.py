"""The configurations of the published sizes: they build networks of exactly the published numbers of weights."""

from __future__ import annotations

import json
from math import ceil
from pathlib import Path

import pytest
import torch

from valley_training.model.config import ValleyConfig
from valley_training.model.freeze import learn_phase1
from valley_training.model.valley import Valley
from valley_training.recipe.config import RecipeConfig, load_recipe
from valley_training.recipe.folders import check_decoder, check_tower

CONFIGS = Path(__file__).parents[2] / "configs"
# openai/clip-vit-large-patch14 without its text side and projection; Llama-2-7b and LLaMA 13B as published; the linear
# projector has (1024 + 1) x width, the temporal transformer as counted from its tensors.
TOWER = 303_179_776
PUBLISHED = {
    "valley-7b": (6_738_415_616, 4_198_400, 83_924_992),
    "valley-7b-lora": (6_738_415_616, 4_198_400, 83_924_992),
    "valley-13b": (13_015_864_320, 5_248_000, 125_877_248),
}


# config.json of the two folders that valley-7b names, as the hub has them; of the tower's what concerns its network.
LLAMA_2_7B_CHAT = {
    "architectures": ["LlamaForCausalLM"],
    "bos_token_id": 1,
    "eos_token_id": 2,
    "hidden_act": "silu",
    "hidden_size": 4096,
    "initializer_range": 0.02,
    "intermediate_size": 11008,
    "max_position_embeddings": 4096,
    "model_type": "llama",
    "num_attention_heads": 32,
    "num_hidden_layers": 32,
    "num_key_value_heads": 32,
    "pretraining_tp": 1,
    "rms_norm_eps": 1e-05,
    "rope_scaling": None,
    "tie_word_embeddings": False,
    "torch_dtype": "float16",
    "use_cache": True,
    "vocab_size": 32000,
}
CLIP_VIT_LARGE_PATCH14 = {
    "model_type": "clip",
    "vision_config": {
        "hidden_act": "quick_gelu",
        "hidden_size": 1024,
        "image_size": 224,
        "intermediate_size": 4096,
        "layer_norm_eps": 1e-05,
        "model_type": "clip_vision_model",
        "num_attention_heads": 16,
        "num_hidden_layers": 24,
        "patch_size": 14,
        "projection_dim": 768,
    },
}


def weights(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def network(config: RecipeConfig) -> Valley:
    """A model of the configuration's sizes that takes no memory."""
    with torch.device("meta"):
        return Valley(ValleyConfig(config.vision, config.language, config.pooling, config.pooling_mlp_width))


@pytest.mark.parametrize("name", list(PUBLISHED))
def test_the_sizes_are_the_published_ones(name: str) -> None:
    model = network(load_recipe(CONFIGS / f"{name}.yaml"))
    assert weights(model.vision_tower) == TOWER
    assert (weights(model.decoder), weights(model.mm_projector), weights(model.pooling)) == PUBLISHED[name]
    learn_phase1(model)
    assert sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad) == sum(PUBLISHED[name][1:])


def test_the_published_folders_are_taken(tmp_path: Path) -> None:
    config = load_recipe(CONFIGS / "valley-7b.yaml")
    (tmp_path / "config.json").write_text(json.dumps(LLAMA_2_7B_CHAT))
    check_decoder(str(tmp_path), config.language)
    (tmp_path / "config.json").write_text(json.dumps(CLIP_VIT_LARGE_PATCH14))
    check_tower(str(tmp_path), config.vision)


def test_the_phases_have_the_published_steps() -> None:
    config = load_recipe(CONFIGS / "valley-7b.yaml")
    first = config.phase1.schedule(595_375 + 703_000)
    assert first.steps == ceil(1_298_375 / 128)
    assert first.warmup_steps == ceil(0.03 * first.steps)
    assert first.rate(first.warmup_steps) == 2e-3
    assert first.rate(first.steps) == pytest.approx(0, abs=1e-9)
    second = config.phase2.schedule(150_000)
    assert second.steps == ceil(3 * 150_000 / 32)
    assert max(second.rate(step) for step in range(second.steps)) == 2e-5
