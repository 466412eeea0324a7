"""The processes that share a run, as `accelerate launch` or torchrun started them. Nothing here sends or splits anything."""

from __future__ import annotations

import os

import torch
from accelerate import Accelerator, FullyShardedDataParallelPlugin
from torch.distributed.fsdp import MixedPrecisionPolicy

from valley_training.errors import TrainingError

# Computes in bfloat16; adds gradients up and gives losses in float32, where accelerate by itself has bfloat16.
SHARDED_PRECISION = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)


def open_accelerator(precision: str) -> Accelerator:
    """The accelerator of this process. Raises TrainingError when processes were started that do not know of each other:
    each would train the whole model and write over the others' files."""
    sharded = os.environ.get("ACCELERATE_USE_FSDP", "false").lower() == "true"
    mixed = precision == "bf16"
    plugin = None
    if sharded:
        version = os.environ.get("FSDP_VERSION", "1")
        if version != "2":
            raise TrainingError(f"fsdp_version is {version}, it must be 2; set it in the file of accelerate launch")
        plugin = FullyShardedDataParallelPlugin(mixed_precision_policy=SHARDED_PRECISION if mixed else None)
    accelerator = Accelerator(mixed_precision="bf16" if mixed else "no", fsdp_plugin=plugin)
    started = int(os.environ.get("WORLD_SIZE", "1"))
    if started != accelerator.num_processes:
        raise TrainingError(
            f"{started} processes were started but accelerate joins {accelerator.num_processes}: it finds no GPU; "
            "start one process, or set ACCELERATE_USE_CPU=true to train on several CPUs"
        )
    return accelerator
