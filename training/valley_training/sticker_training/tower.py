"""The tower learns from crowds: whole pictures against their captions (Radford et al. 2021), and patches against the names
and the colours of what they show (region-text contrast, RegionCLIP, arXiv 2112.09106; the regions here are true by
construction). The caption encoder is thrown away afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel

from valley_training.data.pixels import to_pixel_values
from valley_training.model.config import VisionSizes
from valley_training.stages.contrast import contrastive_loss, learnt_scale, scaled
from valley_training.sticker_training.crowds import draw_crowds
from valley_training.sticker_training.finishing import finished
from valley_training.sticker_training.labels import (
    CAPTION_LENGTH,
    COLOURS,
    REGION_NAMES,
    UNNAMED,
    WORDS,
    caption,
    region_labels,
    word_ids,
)
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_world.art import training_atlas
from valley_training.sticker_world.things import NAMES

SHARED_WIDTH, CAPTION_WIDTH = 256, 192
_COLOUR_WEIGHT = 0.3


@dataclass(frozen=True)
class TowerBatch:
    """N pictures with their captions, and of each patch its name and colour or UNNAMED."""

    pictures: Tensor  # [N, side, side, 3] uint8
    captions: Tensor  # [N, CAPTION_LENGTH] int64
    names: Tensor  # [N, P] int64, index in REGION_NAMES
    colours: Tensor  # [N, P] int64, index in COLOURS


class CaptionEncoder(nn.Module):
    """A small transformer over caption words; its mean over words is the caption's vector."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(len(WORDS), CAPTION_WIDTH, padding_idx=0)
        self.positions = nn.Parameter(torch.randn(CAPTION_LENGTH, CAPTION_WIDTH) * 0.02)
        layer = nn.TransformerEncoderLayer(
            CAPTION_WIDTH, 4, 4 * CAPTION_WIDTH, dropout=0.0, batch_first=True, norm_first=True, activation="gelu"
        )
        self.blocks = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(CAPTION_WIDTH)
        self.projection = nn.Linear(CAPTION_WIDTH, SHARED_WIDTH, bias=False)

    def forward(self, captions: Tensor) -> Tensor:
        padding = captions == 0
        positions = self.positions[: captions.shape[1]]
        hidden = self.blocks(self.words(captions) + positions, src_key_padding_mask=padding)  # [N, words, width]
        weights = (~padding)[:, :, None].float()
        return self.projection(self.norm((hidden * weights).sum(1) / weights.sum(1)))  # [N, shared]


class PatchNames(nn.Module):
    """Finds each patch's text among a list of texts."""

    def __init__(self, width: int, texts: list[str]) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, SHARED_WIDTH, bias=False)
        self.log_scale = learnt_scale()
        self.register_buffer("texts", torch.from_numpy(np.stack([word_ids([text, "<end>"])[:2] for text in texts])))

    def forward(self, patches: Tensor, encoder: CaptionEncoder) -> Tensor:
        """[R, width] -> [R, texts] logits."""
        vectors, texts = self.projection(self.norm(patches)), encoder(self.texts)
        # Cosines times a hundred: bfloat16 would round away what tells names apart.
        with torch.autocast(patches.device.type, enabled=False):
            vectors = nn.functional.normalize(vectors.float(), dim=-1)
            return scaled(self.log_scale) * vectors @ nn.functional.normalize(texts.float(), dim=-1).T


class StickerContrast(nn.Module):
    """Tower and caption encoder with their projections into the shared space."""

    def __init__(self, sizes: VisionSizes) -> None:
        super().__init__()
        self.tower = CLIPVisionModel(sizes.to_transformers())
        self.caption_encoder = CaptionEncoder()
        self.picture_projection = nn.Linear(sizes.width, SHARED_WIDTH, bias=False)
        self.log_scale = learnt_scale()
        self.named = PatchNames(sizes.width, list(REGION_NAMES))
        self.coloured = PatchNames(sizes.width, [f"{colour} coloured" for colour in COLOURS])
        self.select_layer = sizes.select_layer

    def loss(self, batch: TowerBatch) -> tuple[Tensor, dict[str, float]]:
        with quick_precision(batch.pictures.device):
            values = to_pixel_values(finished(batch.pictures))
            output = self.tower(pixel_values=values, output_hidden_states=True)
            pictures = self.picture_projection(output.pooler_output)  # [N, shared]
            captions = self.caption_encoder(batch.captions)  # [N, shared]
            # The layer whose features the decoder will read.
            patches = output.hidden_states[self.select_layer][:, 1:]  # [N, P, width]
            seen, painted = batch.names != UNNAMED, batch.colours != UNNAMED
            name_logits = self.named(patches[seen], self.caption_encoder)
            colour_logits = self.coloured(patches[painted], self.caption_encoder)
        none_same = torch.zeros(len(pictures), len(pictures), dtype=torch.bool, device=pictures.device)
        picture_loss, recall = contrastive_loss(pictures, captions, self.log_scale, none_same)
        # Things and ground weigh the same, however few patches a thing has.
        target = batch.names[seen]
        thing = target < len(NAMES)
        each = nn.functional.cross_entropy(name_logits, target, reduction="none")
        name_loss = (each[thing].mean() + each[~thing].mean()) / 2
        colour_loss = nn.functional.cross_entropy(colour_logits, batch.colours[painted])
        loss = picture_loss + name_loss + _COLOUR_WEIGHT * colour_loss
        named = (name_logits.argmax(1) == target)[thing].float().mean().item()
        return loss, {"recall@1": recall, "named": named}


def make_tower_part(seed: int, number: int, sizes: VisionSizes, pictures: int) -> TowerBatch:
    """A part of a step, from its numbers alone."""
    rng = random.Random(f"crowds-{seed}-{number}")
    patches_a_side = sizes.image_pixels // sizes.patch_pixels
    crowds = list(draw_crowds(rng, pictures, sizes.image_pixels, training_atlas()))
    labels = [region_labels(crowd, patches_a_side) for crowd in crowds]
    return TowerBatch(
        torch.from_numpy(np.stack([crowd.picture for crowd in crowds])),
        torch.from_numpy(np.stack([caption(crowd, rng) for crowd in crowds])),
        torch.from_numpy(np.stack([names for names, _ in labels])),
        torch.from_numpy(np.stack([colours for _, colours in labels])),
    )


def joined(parts: list[TowerBatch]) -> TowerBatch:
    """Parts of one step as one batch: the contrast is among all of them. Shuffled by nothing; each part is drawn alike."""
    if len(parts) == 1:
        return parts[0]
    return TowerBatch(
        torch.cat([part.pictures for part in parts]),
        torch.cat([part.captions for part in parts]),
        torch.cat([part.names for part in parts]),
        torch.cat([part.colours for part in parts]),
    )
