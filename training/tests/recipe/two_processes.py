"""Started by torchrun: a stage unbroken, and again in pieces. Arguments: the folders of both runs, then the command line's.

accelerate shards models (FSDP) on GPUs only. It is told here that its processes have some, while ACCELERATE_TORCH_DEVICE
keeps all on the CPU, where torch's FSDP works just as well; what is tested is ours and torch's, on gloo.
"""

from __future__ import annotations

import os
import sys

from accelerate.state import DistributedType, PartialState

from valley_training.__main__ import main

if __name__ == "__main__":
    if os.environ.get("ACCELERATE_USE_FSDP") == "true":
        PartialState._prepare_backend = lambda *_, **__: ("gloo", DistributedType.MULTI_GPU)
    whole, pieces, *command = sys.argv[1:]
    if main([*command, "--run", whole]) != 0:
        sys.exit("the unbroken run failed")
    if main([*command, "--run", pieces, "--stop-after", "0"]) != 0:
        sys.exit("a piece failed")
    sys.exit(main([*command, "--run", pieces]))
