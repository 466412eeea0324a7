"""Valley in PyTorch: CLIP tower -> projector -> temporal pooling -> spliced into a LLaMA decoder.

Built from transformers' own CLIPVisionModel and LlamaForCausalLM, so that what the TypeScript pipeline is compared with
was not written here. Letters in shapes: T frames, P patches, Dv tower width, Dl decoder width, S sequence.
"""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor, nn
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.model.config import ValleyConfig
from valley_training.model.pooling import build_pooling
from valley_training.model.vision_tower import new_tower

VISUAL_TOKENS = ("<vi_frame>", "<vi_start>", "<vi_end>", "<im_patch>", "<im_start>", "<im_end>")
SPECIAL_TOKENS = ("<pad>", "<s>", "</s>", *VISUAL_TOKENS)


class Valley(nn.Module):
    """The whole network. `visual` arguments hold one [P + T, Dl] tensor a clip, in the order of the clips' marks."""

    def __init__(
        self, config: ValleyConfig, vision_tower: CLIPVisionModel | None = None, decoder: LlamaForCausalLM | None = None
    ) -> None:
        """A part that is not given begins at random."""
        super().__init__()
        self.config = config
        ids = config.special_ids
        self.vision_tower = vision_tower or new_tower(config.vision)
        self.mm_projector = nn.Linear(config.vision.width, config.language.width)
        self.pooling = build_pooling(config.pooling, config.vision.patches, config.language.width, config.pooling_mlp_width)
        self.decoder = decoder or LlamaForCausalLM(
            config.language.to_transformers(ids.get("<s>", 1), ids.get("</s>", 2), ids.get("<pad>", 0))
        )

    def encode_frames(self, pixel_values: Tensor) -> Tensor:
        """[T, 3, H, W] -> [T, 1 + P, Dv], output of the selected block, class feature first, no post layer norm."""
        output = self.vision_tower(pixel_values=pixel_values, output_hidden_states=True)
        return output.hidden_states[self.config.vision.select_layer]

    def pool_clip(self, features: Tensor) -> Tensor:
        """[T, 1 + P, Dv] of one clip -> [P + T, Dl]: pooled patches first, then a frame token for each frame.

        Clips of equal length may come as a batch: [B, T, 1 + P, Dv] -> [B, P + T, Dl].
        """
        projected = self.mm_projector(features)  # [T, 1 + P, Dl]
        pooled = self.pooling(projected[..., 1:, :])  # [P, Dl]
        return torch.cat([pooled, projected[..., 0, :]], dim=-2)  # [P + T, Dl]

    def pool_clips(self, clips: list[Tensor]) -> list[Tensor]:
        """Features [T, 1 + P, Dv] of each clip -> visual tokens [P + T, Dl] of each. Clips of equal length go together."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for index, features in enumerate(clips):
            by_length[len(features)].append(index)
        pooled: dict[int, Tensor] = {}
        for alike in by_length.values():
            together = self.pool_clip(torch.stack([clips[index] for index in alike]))  # [B, P + T, Dl]
            pooled |= dict(zip(alike, together, strict=True))
        return [pooled[index] for index in range(len(clips))]

    def splice(self, token_ids: Tensor, visual: list[Tensor]) -> Tensor:
        """Token ids [S] of one sample and the visual tokens of its clips -> embeddings [S, Dl].

        Raises ValueError when the placeholders and the visual tokens do not match; the published code goes on silently.
        """
        embeddings = self.decoder.get_input_embeddings()(token_ids)  # [S, Dl]
        ids = self.config.special_ids
        mask = (token_ids == ids["<im_patch>"]) | (token_ids == ids["<vi_frame>"])
        rows = torch.cat(visual) if visual else embeddings.new_zeros(0, embeddings.shape[1])
        if int(mask.sum()) != rows.shape[0]:
            raise ValueError(f"{int(mask.sum())} placeholders but {rows.shape[0]} visual tokens")
        # Patches stand before frames within each clip's block, so sequence order is row order.
        return embeddings.masked_scatter(mask[:, None], rows.to(embeddings.dtype))

    def forward(self, token_ids: Tensor, visual: list[list[Tensor]]) -> Tensor:
        """Batch of token ids [B, S] (right padded) and each sample's clips -> logits [B, S, V]."""
        embeddings = torch.stack([self.splice(ids, clips) for ids, clips in zip(token_ids, visual, strict=True)])
        return self.decoder(inputs_embeds=embeddings).logits

    @torch.no_grad()
    def generate_greedy(self, token_ids: list[int], visual: list[Tensor], max_tokens: int, stop_ids: set[int]) -> list[int]:
        """Greedy tokens after a prompt, the stop token included; one sample, with a KV cache."""
        device = self.mm_projector.weight.device
        embeddings = self.splice(torch.tensor(token_ids, device=device), visual)[None]
        cache = None
        generated: list[int] = []
        while len(generated) < max_tokens:
            output = self.decoder(inputs_embeds=embeddings, past_key_values=cache, use_cache=True)
            cache = output.past_key_values
            token = int(output.logits[0, -1].argmax())
            generated.append(token)
            if token in stop_ids:
                break
            embeddings = self.decoder.get_input_embeddings()(torch.tensor([[token]], device=device))
        return generated
