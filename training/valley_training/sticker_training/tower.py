"""The tower learns from pictures: whole ones against their captions (Radford et al. 2021), and patches against the words for
what they show (region-text contrast, RegionCLIP, arXiv 2112.09106; the regions here are true by construction). The words are
those of the decoder, which learnt before and stays as it is; the caption encoder is thrown away afterwards."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor, nn

from valley_training.data.pixels import to_pixel_values
from valley_training.model.config import VisionSizes
from valley_training.model.vision_tower import new_tower
from valley_training.stages.contrast import contrastive_loss, learnt_scale
from valley_training.sticker_training.attention import short_text_attention
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.finishing import finished
from valley_training.sticker_training.labels import (
    CAPTION_LENGTH,
    UNNAMED,
    WORDS,
    asked_places,
    caption,
    region_labels,
)
from valley_training.sticker_training.looking import kept_patches, look, seen_patches
from valley_training.sticker_training.precision import quick_precision
from valley_training.sticker_training.reading import AskedPlaces, StemNames, WordReading
from valley_training.sticker_training.told import told_frame
from valley_training.sticker_training.tower_pictures import draw_pictures

SHARED_WIDTH, CAPTION_WIDTH = 256, 192
# Colours, places and the setting suffice to find a picture's caption in a batch, so the contrast is soon content, while names
# take long. The distance to what is told is what makes the projector's words the decoder's.
_CONTRAST_WEIGHT, _NAMING_WEIGHT, _FRAME_WEIGHT, _DISTANCE_WEIGHT, _ASKED_WEIGHT = 0.3, 2.0, 0.5, 0.3, 0.5
_STEM_WEIGHT = 1.0
# Features are long and embeddings short: with PyTorch's own start the distance would be hundreds of times what is wanted.
_PROJECTOR_DEVIATION = 0.001


@dataclass(frozen=True)
class TowerBatch:
    """N pictures with what is said of them."""

    pictures: Tensor  # [N, side, side, 3] uint8
    captions: Tensor  # [N, CAPTION_LENGTH] int64
    kept: Tensor  # [N, K] int64, the patches that the tower sees
    regions: Tensor  # [N, K, 4] int64, of these, as region_labels gives them
    told: Tensor  # [N, W] float32, as told_frame gives it
    asked: Tensor  # [N, ASKED, 3] int64, as asked_places gives them


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


class StickerContrast(nn.Module):
    """Tower and projector, and what teaches them. `words` are the vectors of the told words [W, Dl]."""

    def __init__(self, sizes: VisionSizes, words: Tensor) -> None:
        super().__init__()
        self.tower = new_tower(sizes, learns=True)
        self.projector = nn.Linear(sizes.width, words.shape[1])
        nn.init.normal_(self.projector.weight, std=_PROJECTOR_DEVIATION)
        nn.init.zeros_(self.projector.bias)
        self.caption_encoder = CaptionEncoder()
        self.picture_projection = nn.Linear(sizes.width, SHARED_WIDTH, bias=False)
        self.log_scale = learnt_scale()
        self.reading = WordReading(words)
        self.places = AskedPlaces(sizes.width, words.shape[1])
        # A stem is told at once which names its patches have, not through the blocks alone.
        self.stem_head = StemNames(sizes.width) if sizes.stem else None
        self.select_layer = sizes.select_layer

    def loss(self, batch: TowerBatch) -> tuple[Tensor, dict[str, float]]:
        device = batch.pictures.device
        with quick_precision(device), short_text_attention(device):
            values = to_pixel_values(finished(batch.pictures))
            # The features, [N, 1 + K, Dv], are those that the decoder will read; pooled [N, Dv], alone [N, K, Dv].
            features, pooled, alone = look(self.tower, values, batch.kept, self.select_layer)
            pictures = self.picture_projection(pooled)  # [N, shared]
            captions = self.caption_encoder(batch.captions)  # [N, shared]
            said = self.projector(features)  # [N, 1 + K, Dl]
            things = self.reading.words[batch.asked[..., 0]]  # [N, A, Dl]
            asking, placed = self.places.loss(features[:, 0], things, batch.asked[..., 1:])
        none_same = torch.zeros(len(pictures), len(pictures), dtype=torch.bool, device=device)
        picture_loss, recall = contrastive_loss(pictures, captions, self.log_scale, none_same)
        seen = batch.regions[..., 0] != UNNAMED
        # Cosines times a hundred: bfloat16 would round away what tells names apart.
        naming, patch_distance, named = self.reading.patch_losses(said[:, 1:][seen].float(), batch.regions[seen])
        frame_naming, frame_distance = self.reading.frame_losses(said[:, 0].float(), batch.told)
        loss = _CONTRAST_WEIGHT * picture_loss + _NAMING_WEIGHT * naming
        loss = loss + _FRAME_WEIGHT * frame_naming + _ASKED_WEIGHT * asking
        loss = loss + _DISTANCE_WEIGHT * (patch_distance + frame_distance)
        if self.stem_head is not None:
            loss = loss + _STEM_WEIGHT * self.stem_head.loss(alone[seen].float(), batch.regions[seen][:, 0])
        figures = {"recall@1": recall, "named": named.item(), "placed": placed.item(), "distance": patch_distance.item()}
        return loss, figures


def make_tower_part(config: StickerConfig, number: int) -> TowerBatch:
    """A part of a step, from its numbers alone."""
    sizes, settings = config.vision, config.tower
    rng = random.Random(f"pictures-{config.seed}-{number}")
    crowds = draw_pictures(rng, settings.batch, config)
    regions = [region_labels(crowd, sizes.patches_a_side, rng) for crowd in crowds]
    seen = seen_patches(number // settings.parts, config.tower_patches, sizes.patches)
    kept = [kept_patches(one, seen, rng) for one in regions]
    return TowerBatch(
        torch.from_numpy(np.stack([crowd.picture for crowd in crowds])),
        torch.from_numpy(np.stack([caption(crowd, rng) for crowd in crowds])),
        torch.from_numpy(np.stack(kept)),
        torch.from_numpy(np.stack([one[numbers] for one, numbers in zip(regions, kept, strict=True)])),
        torch.from_numpy(np.stack([told_frame(crowd.stickers, crowd.setting) for crowd in crowds])),
        torch.from_numpy(np.stack([asked_places(crowd, rng) for crowd in crowds])),
    )


def joined(parts: list[TowerBatch]) -> TowerBatch:
    """Parts of one step as one batch: the contrast is among all of them. Shuffled by nothing; each part is drawn alike."""
    if len(parts) == 1:
        return parts[0]
    return TowerBatch(**{field.name: torch.cat([getattr(part, field.name) for part in parts]) for field in fields(TowerBatch)})
