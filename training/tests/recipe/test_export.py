"""The trained model as a checkpoint, and the product's answers from it beside PyTorch's. Needs Node and `npm install`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from dry_run import DryRun

from valley_training.model.checkpoint import load_model
from valley_training.model.valley import Valley
from valley_training.recipe.export import export_recipe
from valley_training.recipe.prompt import prompt_text, with_block
from valley_training.recipe.rows import MARKS, ClipFiles, Row
from valley_training.recipe.run import RecipeRun

REPOSITORY = Path(__file__).parents[3]
# One step of 255 by the smallest of CLIP's deviations: another decoder may round a colour differently.
ONE_COLOUR_STEP = 1.01 / 255 / 0.26130258
# Share of the logits' root mean square, as in test/model/stickers-parity.test.ts.
TOLERANCE = 1e-4
TOKENS = 12


def valley(*arguments: str) -> str:
    """The product's command line, run from its sources."""
    command = ["node", "--import", "tsx", "src/cli.ts", *arguments]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


@torch.no_grad()
def reference(recipe: RecipeRun, model: Valley, clip: ClipFiles, question: str) -> dict[str, Any]:
    """What PyTorch makes of a clip and a question, with a row's own preparation."""
    row, tokens = Row("x", clip, [(f"{question}\n{MARKS[clip.kind]}", "")]), recipe.tokenizer
    values = recipe.collate([recipe.prepare(row)])["pixel_values"]
    visual = model.pool_clip(model.encode_frames(values))
    [(with_clip, _)] = with_block(row, len(values), tokens.patches)
    prompt = tokens.encode(prompt_text([], with_clip, tokens.prompt, tokens.bos, tokens.eos))
    logits = model(torch.tensor([prompt]), [[visual]])[0, -1]
    said = model.generate_greedy(prompt, [visual], TOKENS, {tokens.special_ids["</s>"]})
    return {"prompt": prompt, "pixels": values, "logits": logits, "tokens": said}


@pytest.fixture(scope="module")
def built(dry_run_place: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A checkpoint in float32 and the package that the product makes of it."""
    checkpoint, package = (tmp_path_factory.mktemp("export") / name for name in ("checkpoint", "package"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(dry_run_place)
        run = DryRun(dry_run_place / "done", "export_dtype=float32")
        assert run.train("export", "--out", str(checkpoint)) == 0
    valley("model", "build", str(checkpoint), str(package), "--precision", "fp32")
    return checkpoint, package


@pytest.mark.parametrize("file", ["red.mp4", "blue.mp4", "red.png"])
def test_the_product_sees_and_says_what_pytorch_does(file: str, built: tuple[Path, Path], done: DryRun) -> None:
    checkpoint, package = built
    recipe = RecipeRun(done.config(), done.directory)
    clip = Path("runs/dry-run-data/clips", file).absolute()
    kind = "image" if clip.suffix == ".png" else "video"
    question = "What colour is it?"
    wanted = reference(recipe, load_model(checkpoint).eval(), ClipFiles(kind, [clip]), question)
    said = json.loads(
        valley("ask", "--model", str(package), "--json", "--probe", "--max-tokens", str(TOKENS), str(clip), question)
    )
    assert said["promptTokenIds"] == wanted["prompt"]
    pixels = torch.tensor(said["pixelValues"][0])
    assert pixels.shape == wanted["pixels"].shape
    assert (pixels - wanted["pixels"]).abs().max() <= ONE_COLOUR_STEP
    logits = np.array(said["firstStepLogits"])
    scale = float(wanted["logits"].square().mean().sqrt())
    assert np.abs(logits - wanted["logits"].numpy()).max() / scale < TOLERANCE
    assert said["tokenIds"] == wanted["tokens"]


def test_a_checkpoint_may_be_narrow_and_in_shards(done: DryRun, tmp_path: Path) -> None:
    recipe = RecipeRun(done.config(), done.directory)
    export_recipe(recipe, "phase2", tmp_path, shard_bytes=200_000)
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 2
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    trained = recipe.trained().state_dict()
    for name, tensor in load_model(tmp_path).state_dict().items():
        assert torch.allclose(tensor, trained[name].to(torch.bfloat16).float(), atol=0), name
    settings = json.loads((tmp_path / "valley_config.json").read_text())
    assert settings["pixels"]["video"] | {"mean": 0, "std": 0} == {
        "resizeMode": "shortest-edge",
        "resizePixels": 32,
        "filter": "bilinear",
        "cropPixels": 28,
        "mean": 0,
        "std": 0,
    }
    assert settings["pixels"]["image"]["filter"] == "bicubic"
