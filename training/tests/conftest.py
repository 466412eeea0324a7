"""Shared fixtures: a configuration so small that all stages run in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from accelerate.state import AcceleratorState

from valley_training.config import TrainingConfig, load_config

SMALL_CONFIG = """
name: small
seed: 1
vision: { width: 32, layers: 2, heads: 2, mlp_width: 64, image_pixels: 64, patch_pixels: 16, select_layer: -2 }
language: { width: 32, layers: 2, heads: 2, key_value_heads: 2, mlp_width: 64, vocabulary: 400, context: 1024 }
pooling: transformer
pooling_mlp_width: 64
frames: 8
tower: { steps: 4, learning_rate: 1.0e-3, warmup_steps: 1, clips: 4, pictures: 2 }
language_stage: { steps: 4, learning_rate: 2.0e-3, warmup_steps: 1, batch: 2, turns: 2 }
features: { clips: 8, short_clips: 2, long_clips: 2, stills: 2 }
phase1: { steps: 4, learning_rate: 2.0e-3, warmup_steps: 1, batch: 2, turns: 2 }
phase2: { steps: 4, learning_rate: 1.2e-3, warmup_steps: 1, batch: 2, turns: 2 }
"""


@pytest.fixture(autouse=True)
def fresh_accelerator() -> Iterator[None]:
    """Accelerate keeps one state a process; tests ask for different ones."""
    yield
    AcceleratorState._reset_state(reset_partial_state=True)


@pytest.fixture
def small_config_text() -> str:
    return SMALL_CONFIG


@pytest.fixture
def small_config(tmp_path: Path) -> TrainingConfig:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL_CONFIG)
    return load_config(path)
