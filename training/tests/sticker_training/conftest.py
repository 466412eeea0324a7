"""A configuration so small that all stages run in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from valley_training.sticker_training.config import StickerConfig, load_sticker_config

TINY = """
name: tiny-sticker-world
seed: 3
vision:
  { width: 32, layers: 2, heads: 2, mlp_width: 48, image_pixels: 32, patch_pixels: 16, select_layer: -2,
    stem: [{ width: 8, stride: 4, blocks: 1 }, { width: 16, stride: 4 }] }
language: { width: 32, layers: 1, heads: 2, key_value_heads: 2, mlp_width: 48, vocabulary: 600, context: 2048 }
pooling: transformer
pooling_mlp_width: 32
frames: 4
tokenizer_scenes: 8
tower: { steps: 4, learning_rate: 1.0e-3, warmup_steps: 1, batch: 8, parts: 2 }
language_stage: { steps: 3, learning_rate: 1.0e-3, warmup_steps: 1, batch: 2, turns: 2, dialogues: 2 }
phase1: { steps: 3, learning_rate: 1.0e-3, warmup_steps: 1, batch: 3, turns: 1 }
phase2: { steps: 4, learning_rate: 1.0e-3, warmup_steps: 1, batch: 3, parts: 2, turns: 2, dialogues: 2 }
"""


@pytest.fixture
def tiny_config(tmp_path: Path) -> StickerConfig:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return load_sticker_config(path)


@pytest.fixture
def tiny_config_path(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return path


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that are cut after every step write samples as often."""
    monkeypatch.setattr("valley_training.sticker_training.samples.CLIPS", 1)
