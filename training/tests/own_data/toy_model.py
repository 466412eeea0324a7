"""A model of the recipe so small that it learns a table of clips in seconds, and what it is asked afterwards."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from clip_table import CLIP_SIDE_PIXELS, THINGS, DrawnClip
from valley_command import valley

from valley_training.data.clips import EXACT_COLOUR, uniform_indices
from valley_training.fixtures.dry_run import small_tokenizer
from valley_training.recipe.config import RecipeConfig, RowFile, load_recipe
from valley_training.recipe.export import export_recipe
from valley_training.recipe.rows import ClipFiles, Row, Rows
from valley_training.recipe.run import RecipeRun
from valley_training.world.scene import SETTINGS

SYSTEM = "Valley answers questions about clips."
VOCABULARY = 600
DRY_RUN = Path(__file__).parents[2] / "configs" / "valley-7b-dry-run.yaml"


def configuration(folder: Path, clips: Path) -> RecipeConfig:
    """The dry run's configuration on the sets of a folder. Its tokenizer learns their words and is written there."""
    alignment, instructions = (folder / kind / "train.jsonl" for kind in ("alignment", "instructions"))
    texts = [turn["value"] for path in (alignment, instructions) for row in _objects(path) for turn in row["conversations"]]
    small_tokenizer([*texts, SYSTEM], VOCABULARY).save_pretrained(folder / "tokenizer")
    described, told = ([{"file": str(path), "clips": str(clips)}] for path in (alignment, instructions))
    changes = {
        "extends": str(DRY_RUN),
        "name": "own-data",
        "pretrained": {"tokenizer": str(folder / "tokenizer")},
        "vision": {"width": 64, "image_pixels": 32, "patch_pixels": 8},
        "language": {"width": 64, "mlp_width": 128, "vocabulary": VOCABULARY},
        "prompt": {"system": SYSTEM},
        "pooling": "mean",
        "frames": 2,
        "pixels": {"video": {"resize": 32}, "image": {"resize": 32}},
        "max_tokens": 256,
        "precision": "fp32",
        "gradient_checkpointing": False,
        "checkpoint_minutes": 60,
        "export_dtype": "float32",
        "evaluation": None,
        "tower": {"rows": described, "learning_rate": 2e-3, "batch": 32, "micro_batch": 32, "epochs": 18},
        "language_stage": {"rows": told, "learning_rate": 3e-3, "batch": 16, "micro_batch": 16, "epochs": 4},
        "phase1": {"rows": described, "learning_rate": 4e-3, "batch": 16, "micro_batch": 16, "epochs": 5},
        "phase2": {"rows": told, "learning_rate": 2e-3, "batch": 16, "micro_batch": 16, "epochs": 11},
    }
    path = folder / "own-data.yaml"
    path.write_text(yaml.safe_dump(changes))
    return load_recipe(path)


def hardly_taught(config: RecipeConfig) -> RecipeConfig:
    """The same with phases of one step that is hardly felt: what the taught model is held against."""
    phases = {
        name: replace(getattr(config, name), epochs=0.001, learning_rate=1e-9, warmup_share=0) for name in ("phase1", "phase2")
    }
    return replace(config, **phases)


class OneReading(RecipeRun):
    """A run whose clips were decoded before: at this size a step costs less than the start of ffmpeg."""

    def __init__(self, config: RecipeConfig, directory: Path, pictures: dict[str, np.ndarray]) -> None:
        super().__init__(config, directory, open_rows=lambda files: DecodedRows(files, pictures))


class DecodedRows:
    """Rows of files whose clips' pictures are in memory, by the clips' names."""

    def __init__(self, files: list[RowFile], pictures: dict[str, np.ndarray]) -> None:
        self._rows, self._pictures = Rows(files), pictures

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Row:
        row = self._rows[index]
        assert isinstance(row.clip, ClipFiles)
        return replace(row, clip=DecodedClip(self._pictures[row.clip.files[0].name]))

    def check(self) -> None:
        self._rows.check()


@dataclass(frozen=True)
class DecodedClip:
    """A video with all of its pictures, [N, H, W, 3] uint8 RGB."""

    all: np.ndarray
    kind: Literal["image", "video"] = "video"

    def pictures(self, frames: int) -> list[np.ndarray]:
        return [self.all[index] for index in uniform_indices(len(self.all), frames)]


def decode_clips(folder: Path) -> dict[str, np.ndarray]:
    """The pictures of all clips of a folder by one start of ffmpeg; they are of one size and length."""
    files = sorted(folder.glob("c*.mp4"))
    listed = folder / "all.txt"
    listed.write_text("".join(f"file '{file}'\n" for file in files))
    command = ["ffmpeg", "-nostdin", "-v", "error", "-safe", "0", "-f", "concat", "-i", str(listed)]
    command += ["-vf", f"scale=flags={EXACT_COLOUR}", "-fps_mode", "passthrough"]
    command += ["-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]
    decoded = subprocess.run(command, capture_output=True, check=True).stdout
    shape = (len(files), -1, CLIP_SIDE_PIXELS, CLIP_SIDE_PIXELS, 3)
    return dict(zip((file.name for file in files), np.frombuffer(decoded, dtype=np.uint8).reshape(shape), strict=True))


def write_suite(folder: Path, clip_folder: Path, clips: list[DrawnClip]) -> None:
    """A suite for `valley evaluate` about clips: what is in each, and where it is."""
    folder.mkdir()
    asked = []
    for clip in clips:
        (folder / clip.file).symlink_to(clip_folder / clip.file)
        what = {"kind": "things", "question": "What is in the clip?", "expected": {"things": [clip.thing]}}
        where = {"kind": "setting", "question": "Where is it?", "expected": {"setting": clip.scene.setting}}
        questions = [{"id": f"{clip.name}-{question['kind']}", **question} for question in (what, where)]
        asked.append({"file": clip.file, "questions": questions})
    words = {"things": list(THINGS), "settings": list(SETTINGS)}
    suite = {"name": "own-data", "description": "Clips that are in no part that was learnt from.", **words, "clips": asked}
    (folder / "suite.json").write_text(json.dumps(suite))


def evaluate(run: RecipeRun, suite: Path) -> dict[str, float]:
    """Exports a run, builds a package of it, and asks it the suite. The share of right answers, of all and by kind."""
    checkpoint, package, report = (run.directory / name for name in ("checkpoint", "package", "report.json"))
    export_recipe(run, "phase2", checkpoint)
    valley("model", "build", checkpoint, package, folder=run.directory)
    valley("evaluate", "--suite", suite, "--model", package, "--json", report, folder=run.directory)
    said = json.loads(report.read_text())
    return {"all": said["overall"]["accuracy"]} | {score["kind"]: score["accuracy"] for score in said["byKind"]}


def _objects(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]
