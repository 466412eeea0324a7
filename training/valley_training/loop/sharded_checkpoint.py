"""The checkpoint of a model that many processes may share: a folder a checkpoint, each process its own files.

    <stage>/step-00000120/      torch.distributed.checkpoint's shards: what learns, and its optimizer
        random-0.pt             random state of process 0
        sums-0.json             length and CRC-32 of the files that process 0 wrote
        checkpoint.json         step, number of processes, the settings that shape the state

Written as step-….part and renamed when whole. The last two are kept.
"""

from __future__ import annotations

import json
import shutil
import warnings
import zlib
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object
from torch import nn
from torch.distributed import checkpoint as distributed
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_state_dict, set_state_dict

from valley_training.errors import TrainingError, first_line
from valley_training.loop.checkpoint import no_room, read_state

KEPT = 2
_OPTIONS = StateDictOptions(ignore_frozen_params=True, strict=False)
_READ_BYTES = 1 << 24


class ShardedCheckpoint:
    """Weights that learn, optimizer, step and every process's random state. With another number of processes than before,
    training goes on with the same rows but other random states."""

    def __init__(
        self, place: Path, accelerator: Accelerator, module: nn.Module, optimizer: Any, settings: dict[str, Any]
    ) -> None:
        """settings: what must not change between pieces, told by name where it did."""
        self.place, self._accelerator, self._module, self._settings = place, accelerator, module, settings
        self._optimizer = getattr(optimizer, "optimizer", optimizer)  # accelerate wraps it
        self._random: dict[str, Any] | None = None

    def load(self, steps: int) -> int:
        folder = next(iter(reversed(self._folders())), None)
        if folder is None:
            return 0
        about = _about(folder)
        self._check_settings(folder, about["settings"])
        self._check_files(folder, about["processes"])
        weights, optimizer = get_state_dict(self._module, self._optimizer, options=_OPTIONS)
        state = {"weights": weights, "optimizer": optimizer}
        try:
            with _quiet():
                distributed.load(state, checkpoint_id=folder)
        except (CheckpointException, RuntimeError, ValueError, OSError) as error:
            words = f"{folder} does not fit this configuration ({first_line(_root(error))})"
            raise TrainingError(f"{words}; move {self.place} away to begin anew") from error
        set_state_dict(
            self._module,
            self._optimizer,
            model_state_dict=state["weights"],
            optim_state_dict=state["optimizer"],
            options=_OPTIONS,
        )
        if about["processes"] == self._accelerator.num_processes:
            self._random = read_state(folder / f"random-{self._accelerator.process_index}.pt")
        return int(about["step"])

    def restore_random_state(self) -> None:
        if self._random is None:
            return
        torch.set_rng_state(self._random["torch"])
        if "cuda" in self._random and torch.cuda.is_available():
            torch.cuda.set_rng_state(self._random["cuda"])
        self._random = None

    def save(self, step: int) -> None:
        accelerator, folder = self._accelerator, self.place / f"step-{step:08d}"
        part = folder.with_suffix(".part")
        try:
            if accelerator.is_main_process:
                for stale in self.place.glob("*.part"):
                    shutil.rmtree(stale)
                part.mkdir(parents=True)
            accelerator.wait_for_everyone()
            self._write(part)
            accelerator.wait_for_everyone()
            if accelerator.is_main_process:
                about = {"step": step, "processes": accelerator.num_processes, "settings": self._settings}
                (part / "checkpoint.json").write_text(json.dumps(about, indent=1) + "\n")
                part.replace(folder)
        except (CheckpointException, RuntimeError, OSError) as error:
            shutil.rmtree(part, ignore_errors=True)
            raise TrainingError(no_room(self.place, step, _root(error), bool(self._folders()))) from error
        if accelerator.is_main_process:
            for old in self._folders()[:-KEPT]:
                shutil.rmtree(old)
        accelerator.wait_for_everyone()

    def _write(self, part: Path) -> None:
        """This process's files."""
        index = self._accelerator.process_index
        weights, optimizer = get_state_dict(self._module, self._optimizer, options=_OPTIONS)
        with _quiet():
            distributed.save({"weights": weights, "optimizer": optimizer}, checkpoint_id=part)
        state = {"torch": torch.get_rng_state()}
        if torch.cuda.is_available():
            state["cuda"] = torch.cuda.get_rng_state()
        torch.save(state, part / f"random-{index}.pt")
        files = [*part.glob(f"__{index}_*"), part / f"random-{index}.pt"]
        if self._accelerator.is_main_process:
            files.append(part / ".metadata")
        sums = {file.name: [file.stat().st_size, _crc32(file)] for file in files}
        (part / f"sums-{index}.json").write_text(json.dumps(sums, indent=1) + "\n")

    def _folders(self) -> list[Path]:
        """Whole checkpoints, oldest first."""
        return sorted(path for path in self.place.glob("step-*") if path.suffix != ".part")

    def _check_settings(self, folder: Path, before: dict[str, Any]) -> None:
        now = self._settings
        changed = [f"{key} was {before.get(key)}, is {value}" for key, value in now.items() if before.get(key) != value]
        if changed:
            words = f"{folder} is of another configuration ({'; '.join(changed)})"
            raise TrainingError(f"{words}; move {self.place} away to begin anew")

    def _check_files(self, folder: Path, writers: int) -> None:
        """Every process reads a share of the files; all hear of what any of them found."""
        accelerator = self._accelerator
        problems: list[str] = []
        for writer in range(accelerator.process_index, writers, accelerator.num_processes):
            sums_file = folder / f"sums-{writer}.json"
            try:
                sums = json.loads(sums_file.read_text())
                problems += [
                    name
                    for name, (size, crc) in sums.items()
                    if not (folder / name).is_file() or (folder / name).stat().st_size != size or _crc32(folder / name) != crc
                ]
            except (OSError, ValueError):
                problems.append(sums_file.name)
        if accelerator.num_processes > 1:
            problems = gather_object(problems)
        if problems:
            others = [other.name for other in self._folders() if other != folder]
            then = f"to go on from {others[-1]}" if others else "to begin the stage anew"
            raise TrainingError(f"{folder / problems[0]} is damaged; remove {folder} {then}")


def _about(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "checkpoint.json").read_text())
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder / 'checkpoint.json'} is damaged ({first_line(error)}); remove {folder}") from error


def _crc32(path: Path) -> int:
    value = 0
    with path.open("rb") as file:
        while block := file.read(_READ_BYTES):
            value = zlib.crc32(block, value)
    return value


def _root(error: BaseException) -> BaseException:
    """What a process of torch.distributed.checkpoint met; its exception holds those of all of them."""
    if isinstance(error, CheckpointException) and error.failures:
        return next(iter(error.failures.values()))[0]
    return error


class _quiet(warnings.catch_warnings):
    """torch warns that there is one process only, which is no news."""

    def __enter__(self) -> None:
        super().__enter__()
        warnings.filterwarnings("ignore", module="torch.distributed.checkpoint")
        warnings.filterwarnings("ignore", message=".*torch.distributed is disabled.*")
