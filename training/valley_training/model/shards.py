"""Tensors in safetensors files: one, or shards with an index, as Hugging Face lays them out."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import torch
from huggingface_hub import split_torch_state_dict_into_shards
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from valley_training.errors import TrainingError, first_line

SINGLE_FILE = "model.safetensors"
INDEX_FILE = "model.safetensors.index.json"
SHARD_BYTES = 5 * 10**9


def write_shards(tensors: dict[str, Tensor], directory: Path, shard_bytes: int = SHARD_BYTES) -> None:
    """Writes the files. Raises TrainingError when there is no room."""
    split = split_torch_state_dict_into_shards(tensors, max_shard_size=shard_bytes)
    try:
        for file, names in split.filename_to_tensors.items():
            save_file({name: tensors[name].contiguous() for name in names}, directory / file, {"format": "pt"})
        if split.is_sharded:
            index = {"metadata": split.metadata, "weight_map": split.tensor_to_filename}
            (directory / INDEX_FILE).write_text(json.dumps(index, indent=1) + "\n")
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"cannot write weights to {directory} ({first_line(error)}); make room and run again") from error


def replace_with_shards(tensors: dict[str, Tensor], directory: Path) -> None:
    """As write_shards, into a folder of their own that is there when it is whole and not before."""
    part = directory.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        write_shards(tensors, part)
    except TrainingError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    shutil.rmtree(directory, ignore_errors=True)
    os.replace(part, directory)


def read_shards(directory: Path) -> dict[str, Tensor]:
    """All tensors of a folder. Raises TrainingError naming the file that is missing or damaged."""
    tensors: dict[str, Tensor] = {}
    for file in shard_files(directory):
        with _opened(file) as shard:
            tensors |= {name: shard.get_tensor(name) for name in shard.keys()}  # noqa: SIM118 (no mapping)
    return tensors


def check_shards(directory: Path) -> None:
    """Opens each file, which reads its header and compares its length. Raises TrainingError for one that is damaged."""
    for file in shard_files(directory):
        with _opened(file):
            pass


def shard_files(directory: Path) -> list[Path]:
    """The files that an index names, or the single one."""
    index = directory / INDEX_FILE
    if not index.exists():
        return [directory / SINGLE_FILE]
    try:
        names = set(json.loads(index.read_text())["weight_map"].values())
    except (OSError, ValueError, KeyError) as error:
        raise TrainingError(f"{index} is damaged ({first_line(error)}); fetch or write it again") from error
    return [directory / name for name in sorted(names)]


def _opened(file: Path) -> safe_open:
    try:
        return safe_open(file, framework="pt")
    except (OSError, SafetensorError) as error:
        raise TrainingError(f"{file} is missing or damaged ({first_line(error)}); fetch or write it again") from error


def as_dtype(tensors: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Tensors of real numbers in one precision."""
    return {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}
