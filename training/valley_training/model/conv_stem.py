"""A convolutional stem in the place of the patch embedding (Xiao et al. 2021, arXiv 2106.14881): a tower that learns from
nothing knows edges and shapes from nearby pixels long before it would from patches cut at random. Letters: N pictures, H and W
their pixels, S pixels a patch, Dv tower width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from valley_training.config_file import below

# Parts of names in a tower's state dict.
_STEM, _NORM = "patch_embedding.", ".norm."
_BRANCH = 0.2


@dataclass(frozen=True)
class StemStage:
    """A convolution that makes the picture smaller by `stride`, and residual blocks of two convolutions each."""

    width: int
    stride: int
    blocks: int = 0

    def problems(self) -> list[str]:
        return below(self, 1, "width", "stride") + below(self, 0, "blocks")

    @property
    def kernel(self) -> int:
        """Pixels a side that the entry sees: with strides of 1 and 2 these overlap, from 3 on they lie side by side."""
        return max(3, self.stride)

    @property
    def padding(self) -> int:
        return 1 if self.stride < 3 else 0


class ConvStem(nn.Module):
    """Pictures [N, 3, H, W] -> [N, Dv, H / S, W / S]. `learns` puts a norm over the batch behind each convolution; without
    it each convolution has a bias, into which `fold_norms` folds what the norms have learnt."""

    def __init__(self, stages: list[StemStage], width: int, learns: bool) -> None:
        super().__init__()
        inputs = [3, *(stage.width for stage in stages)]
        self.stages = nn.ModuleList(_Stage(before, stage, learns) for before, stage in zip(inputs, stages, strict=False))
        self.projection = nn.Conv2d(inputs[-1], width, 1, bias=False)
        nn.init.normal_(self.projection.weight, std=0.5 / math.sqrt(inputs[-1]))
        # The order in which processors convolve.
        self.to(memory_format=torch.channels_last)

    @property
    def weight(self) -> Tensor:
        """Transformers' embeddings ask the patch embedding for its dtype by this name."""
        return self.projection.weight

    def forward(self, pixel_values: Tensor) -> Tensor:
        hidden = pixel_values.contiguous(memory_format=torch.channels_last)
        for stage in self.stages:
            hidden = stage(hidden)  # [N, width, H / strides so far, W / strides so far]
        return self.projection(hidden)


class _Stage(nn.Module):
    def __init__(self, inputs: int, stage: StemStage, learns: bool) -> None:
        super().__init__()
        self.entry = _convolution(inputs, stage.width, stage.kernel, stage.stride, stage.padding, learns)
        self.blocks = nn.ModuleList(_Block(stage.width, learns) for _ in range(stage.blocks))

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = self.entry(hidden).relu()
        for block in self.blocks:
            hidden = block(hidden)
        return hidden


class _Block(nn.Module):
    def __init__(self, width: int, learns: bool) -> None:
        super().__init__()
        self.first = _convolution(width, width, 3, 1, 1, learns)
        self.second = _convolution(width, width, 3, 1, 1, learns)
        if learns:
            # A block begins by adding little.
            nn.init.constant_(self.second.norm.weight, _BRANCH)

    def forward(self, hidden: Tensor) -> Tensor:
        return hidden + self.second(self.first(hidden).relu()).relu()


class _NormedConvolution(nn.Module):
    """Its weight is a matrix [outputs, inputs * kernel * kernel]: Muon takes matrices, and with it names are learnt from half
    as many pictures."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, padding: int) -> None:
        super().__init__()
        self.shape, self.stride, self.padding = (outputs, inputs, kernel, kernel), stride, padding
        self.weight = nn.Parameter(torch.empty(outputs, inputs * kernel * kernel))
        nn.init.kaiming_uniform_(self.weight, a=math.sqrt(5))  # as nn.Conv2d begins
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, hidden: Tensor) -> Tensor:
        weight = self.weight.view(self.shape)
        return self.norm(nn.functional.conv2d(hidden, weight, None, self.stride, self.padding))


def _convolution(inputs: int, outputs: int, kernel: int, stride: int, padding: int, learns: bool) -> nn.Module:
    if learns:
        return _NormedConvolution(inputs, outputs, kernel, stride, padding)
    return nn.Conv2d(inputs, outputs, kernel, stride, padding)


def fold_norms(state: dict[str, Tensor], stages: list[StemStage]) -> dict[str, Tensor]:
    """A state dict of a tower whose stem learns -> of one whose stem does not; others stay as they are."""
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in ConvStem(stages, 1, learns=False).state_dict().items()}
    names = {name.partition(_NORM)[0] for name in state if name.endswith(f"{_NORM}running_mean")}
    kept = {name: tensor for name, tensor in state.items() if not any(name.startswith(f"{one}.") for one in names)}
    epsilon = nn.BatchNorm2d(1).eps
    for name in names:
        mean, variance, scale, shift = (
            state[f"{name}{_NORM}{part}"].float() for part in ("running_mean", "running_var", "weight", "bias")
        )
        shape = shapes[f"{name.partition(_STEM)[2]}.weight"]
        weight = state[f"{name}.weight"].float().view(shape)
        weight, bias = fuse_conv_bn_weights(weight, None, mean, variance, epsilon, scale, shift)
        kept |= {f"{name}.weight": weight.detach(), f"{name}.bias": bias.detach()}
    return kept
