"""The clip time of each frame, written before its placeholder, so that a model can say at which second something happens.
The product writes the same (src/valley/placeholders.ts) where a model's settings say `"frameTimes": "tenths"`."""

from __future__ import annotations

import math
from collections.abc import Sequence


def in_tenths(seconds: float) -> str:
    """Seconds with one decimal, halves up: 2.25 is `2.3`."""
    tenths = math.floor(seconds * 10 + 0.5)
    return f"{tenths // 10}.{tenths % 10}"


def timed_block(patches: int, times: Sequence[float]) -> str:
    """The placeholders of one clip, each group within its markers, each frame after its time."""
    frames = "".join(f"{in_tenths(time)}<vi_frame>" for time in times)
    return "<im_start>" + "<im_patch>" * patches + f"<im_end><vi_start>{frames}<vi_end>"
