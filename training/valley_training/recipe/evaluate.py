"""Answers to held-out rows while a phase trains, as a file that a person can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate import Accelerator
from accelerate.utils import send_to_device
from torch import nn

from valley_training.data.dialogue import IGNORED
from valley_training.loop.samples_file import write_samples
from valley_training.recipe.batches import Batch
from valley_training.recipe.config import Evaluation, RecipeConfig, RowFile
from valley_training.recipe.prompt import prompt_text, with_block
from valley_training.recipe.rows import Row, RowSource
from valley_training.recipe.tokens import RowTokenizer


class SampledRun(Protocol):
    """What of a run is needed to ask its model."""

    config: RecipeConfig
    accelerator: Accelerator
    tokenizer: RowTokenizer
    open_rows: Callable[[list[RowFile]], RowSource]

    def prepare(self, row: Row) -> Any:
        """A row's ids, labels and pictures."""

    def collate(self, samples: list[Any]) -> Batch:
        """Prepared rows as a batch."""


class Samples:
    """Called with a step: loss and greedy answer for the last turn of each sampled row, one JSON line each.

    Every process does the same, so that sharded weights are gathered by all of them alike; the main one writes.
    """

    def __init__(self, run: SampledRun, settings: Evaluation, module: nn.Module, path: Path) -> None:
        self._run, self._settings, self._module, self._path = run, settings, module, path
        rows = run.open_rows(settings.rows)
        if run.accelerator.is_local_main_process:
            rows.check()
        self._rows = [rows[index] for index in range(min(settings.samples, len(rows)))]

    @torch.no_grad()
    def __call__(self, step: int) -> None:
        samples = [self._ask(row) for row in self._rows]
        if self._run.accelerator.is_main_process:
            write_samples(self._path, step, samples)

    def _ask(self, row: Row) -> dict[str, Any]:
        run = self._run
        ids, labels, clip = run.prepare(row)
        batch = send_to_device(run.collate([(ids, labels, clip)]), run.accelerator.device)
        loss = self._module(**batch)[0].item() / max(1, sum(label != IGNORED for label in labels))
        tokenizer = run.tokenizer
        turns = with_block(row, 0 if clip is None else len(clip), run.config.vision.patches)
        (question, expected) = turns[-1]
        text = prompt_text(turns[:-1], question, tokenizer.prompt, tokenizer.bos, tokenizer.eos)
        answer = self._answer(batch, tokenizer.encode(text))
        return {"id": row.id, "loss": round(loss, 4), "question": row.turns[-1][0], "expected": expected, "answer": answer}

    def _answer(self, batch: Batch, prompt: list[int]) -> str:
        """Greedy, by whole passes through the wrapped module: sharded weights are there only inside it."""
        run = self._run
        end = run.tokenizer.special_ids["</s>"]
        said: list[int] = []
        clip = {name: batch[name] for name in ("pixel_values", "clip_frames", "clip_samples")}
        for _ in range(self._settings.max_tokens):
            token_ids = torch.tensor([prompt + said], device=run.accelerator.device)
            said.append(int(self._module(token_ids=token_ids, **clip)[0, -1].argmax()))
            if said[-1] == end:
                break
        return run.tokenizer.tokenizer.decode(said, skip_special_tokens=True).strip()
