"""Whether a pretrained folder holds the network that is configured: what is exported says the configuration's numbers, so
whatever a folder has otherwise would be trained with and lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huggingface_hub.errors import StrictDataclassError
from transformers import CLIPVisionConfig, LlamaConfig

from valley_training.errors import TrainingError, first_line
from valley_training.model.config import LanguageSizes, VisionSizes

_TOWER_TYPES = ("clip", "clip_vision_model")
# A Valley's decoder is a LLaMA under the same names.
_DECODER_TYPES = ("llama", "valley")

# Keys of config.json -> our names. None: the network of these sizes has one value there, which nothing configures.
_TOWER_KEYS = {
    "hidden_size": "width",
    "num_hidden_layers": "layers",
    "num_attention_heads": "heads",
    "intermediate_size": "mlp_width",
    "image_size": "image_pixels",
    "patch_size": "patch_pixels",
    "hidden_act": "activation",
    "layer_norm_eps": "layer_norm_epsilon",
    "num_channels": None,
}
_DECODER_KEYS = {
    "hidden_size": "width",
    "num_hidden_layers": "layers",
    "num_attention_heads": "heads",
    "num_key_value_heads": "key_value_heads",
    "head_dim": None,
    "intermediate_size": "mlp_width",
    "vocab_size": "vocabulary",
    "rms_norm_eps": "rms_norm_epsilon",
    "rope_theta": "rope_theta",
    "rope_type": None,
    "tie_word_embeddings": "tied",
    "hidden_act": None,
    "attention_bias": None,
    "mlp_bias": None,
}


def check_tower(folder: str, sizes: VisionSizes) -> None:
    """Raises TrainingError where a folder is no CLIP-like tower of these sizes."""
    settings = _settings(folder, "pretrained.tower", _TOWER_TYPES)
    seen = _read(CLIPVisionConfig, folder, settings.get("vision_config") or settings)
    _compare(folder, seen.to_dict(), sizes.to_transformers().to_dict(), "vision", _TOWER_KEYS)


def check_decoder(folder: str, sizes: LanguageSizes) -> None:
    """Raises TrainingError where a folder is no LLaMA-like decoder of these sizes and positions."""
    settings = _settings(folder, "pretrained.decoder", _DECODER_TYPES)
    seen = _read(LlamaConfig, folder, settings)
    _compare(folder, _with_positions(seen), _with_positions(sizes.to_transformers()), "language", _DECODER_KEYS)


def _settings(folder: str, key: str, types: tuple[str, ...]) -> dict[str, Any]:
    """config.json of a folder whose model is of one of these types."""
    path = Path(folder) / "config.json"
    try:
        settings = json.loads(path.read_text())
        if not isinstance(settings, dict):
            raise ValueError("no JSON object")
    except (OSError, ValueError) as error:
        words = f"cannot read {path} ({first_line(error)})"
        raise TrainingError(f"{words}; put the checkpoint there or name another in {key}") from error
    if settings.get("model_type") not in types:
        words = f"{folder} has model_type {settings.get('model_type')}, {key} takes {' or '.join(types)}"
        raise TrainingError(f"{words}; choose another folder")
    return settings


def _read(kind: Any, folder: str, settings: dict[str, Any]) -> Any:
    """As from_pretrained reads it: what a folder does not say has the default of its family, and positions, which have
    been written in several ways, are in one place."""
    try:
        return kind.from_dict(settings)
    except (StrictDataclassError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        words = f"{folder} has a config.json that cannot be used ({' '.join(str(error).split())})"
        raise TrainingError(f"{words}; fetch it again") from error


def _with_positions(config: LlamaConfig) -> dict[str, Any]:
    return config.to_dict() | config.rope_parameters


def _compare(folder: str, seen: dict[str, Any], wanted: dict[str, Any], section: str, keys: dict[str, str | None]) -> None:
    wrong = [
        f"{key} {seen[key]} (" + (f"configured {section}.{name}: {wanted[key]})" if name else f"it must be {wanted[key]})")
        for key, name in keys.items()
        if seen[key] != wanted[key]
    ]
    if wrong:
        words = f"{folder} is not the configured network: {', '.join(wrong)}"
        raise TrainingError(f"{words}; correct the configuration or choose another folder")
