"""What is learnt, in files that a lent machine gives back and takes in: weights in shards of at most 15 MiB, and the rest of
the run in one JSON. Optimizers are too large to travel; a stage that goes on elsewhere begins anew with theirs.

Weights travel in half precision; with 8 bits (a scale a row), they are half as large again, for machines that take little
in. What is learnt from then on builds on the rounded weights, so nothing comes apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from valley_training.errors import TrainingError
from valley_training.loop.checkpoint import FileCheckpoint, read_state

SHARD_BYTES = 15 * 2**20
RUN_FILE = "run.json"
# In order; a phase holds all that the stages before it have learnt.
STAGES = ("language", "tower", "phase1", "phase2")
# What outlives the tower's stage, by its names there.
TOWER_PARTS = ("tower.", "projector.")
_SCALE = ".scale"


def furthest(directory: Path) -> list[str]:
    """The stages whose weights are needed to go on: a phase alone, else all that there are."""
    there = [name for name in STAGES if (directory / f"{name}.pt").exists() or _taken_up(directory, name).exists()]
    phases = [name for name in there if name.startswith("phase")]
    return phases[-1:] or there


def pack(directory: Path, out: Path, bits: int = 16) -> list[Path]:
    """Writes the run's weights and papers. Raises TrainingError when there is nothing yet."""
    names = furthest(directory)
    if not names:
        raise TrainingError(f"{directory} holds no stage that has learnt anything; run a piece first")
    tensors: dict[str, Tensor] = {}
    steps: dict[str, int] = {}
    for name in names:
        state = read_state(_file(directory, name))
        steps[name] = int(state["step"])
        kept = {key: tensor for key, tensor in state["module"].items() if _travels(name, key)}
        tensors |= {f"{name}/{key}": tensor for key, tensor in _rounded(kept, bits).items()}
    out.mkdir(parents=True, exist_ok=True)
    shards: list[dict[str, Tensor]] = [{}]
    for key, tensor in tensors.items():
        if sum(map(_bytes, shards[-1].values())) + _bytes(tensor) > SHARD_BYTES:
            shards.append({})
        shards[-1][key] = tensor.contiguous()
    files = [out / f"weights-{number}.safetensors" for number in range(len(shards))]
    for file, shard in zip(files, shards, strict=True):
        save_file(shard, file)
    papers = {path.name: path.read_text() for pattern in ("*.json", "*.csv") for path in sorted(directory.glob(pattern))}
    (out / RUN_FILE).write_text(json.dumps({"steps": steps, "papers": papers}))
    return [*files, out / RUN_FILE]


def unpack(source: Path, directory: Path) -> None:
    """Lays a packed run into a run folder, to go on with it or to export it. Raises TrainingError for an incomplete one."""
    try:
        run = json.loads((source / RUN_FILE).read_text())
    except (OSError, ValueError) as error:
        raise TrainingError(f"{source / RUN_FILE} cannot be read ({error}); name the folder with the files of a run") from error
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in run["papers"].items():
        (directory / name).write_text(text)
    tensors: dict[str, Tensor] = {}
    for file in sorted(source.glob("weights-*.safetensors")):
        tensors |= load_file(file)
    for name, step in run["steps"].items():
        own = {key.removeprefix(f"{name}/"): tensor for key, tensor in tensors.items() if key.startswith(f"{name}/")}
        if not own:
            raise TrainingError(f"{source} lacks the weights of {name}; copy all of its weights-*.safetensors")
        torch.save({"module": _restored(own), "step": step}, _taken_up(directory, name))


def take_up_weights(name: str, module: nn.Module, checkpoint: FileCheckpoint, directory: Path) -> None:
    """Makes a checkpoint of unpacked weights, if there are any, with a fresh optimizer."""
    path = _taken_up(directory, name)
    if not path.exists() or checkpoint.place.exists():
        return
    state = read_state(path)
    load_fitting(module, state["module"])
    checkpoint.save(int(state["step"]))
    path.unlink()


def stage_weights(directory: Path, name: str) -> dict[str, Tensor] | None:
    """The weights of a stage, from its checkpoint or unpacked; None where it has none."""
    return read_state(_file(directory, name))["module"] if _file(directory, name).exists() else None


def load_fitting(module: nn.Module, state: dict[str, Tensor]) -> None:
    """Loads weights under the names that this version of transformers gives a tower (with `vision_model.` or without).
    What is missing stays as it is: a tower comes without its caption encoder, a tied head without weights."""
    own = set(module.state_dict())
    misfit = "the weights do not fit the configuration ({}); name the configuration that they have"
    plain = {name.replace("vision_model.", ""): name for name in own}
    fitted = {plain.get(name.replace("vision_model.", ""), name): tensor for name, tensor in state.items()}
    if unknown := sorted(set(fitted) - own):
        raise TrainingError(misfit.format(f"{unknown[0]} is unknown"))
    try:
        module.load_state_dict(fitted, strict=False)
    except RuntimeError as error:
        raise TrainingError(misfit.format(str(error).splitlines()[-1].strip())) from error


def _travels(stage: str, key: str) -> bool:
    """Of the tower's stage only tower and projector are needed later; the head is tied to the embeddings."""
    return key.startswith(TOWER_PARTS) if stage == "tower" else not key.endswith("lm_head.weight")


def _file(directory: Path, name: str) -> Path:
    checkpoint = directory / f"{name}.pt"
    return checkpoint if checkpoint.exists() else _taken_up(directory, name)


def _taken_up(directory: Path, name: str) -> Path:
    return directory / f"{name}-weights.pt"


def _rounded(state: dict[str, Tensor], bits: int) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for name, tensor in state.items():
        if not tensor.is_floating_point() or bits == 16 or tensor.ndim < 2:
            found[name] = tensor.half() if tensor.is_floating_point() else tensor
            continue
        scale = tensor.flatten(1).abs().amax(1).clamp(min=1e-8) / 127
        shaped = scale.view(-1, *[1] * (tensor.ndim - 1))
        found[name] = (tensor / shaped).round().to(torch.int8)
        found[name + _SCALE] = scale
    return found


def _restored(state: dict[str, Tensor]) -> dict[str, Tensor]:
    found: dict[str, Any] = {}
    for name, tensor in state.items():
        scale = state.get(name + _SCALE)
        if name.endswith(_SCALE) and name.removesuffix(_SCALE) in state:
            continue
        if scale is not None and tensor.dtype == torch.int8:
            found[name] = tensor.float() * scale.view(-1, *[1] * (tensor.ndim - 1))
        else:
            found[name] = tensor.float() if tensor.is_floating_point() else tensor
    return found


def _bytes(tensor: Tensor) -> int:
    return tensor.numel() * tensor.element_size()
