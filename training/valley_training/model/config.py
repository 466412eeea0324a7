"""Sizes of a Valley model, and its config.json in the published key names (Valley-2023 checkpoints)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from transformers import CLIPVisionConfig, LlamaConfig

from valley_training.config_file import below
from valley_training.model.conv_stem import StemStage
from valley_training.model.pooling import TRANSFORMER_HEADS, TRANSFORMER_MLP_WIDTH

Pooling = Literal["mean", "importance", "transformer"]


@dataclass(frozen=True)
class VisionSizes:
    """The CLIP-like tower. `layers` counts all blocks; `select_layer` says whose output is used, as in transformers'
    hidden_states (-2 = the last block but one)."""

    width: int
    layers: int
    heads: int
    mlp_width: int
    image_pixels: int
    patch_pixels: int
    select_layer: int = -2
    activation: Literal["quick_gelu", "gelu"] = "quick_gelu"
    layer_norm_epsilon: float = 1e-5
    # Convolutions in the place of the patch embedding; none as CLIP has it.
    stem: list[StemStage] = field(default_factory=list)

    def problems(self) -> list[str]:
        """What cannot be built."""
        problems = below(self, 1, "width", "layers", "heads", "mlp_width", "image_pixels", "patch_pixels")
        if problems:
            return problems
        if self.width % self.heads:
            problems.append(f"heads is {self.heads}, it must divide width {self.width}")
        if self.image_pixels % self.patch_pixels:
            problems.append(f"patch_pixels is {self.patch_pixels}, it must divide image_pixels {self.image_pixels}")
        strides = [stage.stride for stage in self.stem]
        if self.stem and math.prod(strides) != self.patch_pixels:
            seen = " x ".join(map(str, strides))
            problems.append(f"stem has strides of {seen}, their product must be patch_pixels {self.patch_pixels}")
        if not -self.layers <= self.select_layer <= self.layers or self.select_layer == 0:
            most = self.layers
            problems.append(f"select_layer is {self.select_layer}, it must be 1 to {most} or -1 to -{most} of {most} layers")
        return problems

    @property
    def patches_a_side(self) -> int:
        return self.image_pixels // self.patch_pixels

    @property
    def patches(self) -> int:
        """P, patches of one frame."""
        return self.patches_a_side**2

    def to_transformers(self) -> CLIPVisionConfig:
        return CLIPVisionConfig(
            hidden_size=self.width,
            intermediate_size=self.mlp_width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            image_size=self.image_pixels,
            patch_size=self.patch_pixels,
            hidden_act=self.activation,
            layer_norm_eps=self.layer_norm_epsilon,
            attn_implementation="sdpa",
        )


@dataclass(frozen=True)
class LanguageSizes:
    """The LLaMA-like decoder."""

    width: int
    layers: int
    heads: int
    key_value_heads: int
    mlp_width: int
    vocabulary: int
    context: int = 1024
    rms_norm_epsilon: float = 1e-5
    rope_theta: float = 10000.0
    tied: bool = True

    def problems(self) -> list[str]:
        """What cannot be built."""
        problems = below(self, 1, "width", "layers", "heads", "key_value_heads", "mlp_width", "vocabulary", "context")
        if problems:
            return problems
        if self.width % self.heads or (self.width // self.heads) % 2:
            problems.append(f"heads is {self.heads}, it must divide width {self.width} into heads of an even width")
        if self.heads % self.key_value_heads:
            problems.append(f"key_value_heads is {self.key_value_heads}, it must divide heads {self.heads}")
        return problems

    def to_transformers(self, bos: int = 1, eos: int = 2, pad: int = 0) -> LlamaConfig:
        return LlamaConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.width,
            intermediate_size=self.mlp_width,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.key_value_heads,
            max_position_embeddings=self.context,
            rms_norm_eps=self.rms_norm_epsilon,
            rope_theta=self.rope_theta,
            tie_word_embeddings=self.tied,
            bos_token_id=bos,
            eos_token_id=eos,
            pad_token_id=pad,
            attn_implementation="sdpa",
        )


def pooling_problems(pooling: Pooling, language: LanguageSizes) -> list[str]:
    """What cannot be built of the temporal pooling."""
    if pooling != "transformer" or language.width % TRANSFORMER_HEADS == 0:
        return []
    return [f"language.width is {language.width}, transformer pooling needs a multiple of its {TRANSFORMER_HEADS} heads"]


@dataclass(frozen=True)
class ValleyConfig:
    """Everything that shapes the network."""

    vision: VisionSizes
    language: LanguageSizes
    pooling: Pooling = "mean"
    pooling_mlp_width: int = TRANSFORMER_MLP_WIDTH
    special_ids: dict[str, int] = field(default_factory=dict)

    def to_config_json(self) -> dict[str, Any]:
        """config.json of the Hugging Face layout checkpoint; keys as Valley2-7b has them, plus the tower's sizes, which
        the published checkpoints leave to the tower's own repository."""
        vision, language = self.vision, self.language
        return {
            "architectures": ["ValleyLlamaForCausalLM"],
            "model_type": "valley",
            "hidden_size": language.width,
            "intermediate_size": language.mlp_width,
            "num_hidden_layers": language.layers,
            "num_attention_heads": language.heads,
            "num_key_value_heads": language.key_value_heads,
            "head_dim": language.width // language.heads,
            "rms_norm_eps": language.rms_norm_epsilon,
            "rope_theta": language.rope_theta,
            "vocab_size": language.vocabulary,
            "max_position_embeddings": language.context,
            "hidden_act": "silu",
            "tie_word_embeddings": language.tied,
            "bos_token_id": self.special_ids.get("<s>", 1),
            "eos_token_id": self.special_ids.get("</s>", 2),
            "pad_token_id": self.special_ids.get("<pad>", 0),
            "dtype": "float32",
            "mm_hidden_size": vision.width,
            "mm_vision_select_layer": vision.select_layer,
            "mm_use_im_start_end": True,
            "use_mm_proj": True,
            "use_patch_importance_pooling": self.pooling == "importance",
            "use_delta_transformer": self.pooling == "transformer",
            "vision_config": {
                **({"stem": [asdict(stage) for stage in vision.stem]} if vision.stem else {}),
                "model_type": "clip_vision_model",
                "hidden_size": vision.width,
                "intermediate_size": vision.mlp_width,
                "num_hidden_layers": vision.layers,
                "num_attention_heads": vision.heads,
                "num_channels": 3,
                "image_size": vision.image_pixels,
                "patch_size": vision.patch_pixels,
                "hidden_act": vision.activation,
                "layer_norm_eps": vision.layer_norm_epsilon,
            },
        }
