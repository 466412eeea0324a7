"""A Valley model as a Hugging Face layout checkpoint: config.json, model.safetensors in the published tensor names,
tokenizer files and valley_config.json, which is what `valley model build` takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from valley_training.errors import TrainingError
from valley_training.model.config import LanguageSizes, ValleyConfig, VisionSizes
from valley_training.model.conv_stem import StemStage
from valley_training.model.pooling import TRANSFORMER_MLP_WIDTH
from valley_training.model.shards import SHARD_BYTES, as_dtype, read_shards, write_shards
from valley_training.model.valley import Valley

# Our module names -> published names (RupertLuo/Valley; CLIP's `vision_model.` infix as on the hub).
_PREFIXES = (
    ("vision_tower.", "model.vision_tower.vision_model."),
    ("mm_projector.", "model.mm_projector."),
    ("pooling.", "model."),
    ("decoder.lm_head.", "lm_head."),
    ("decoder.model.", "model."),
)


def to_published_names(state: dict[str, Tensor], tied: bool) -> dict[str, Tensor]:
    """State dict of `Valley` -> tensors in published names; a tied head is left out."""
    tensors: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if tied and name.startswith("decoder.lm_head."):
            continue
        ours, published = next(pair for pair in _PREFIXES if name.startswith(pair[0]))
        tensors[published + name.removeprefix(ours)] = tensor.detach().contiguous()
    return tensors


def from_published_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The opposite; a missing head stays missing (it is tied)."""
    pooling = ("model.pooling_layer.", "model.transformer_delta_encoder.", "model.position_matrix")
    state: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if name.startswith(pooling):
            state["pooling." + name.removeprefix("model.")] = tensor
            continue
        ours, published = next(pair for pair in _PREFIXES if pair[0] != "pooling." and name.startswith(pair[1]))
        state[ours + name.removeprefix(published)] = tensor
    return state


def save_checkpoint(
    model: Valley,
    directory: Path,
    *,
    tokenizer_files: dict[str, str],
    valley_config: dict[str, Any],
    dtype: torch.dtype = torch.float32,
    shard_bytes: int = SHARD_BYTES,
) -> None:
    """Writes the checkpoint folder; weights of more than `shard_bytes` in several files with an index.

    tokenizer_files: file name -> text (tokenizer.json, tokenizer_config.json, chat_template.jinja).
    valley_config: name, description, licence, source, frames, pixels, tokens, prompt (models/README.md).
    """
    directory.mkdir(parents=True, exist_ok=True)
    config = model.config.to_config_json() | {"dtype": str(dtype).removeprefix("torch.")}
    (directory / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    eos = model.config.special_ids.get("</s>", 2)
    (directory / "generation_config.json").write_text(json.dumps({"eos_token_id": eos}, indent=2) + "\n")
    (directory / "valley_config.json").write_text(json.dumps(valley_config, indent=2) + "\n")
    for name, text in tokenizer_files.items():
        (directory / name).write_text(text)
    tensors = to_published_names(model.state_dict(), model.config.language.tied)
    write_shards(as_dtype(tensors, dtype), directory, shard_bytes)


def load_weights(model: Valley, directory: Path) -> None:
    """Loads the weights of a checkpoint folder into a model of the same sizes."""
    _load(model, directory, read_shards(directory))


def _load(model: Valley, directory: Path, tensors: dict[str, Tensor]) -> None:
    state = from_published_names(tensors)
    missing, unexpected = model.load_state_dict(state, strict=False)
    left = [name for name in missing if not (model.config.language.tied and name == "decoder.lm_head.weight")]
    if left or unexpected:
        seen = f"missing {', '.join(left[:3]) or 'none'}; unexpected {', '.join(unexpected[:3]) or 'none'}"
        raise TrainingError(f"checkpoint {directory} does not fit the model ({seen}); choose one of its sizes and pooling")


def load_model(directory: Path) -> Valley:
    """The whole model of a checkpoint folder that `save_checkpoint` wrote."""
    config = json.loads((directory / "config.json").read_text())
    vision = config["vision_config"]
    added = json.loads((directory / "tokenizer.json").read_text())["added_tokens"]
    pooling = (
        "transformer" if config["use_delta_transformer"] else "importance" if config["use_patch_importance_pooling"] else "mean"
    )
    tensors = read_shards(directory)
    linear = tensors.get("model.transformer_delta_encoder.layers.0.linear1.weight")
    mlp_width = TRANSFORMER_MLP_WIDTH if linear is None else linear.shape[0]
    sizes = ValleyConfig(
        VisionSizes(
            width=vision["hidden_size"],
            layers=vision["num_hidden_layers"],
            heads=vision["num_attention_heads"],
            mlp_width=vision["intermediate_size"],
            image_pixels=vision["image_size"],
            patch_pixels=vision["patch_size"],
            select_layer=config["mm_vision_select_layer"],
            activation=vision["hidden_act"],
            layer_norm_epsilon=vision["layer_norm_eps"],
            stem=[StemStage(**stage) for stage in vision.get("stem", [])],
        ),
        LanguageSizes(
            width=config["hidden_size"],
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            key_value_heads=config["num_key_value_heads"],
            mlp_width=config["intermediate_size"],
            vocabulary=config["vocab_size"],
            context=config["max_position_embeddings"],
            rms_norm_epsilon=config["rms_norm_eps"],
            rope_theta=config["rope_theta"],
            tied=config["tie_word_embeddings"],
        ),
        pooling,
        mlp_width,
        {token["content"]: token["id"] for token in added},
    )
    model = Valley(sizes)
    _load(model, directory, tensors)
    return model
