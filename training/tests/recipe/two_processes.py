"""Started by torchrun: a stage with the model in shards, unbroken and in pieces, then with the model whole in each process.
Arguments: the three run folders, then the command line's. One start for all of it, since importing takes longest.

accelerate shards models (FSDP) on GPUs only. It is told here that its processes have some, while ACCELERATE_TORCH_DEVICE
keeps all on the CPU, where torch's FSDP works just as well; what is tested is ours and torch's, on gloo.
"""

from __future__ import annotations

import os
import sys

from accelerate.state import AcceleratorState, DistributedType, PartialState

from valley_training.__main__ import main


def run(folder: str, *options: str) -> None:
    if main([*sys.argv[4:], "--run", folder, *options]) != 0:
        sys.exit(f"the run in {folder} failed")


if __name__ == "__main__":
    sharded, pieces, copied = sys.argv[1:4]
    on_cpu = PartialState._prepare_backend
    PartialState._prepare_backend = lambda *_, **__: ("gloo", DistributedType.MULTI_GPU)
    run(sharded)
    run(pieces, "--stop-after", "0")
    run(pieces)
    AcceleratorState._reset_state(reset_partial_state=True)
    PartialState._prepare_backend = on_cpu
    del os.environ["ACCELERATE_USE_FSDP"], os.environ["ACCELERATE_TORCH_DEVICE"]
    os.environ["ACCELERATE_USE_CPU"] = "true"
    run(copied)
