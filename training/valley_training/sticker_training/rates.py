"""How fast parts are made, and how much arithmetic they bring: what a plan for a machine starts from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode

from valley_training.data.dialogue import IGNORED
from valley_training.model.config import VisionSizes
from valley_training.model.vision_tower import new_tower
from valley_training.sticker_training.clips import make_clip_part
from valley_training.sticker_training.language import make_language_part
from valley_training.sticker_training.looking import look, seen_patches
from valley_training.sticker_training.records import Mentions
from valley_training.sticker_training.run import StickerRun
from valley_training.sticker_training.tower import make_tower_part

_PARTS = 4


def print_rates(run: StickerRun) -> None:
    """Processor time, so that a busy machine says the same as an idle one; FLOPs of the decoder as 6 a weight and
    token, of the tower as counted, three times where it learns."""
    config, tokenizer = run.config, run.tokenizer()
    mentions = Mentions(tokenizer)
    model = run.model()
    sizes = config.vision
    looking = tower_flops(sizes, sizes.patches)
    learning = [3 * tower_flops(sizes, seen_patches(step, config.tower_patches, sizes.patches)) for step in range(4)]
    tower = sum(parameter.numel() for parameter in model.vision_tower.parameters())
    decoder = sum(parameter.numel() for parameter in model.decoder.parameters())
    print(f"tower {tower / 1e6:.1f} M, whole model {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters")

    seconds, _ = _timed(lambda number: make_tower_part(config, number))
    rate, cost = config.tower.batch / seconds, sum(learning) / len(learning)
    print(f"tower: {rate:.0f} pictures a second and core, {cost / 1e9:.1f} GFLOP each")

    seconds, part = _timed(lambda number: make_language_part(config, number, tokenizer, mentions))
    count, length, learnt = _sizes(part)
    print(f"language: {count / seconds:.0f} dialogues a second and core, {length} tokens, {learnt} of them learnt")

    for phase in (1, 2):
        settings = config.phase1 if phase == 1 else config.phase2
        seconds, part = _timed(lambda number, phase=phase: make_clip_part(config, phase, number, tokenizer, mentions))
        count, length, learnt = _sizes(part)
        cost = (6 * decoder * length * count + looking * len(part.pictures)) / settings.batch
        rate = settings.batch / seconds
        words = f"{length} tokens a dialogue, {learnt} of them learnt, {cost / 1e9:.0f} GFLOP a clip"
        print(f"phase {phase}: {rate:.0f} clips a second and core, {words}")


def tower_flops(sizes: VisionSizes, seen: int) -> int:
    """Of one look at a picture of which so many patches are seen; a multiplication and an addition are two."""
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        picture = torch.empty(1, 3, sizes.image_pixels, sizes.image_pixels)
        look(new_tower(sizes), picture, torch.empty(1, seen, dtype=torch.int64), sizes.select_layer)
    return counter.get_total_flops()


def _sizes(part: Any) -> tuple[int, int, int]:
    """Dialogues of a part, the tokens of one with what pads it, and those that are learnt."""
    batches = [group.batch for group in part.dialogues]
    count = sum(len(batch.token_ids) for batch in batches)
    learnt = sum(int((batch.labels != IGNORED).sum()) for batch in batches)
    return count, round(sum(batch.token_ids.numel() for batch in batches) / count), round(learnt / count)


def _timed(make: Callable[[int], Any]) -> tuple[float, Any]:
    """Processor seconds a part, after a first one that fills the caches; and the last part."""
    make(0)
    started = time.process_time()
    for number in range(1, 1 + _PARTS):
        part = make(number)
    return (time.process_time() - started) / _PARTS, part
