"""LoRA in the decoder's matrices, by peft; merged into them at the end."""

from __future__ import annotations

import warnings

from peft import LoraConfig, get_peft_model

from valley_training.errors import TrainingError
from valley_training.model.valley import Valley


def add_lora(model: Valley, rank: int, alpha: int, dropout: float, targets: list[str], train_embeddings: bool) -> None:
    """Freezes all but the projector, the temporal pooling and new low-rank changes of the decoder's `targets`."""
    settings = LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules=targets, task_type="CAUSAL_LM")
    try:
        with warnings.catch_warnings():
            # peft 0.21 asks for gradient checkpointing by the name that transformers is about to drop.
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
            model.decoder = get_peft_model(model.decoder, settings)
    except ValueError as error:
        raise TrainingError(f"lora.targets {targets} are no matrices of the decoder; q_proj to down_proj are") from error
    model.vision_tower.requires_grad_(False)
    model.mm_projector.requires_grad_(True)
    model.pooling.requires_grad_(True)
    if train_embeddings:
        model.decoder.get_input_embeddings().requires_grad_(True)


def merge_lora(model: Valley) -> None:
    """Adds the changes to the matrices; the decoder is an ordinary one again."""
    model.decoder = model.decoder.merge_and_unload()
