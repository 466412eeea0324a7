"""Files that are there as a whole or as they were before."""

from __future__ import annotations

from pathlib import Path

from valley_training.errors import TrainingError, first_line


def replace_file(path: Path, content: bytes) -> None:
    """Writes beside the old file first. Raises TrainingError when there is no room."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise TrainingError(f"cannot write {path} ({first_line(error)}); make room and run again to go on") from error
