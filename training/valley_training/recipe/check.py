"""All rows of a configuration as training would see them, so that none stops it after hours."""

from __future__ import annotations

from typing import Any

from torch.utils.data import DataLoader
from tqdm import tqdm

from valley_training.errors import TrainingError
from valley_training.recipe.batches import RowDataset
from valley_training.recipe.run import RecipeRun


def check_rows(run: RecipeRun) -> int:
    """Decodes every clip and cuts every text into tokens, stage by stage. Prints a line for each row that cannot be used;
    returns how many there are."""
    unusable = 0
    for stage in run.needed():
        rows = run.open_rows(run.settings(stage).rows)
        workers = run.config.workers
        problems = DataLoader(
            RowDataset(rows, run.preparation(stage)),
            batch_size=None,
            num_workers=workers,
            multiprocessing_context="fork" if workers else None,
            collate_fn=_only_error,
        )
        for problem in tqdm(problems, desc=f"{stage}: {len(rows)} rows", unit="row", disable=None):
            if problem is not None:
                unusable += 1
                print(f"{stage}: {problem}")
    return unusable


def _only_error(item: Any) -> TrainingError | None:
    return item if isinstance(item, TrainingError) else None
