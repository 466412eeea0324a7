"""Experiments so small that a run takes a second or two."""

from __future__ import annotations

from pathlib import Path

import pytest

TOY = """
vision: { width: 16, layers: 2, heads: 2, mlp_width: 16, image_pixels: 24, patch_pixels: 12, select_layer: -2 }
language: { width: 16, layers: 1, heads: 2, key_value_heads: 2, mlp_width: 16, vocabulary: 300, context: 512 }
pooling_mlp_width: 16
clips: { training: 12, held_out: 12, frames: 3, things: 15, styles: [noto] }
tokenizer_scenes: 4
tower: { steps: 2, learning_rate: 1.0e-3, warmup_steps: 1, clips: 4, pictures: 2 }
language_stage: { steps: 2, learning_rate: 1.0e-3, warmup_steps: 1, batch: 2, turns: 2 }
phase1: { steps: 2, learning_rate: 1.0e-3, warmup_steps: 1, batch: 2, turns: 1 }
phase2: { steps: 3, learning_rate: 1.0e-3, warmup_steps: 1, batch: 2, turns: 2 }
measures: { questions: 4, captions: 6, queries: 3 }
"""


@pytest.fixture(scope="session")
def toy_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("experiments") / "toy.yaml"
    path.write_text(TOY)
    return path
