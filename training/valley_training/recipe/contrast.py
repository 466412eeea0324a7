"""The tower's stage on rows: a picture of each row and its first answer find each other."""

from __future__ import annotations

import zlib

import torch
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionModel

from valley_training.data.pixels import to_pixel_values
from valley_training.errors import TrainingError
from valley_training.recipe.batches import Batch
from valley_training.recipe.config import CaptionEncoder
from valley_training.recipe.tokens import RowTokenizer
from valley_training.stages.contrast import contrastive_loss, learnt_scale


class ContrastLoss(nn.Module):
    """Tower and caption encoder with their projections into the shared space."""

    def __init__(self, tower: CLIPVisionModel, sizes: CaptionEncoder, tokenizer: RowTokenizer) -> None:
        super().__init__()
        ids = tokenizer.special_ids
        self.tower, self.end = tower, ids["</s>"]
        self.caption_encoder = CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(tokenizer.whole),
                hidden_size=sizes.width,
                intermediate_size=sizes.mlp_width,
                num_hidden_layers=sizes.layers,
                num_attention_heads=sizes.heads,
                max_position_embeddings=sizes.context,
                bos_token_id=ids.get("<s>", ids["</s>"]),
                eos_token_id=ids["</s>"],
                pad_token_id=ids["<pad>"],
            )
        )
        self.picture_projection = nn.Linear(tower.config.hidden_size, sizes.shared_width, bias=False)
        self.caption_projection = nn.Linear(sizes.width, sizes.shared_width, bias=False)
        self.log_scale = learnt_scale()

    def forward(self, pixel_values: Tensor, captions: Tensor, caption_numbers: Tensor) -> Tensor:
        """[2]: the loss and the pictures that found their caption, summed over the batch. Negatives are the batch's own:
        one micro-batch of one process."""
        pictures = self.picture_projection(self.tower(pixel_values=pixel_values).pooler_output)  # [N, shared]
        texts = self.caption_projection(self.caption_features(captions))  # [N, shared]
        same = caption_numbers[:, None] == caption_numbers[None]
        same = same & ~torch.eye(len(same), dtype=torch.bool, device=same.device)
        loss, found = contrastive_loss(pictures, texts, self.log_scale, same)
        return torch.stack([loss * len(pictures), loss.new_tensor(found * len(pictures))])

    def caption_features(self, captions: Tensor) -> Tensor:
        """[N, width]: what stands at each caption's end token, the one place that has seen all words. Not transformers'
        pooler_output: where the end token is 2, as in LLaMA, it is of the place of the highest id."""
        states = self.caption_encoder(input_ids=captions).last_hidden_state  # [N, context, width]
        ends = captions == self.end
        ends[:, 0] = False  # some tokenizers begin and end a text with the same token
        return states[torch.arange(len(captions), device=captions.device), ends.int().argmax(1)]


def caption_ids(answer: str, tokenizer: RowTokenizer, context: int) -> list[int]:
    """A caption with its end token, cut and padded to the encoder's context."""
    ids = tokenizer.special_ids
    words = [*tokenizer.encode(tokenizer.bos + answer)[: context - 1], ids["</s>"]]
    return [*words, *[ids["<pad>"]] * (context - len(words))]


def collate_captions(samples: list[tuple[Tensor, list[int], str]]) -> Batch:
    """Pictures [side, side, 3], caption ids and captions of some rows as a batch."""
    if len(samples) < 2:
        raise TrainingError("a contrast needs at least 2 rows at a time; raise tower.micro_batch")
    return {
        "pixel_values": to_pixel_values(torch.stack([picture for picture, _, _ in samples])),
        "captions": torch.tensor([ids for _, ids, _ in samples]),
        "caption_numbers": torch.tensor([zlib.crc32(caption.encode()) for _, _, caption in samples]),
    }
