"""Steps and learning rate of a stage."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Schedule:
    """Peak learning rate after `warmup_steps`, then cosine to `final_share` of it at `steps`."""

    steps: int
    learning_rate: float
    warmup_steps: int
    weight_decay: float = 0.05
    final_share: float = 0.05
    betas: tuple[float, float] = (0.9, 0.98)
    clip_norm: float = 1.0
    optimizer: Literal["adamw", "muon"] = "adamw"
    # Of the rate, for what AdamW takes beside Muon.
    adamw_share: float = 1.0

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        share = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return self.learning_rate * (self.final_share + (1 - self.final_share) * 0.5 * (1 + math.cos(math.pi * share)))
