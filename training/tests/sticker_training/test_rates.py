"""What a look at a picture costs, by hand."""

from __future__ import annotations

from dataclasses import replace

from valley_training.model.config import VisionSizes
from valley_training.model.conv_stem import StemStage
from valley_training.sticker_training.rates import tower_flops

# With the first of two layers selected the second sees a quarter of the patches and the class.
SIZES = VisionSizes(width=32, layers=2, heads=2, mlp_width=96, image_pixels=32, patch_pixels=8, select_layer=-2)


def blocks(tokens: int) -> int:
    """Multiplications of one block: four products of the width, two of the MLP, two of attention."""
    return tokens * (4 * 32 * 32 + 2 * 32 * 96) + 2 * tokens * tokens * 32


def test_a_look_costs_what_its_products_cost() -> None:
    patches = 16 * 3 * 8 * 8 * 32
    assert tower_flops(SIZES, 16) == 2 * (patches + blocks(17) + blocks(5))
    assert tower_flops(SIZES, 8) == 2 * (patches + blocks(9) + blocks(3))


def test_a_stem_costs_what_its_convolutions_cost() -> None:
    sizes = replace(SIZES, stem=[StemStage(4, 2), StemStage(16, 4, blocks=1)])
    entries = 16 * 16 * 3 * 9 * 4 + 4 * 4 * 4 * 16 * 16
    stem = entries + 2 * 4 * 4 * 16 * 9 * 16 + 4 * 4 * 16 * 32
    assert tower_flops(sizes, 16) == 2 * (stem + blocks(17) + blocks(5))
