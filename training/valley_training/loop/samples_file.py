"""What a model answered while it learnt, as a file of JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from valley_training.errors import TrainingError
from valley_training.loop.files import replace_file


def write_samples(path: Path, step: int, samples: list[dict[str, Any]]) -> None:
    """Adds what was answered at a step, one JSON line each; lines of that step or later ones, of a run that was killed, go.
    Raises TrainingError for a damaged file, and as replace_file."""
    earlier = [line for line in _sample_lines(path) if json.loads(line)["step"] < step]
    lines = [json.dumps({"step": step} | sample, ensure_ascii=False) for sample in samples]
    replace_file(path, ("\n".join([*earlier, *lines]) + "\n").encode())


def _sample_lines(path: Path) -> list[str]:
    if not path.exists():
        return []
    try:
        return [line for line in path.read_text().splitlines() if json.loads(line)]
    except ValueError as error:
        raise TrainingError(f"{path} is damaged ({error}); move it away") from error
