"""What learns in the two phases of arXiv 2306.07207. The tower is frozen in both."""

from __future__ import annotations

from valley_training.model.valley import Valley


def learn_phase1(model: Valley, train_embeddings: bool = False) -> None:
    """The projector, and the temporal pooling where it has weights: the published code leaves that at its random start.
    It trains all input embeddings, too, which `train_embeddings` asks for."""
    model.requires_grad_(False)
    model.mm_projector.requires_grad_(True)
    model.pooling.requires_grad_(True)
    if train_embeddings:
        model.decoder.get_input_embeddings().requires_grad_(True)


def learn_phase2(model: Valley) -> None:
    """Projector, temporal pooling and the whole decoder; the published code freezes the head by accident."""
    model.requires_grad_(True)
    model.vision_tower.requires_grad_(False)
