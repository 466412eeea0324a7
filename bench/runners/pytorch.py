"""Runs a CLIP-like tower in PyTorch float32, frame by frame, as Valley does. argv: sizes as JSON, threads."""

import json
import sys
import time

import torch
from transformers import CLIPVisionConfig, CLIPVisionModel

ANSWER = "bench-answer:"


def answer(figures: dict[str, float]) -> None:
    print(ANSWER + json.dumps(figures), flush=True)


def main() -> None:
    sizes, threads = json.loads(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(threads)
    config = CLIPVisionConfig(
        hidden_size=sizes["width"],
        intermediate_size=sizes["mlpWidth"],
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        image_size=sizes["imagePixels"],
        patch_size=sizes["patchPixels"],
    )
    tower = CLIPVisionModel(config).eval()
    answer({})
    for line in sys.stdin:
        frames = json.loads(line)["frames"]
        pixels = torch.rand(1, 3, config.image_size, config.image_size)
        with torch.inference_mode():
            begun = time.perf_counter()
            for _ in range(frames):
                tower(pixel_values=pixels)
            took = time.perf_counter() - begun
        answer({"framesPerSecond": frames / took})


main()
