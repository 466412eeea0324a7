"""What a run has measured, in one file each, with all that it takes to repeat it."""

from __future__ import annotations

import json
import platform
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from valley_training.errors import TrainingError, first_line
from valley_training.experiments.arms import ARMS
from valley_training.loop.files import replace_file

PACKED_FILE = "results.jsonl"
PROBES = "probes"  # folder of probes.py's files
_VERSION = 1


@dataclass(frozen=True)
class Result:
    """Shares, 0 to 1. right: by language and kind of question; shuffled, swapped: by kind, in English, with frames in
    another order and with another clip's features; recall: by rank. Empty where it was not measured."""

    arm: str
    seed: int
    right: dict[str, dict[str, float]]
    shuffled: dict[str, float]
    swapped: dict[str, float]
    recall: dict[str, float]
    questions: dict[str, int]
    seconds: float
    provenance: dict[str, Any]


def provenance(config: Any, arm: Any, device: torch.device) -> dict[str, Any]:
    """What a run was made with."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "device": f"{device.type} ({name})",
        "threads": torch.get_num_threads(),
        "arm": asdict(arm),
        "config": asdict(config),
    }


def result_path(folder: Path, arm: str, seed: int) -> Path:
    """The file of a run."""
    return folder / "results" / f"{arm}-seed-{seed}.json"


def write_result(folder: Path, result: Result) -> None:
    """Writes it as a whole."""
    path = result_path(folder, result.arm, result.seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, (json.dumps({"version": _VERSION} | asdict(result), indent=1) + "\n").encode())


def read_result(folder: Path, arm: str, seed: int) -> Result | None:
    """What a run has measured; None where it has not ended. Raises TrainingError for a damaged file."""
    path = result_path(folder, arm, seed)
    if not path.exists():
        return None
    result = _parse(_text(path), f"{path}")
    if (result.arm, result.seed) != (arm, seed):
        raise TrainingError(f"{path} is of {result.arm}, seed {result.seed}; remove it to have that run made anew")
    return result


def read_packed(path: Path) -> list[Result]:
    """The results of a packed file, a line each. Raises TrainingError for a damaged one."""
    lines = enumerate(_text(path).splitlines(), 1)
    return [_parse(line, f"{path} line {number}") for number, line in lines]


def pack_results(folder: Path, out: Path) -> None:
    """Writes all results of a folder into one file, to carry or to keep, and its probes beside it."""
    found = [_parse(_text(one), f"{one}") for one in sorted((folder / "results").glob("*.json"))]
    out.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps({"version": _VERSION} | asdict(one)) + "\n" for one in found)
    replace_file(out / PACKED_FILE, lines.encode())
    if (folder / PROBES).exists():
        shutil.copytree(folder / PROBES, out / PROBES, dirs_exist_ok=True)


def take_up(path: Path, folder: Path, config: Any) -> None:
    """Lays packed results into a folder, to go on where another machine ended. Raises TrainingError for those of another
    configuration."""
    for result in read_packed(path):
        if result.provenance["config"] != asdict(config):
            raise TrainingError(f"{path} is of another configuration; name the one it was made with by --config")
        if not result_path(folder, result.arm, result.seed).exists():
            write_result(folder, result)
    if (path.parent / PROBES).exists():
        shutil.copytree(path.parent / PROBES, folder / PROBES, dirs_exist_ok=True)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path} cannot be read ({first_line(error)}); name a file of results") from error


def _parse(text: str, where: str) -> Result:
    try:
        data = json.loads(text)
        if data.pop("version") != _VERSION:
            raise ValueError(f"its version is not {_VERSION}")
        result = Result(**data)
        if result.arm not in ARMS:
            raise ValueError(f"its arm is {result.arm!r}")
        shares = [*result.shuffled.values(), *result.swapped.values(), *result.recall.values()]
        shares += [share for by_kind in result.right.values() for share in by_kind.values()]
        if not result.right or not all(0 <= share <= 1 for share in shares):
            raise ValueError("a share is not between 0 and 1, or there is none")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{where} is damaged ({first_line(error)}); remove it to have that run made anew"
        raise TrainingError(message) from error
    return result
