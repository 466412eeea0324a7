"""What the loop asks of a checkpoint, and the one of a small model: a single file."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from valley_training.errors import TrainingError, first_line
from valley_training.optimizer import Optimizers

_UNREADABLE = (OSError, RuntimeError, EOFError, pickle.UnpicklingError, KeyError, ValueError)


class Checkpoint(Protocol):
    """Where a stage stands: weights, optimizer, step and random state. Writing one leaves the last one good until the new
    one is whole."""

    place: Path

    def load(self, steps: int) -> int:
        """Takes up the last checkpoint, if any. Returns the steps done; `steps` are those of the whole stage."""

    def restore_random_state(self) -> None:
        """Sets the random state of the loaded checkpoint, if one was loaded. Making a data loader draws from it, so this
        comes after that."""

    def save(self, step: int) -> None:
        """Writes a checkpoint after so many steps. Raises TrainingError when there is no room."""


class FileCheckpoint:
    """One file with everything; later stages read its `module`."""

    def __init__(self, place: Path, module: nn.Module, optimizer: Optimizers) -> None:
        self.place, self._module, self._optimizer = place, module, optimizer
        self._loaded: dict[str, Any] | None = None

    def load(self, steps: int) -> int:
        """A finished stage needs no optimizer any more, so it may have been trained with another one."""
        if not self.place.exists():
            return 0
        self._loaded = state = read_state(self.place)
        try:
            self._module.load_state_dict(state["module"])
            if int(state["step"]) < steps:
                self._optimizer.load_state_dict(state["optimizer"])
        except (RuntimeError, KeyError, ValueError) as error:
            raise TrainingError(
                f"{self.place} does not fit this configuration ({first_line(error)}); move it away to begin anew"
            ) from error
        return int(state["step"])

    def restore_random_state(self) -> None:
        if self._loaded is None:
            return
        torch.set_rng_state(self._loaded["rng"])
        if "cuda_rng" in self._loaded and torch.cuda.is_available():
            torch.cuda.set_rng_state(self._loaded["cuda_rng"])
        self._loaded = None

    def save(self, step: int) -> None:
        state = {
            "module": self._module.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": step,
            "rng": torch.get_rng_state(),
        }
        if torch.cuda.is_available():
            state["cuda_rng"] = torch.cuda.get_rng_state()
        temporary = self.place.with_suffix(".pt.part")
        try:
            torch.save(state, temporary)
            os.replace(temporary, self.place)
        except (OSError, RuntimeError) as error:
            temporary.unlink(missing_ok=True)
            raise TrainingError(no_room(self.place, step, error, self.place.exists())) from error


def no_room(place: Path, step: int, error: BaseException, has_earlier: bool) -> str:
    """The words for a checkpoint that could not be written."""
    then = "the last checkpoint is as it was and training goes on from it" if has_earlier else "there is no earlier one"
    return f"cannot write the checkpoint of step {step} to {place} ({first_line(error)}); make room and run again: {then}"


def read_state(path: Path) -> dict[str, Any]:
    """What a FileCheckpoint wrote, on the CPU. Raises TrainingError for a damaged file."""
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except _UNREADABLE as error:
        raise TrainingError(f"{path} is damaged ({first_line(error)}); move it away to begin its stage anew") from error
