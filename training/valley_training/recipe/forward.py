"""One training step's forward pass as one module: what DDP and FSDP wrap."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from valley_training.data.dialogue import IGNORED
from valley_training.model.valley import Valley


class ConversationLoss(nn.Module):
    """Valley with the loss of its answers. The tower is frozen and stays in evaluation mode."""

    def __init__(self, valley: Valley) -> None:
        super().__init__()
        self.valley = valley

    def train(self, mode: bool = True) -> ConversationLoss:
        super().train(mode)
        self.valley.vision_tower.eval()
        return self

    def forward(
        self,
        token_ids: Tensor,
        pixel_values: Tensor,
        clip_frames: Tensor,
        clip_samples: Tensor,
        labels: Tensor | None = None,
    ) -> Tensor:
        """With labels: [2], the sum of the loss over learnt positions and how many of them were predicted right. Without:
        logits [B, S, V]."""
        logits = self._logits(token_ids, pixel_values, clip_frames.tolist(), clip_samples.tolist())
        return logits if labels is None else summed_loss(logits, labels)

    def _logits(self, token_ids: Tensor, pixel_values: Tensor, clip_frames: list[int], clip_samples: list[int]) -> Tensor:
        with torch.no_grad():
            features = self.valley.encode_frames(pixel_values)
        visual = self.valley.pool_clips(list(features.split(clip_frames)))
        clips_of: list[list[Tensor]] = [[] for _ in token_ids]
        nowhere = token_ids.new_zeros((), dtype=torch.float32)
        for tokens, sample in zip(visual, clip_samples, strict=True):
            if sample >= 0:
                clips_of[sample].append(tokens)
            else:
                # Its weight is nought, but the projector has its part in the graph.
                nowhere = nowhere + 0.0 * tokens.float().sum()
        spliced = [self.valley.splice(ids, clips) for ids, clips in zip(token_ids, clips_of, strict=True)]
        embeddings = torch.stack(spliced) + nowhere
        return self.valley.decoder(inputs_embeds=embeddings, use_cache=False).logits


class WordsLoss(nn.Module):
    """A decoder with the loss of each next word."""

    def __init__(self, decoder: nn.Module) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, token_ids: Tensor, labels: Tensor) -> Tensor:
        """[2], as ConversationLoss."""
        return summed_loss(self.decoder(input_ids=token_ids, use_cache=False).logits, labels)


def summed_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy summed over the learnt positions, and how many were predicted right. [2] float32"""
    learnt = labels != IGNORED
    chosen, targets = logits[learnt].float(), labels[learnt]
    loss = nn.functional.cross_entropy(chosen, targets, reduction="sum")
    return torch.stack([loss, (chosen.argmax(-1) == targets).sum().to(loss.dtype)])
