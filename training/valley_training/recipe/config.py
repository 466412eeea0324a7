"""The configuration of a model that learns from rows (images, videos, text): sizes, pretrained parts, one section a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Literal

from valley_training.config_file import below, build, read_mapping
from valley_training.loop.schedule import Schedule
from valley_training.model.config import LanguageSizes, Pooling, VisionSizes, pooling_problems


@dataclass(frozen=True)
class RowFile:
    """A JSONL file of rows and the folder that their images and videos are in."""

    file: str
    clips: str


@dataclass(frozen=True)
class Lora:
    """Low-rank changes of the decoder's matrices, instead of the matrices themselves (Hu et al. 2021)."""

    rank: int
    alpha: int
    dropout: float
    targets: list[str] = field(
        default_factory=lambda: ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    )

    def problems(self) -> list[str]:
        dropout = [] if 0 <= self.dropout < 1 else [f"dropout is {self.dropout:g}, it must be at least 0 and below 1"]
        return below(self, 1, "rank", "alpha") + dropout


@dataclass(frozen=True)
class CaptionEncoder:
    """The text side of the contrast, thrown away after it; sizes as in CLIP."""

    width: int
    layers: int
    heads: int
    mlp_width: int
    context: int
    shared_width: int

    def problems(self) -> list[str]:
        problems = below(self, 1, "width", "layers", "heads", "mlp_width", "shared_width") + below(self, 3, "context")
        if not problems and self.width % self.heads:
            problems.append(f"heads is {self.heads}, it must divide width {self.width}")
        return problems


@dataclass(frozen=True)
class RecipeStage:
    """One stage. `batch` rows make a step, `micro_batch` of them at a time in each process: what is between is gradient
    accumulation, so the numbers of a step do not depend on how many processes there are."""

    rows: list[RowFile]
    learning_rate: float
    batch: int
    micro_batch: int
    epochs: float
    betas: tuple[float, float] = (0.9, 0.999)
    warmup_share: float = 0.03
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    train_embeddings: bool = False  # phase 1, and phase 2 with lora: as the published code, all input embeddings learn too
    lora: Lora | None = None  # phase 2
    caption_encoder: CaptionEncoder | None = None  # tower

    def problems(self) -> list[str]:
        problems = below(self, 1, "batch", "micro_batch") + below(self, 0, "weight_decay")
        problems += [
            f"{name} is {value:g}, it must be above 0"
            for name, value in (("learning_rate", self.learning_rate), ("epochs", self.epochs), ("clip_norm", self.clip_norm))
            if value <= 0
        ]
        if not 0 <= self.warmup_share < 1:
            problems.append(f"warmup_share is {self.warmup_share:g}, it must be at least 0 and below 1")
        if not all(0 <= beta < 1 for beta in self.betas):
            problems.append(f"betas is {list(self.betas)}, both must be at least 0 and below 1")
        if not problems and self.batch % self.micro_batch:
            problems.append(f"micro_batch is {self.micro_batch}, it must divide batch {self.batch}")
        if not self.rows:
            problems.append("rows is empty, it must name at least one file")
        return problems

    def schedule(self, rows: int) -> Schedule:
        """Every row is seen `epochs` times; the last step is filled from a further shuffle."""
        steps = ceil(self.epochs * rows / self.batch)
        warmup = ceil(self.warmup_share * steps)
        rate, decay = self.learning_rate, self.weight_decay
        return Schedule(steps, rate, warmup, decay, final_share=0.0, betas=self.betas, clip_norm=self.clip_norm)


@dataclass(frozen=True)
class Pretrained:
    """Folders in Hugging Face layout; null for a part that learns from nothing. The tokenizer is the decoder's, unless
    named."""

    tower: str | None = None
    decoder: str | None = None
    tokenizer: str | None = None

    def problems(self) -> list[str]:
        return [] if self.decoder or self.tokenizer else ["decoder and tokenizer are both null, one must name a folder"]


@dataclass(frozen=True)
class PixelSettings:
    """Short side to `resize` with Pillow's filter, then the tower's square from the middle."""

    resize: int
    filter: Literal["bilinear", "bicubic"]


@dataclass(frozen=True)
class Pixels:
    """Videos and still images, which the published code treats differently."""

    video: PixelSettings
    image: PixelSettings


@dataclass(frozen=True)
class Prompt:
    """`valley`: only answers and their end token are learnt. `published`: the text and the mask of the published code,
    for decoders that were trained with them."""

    system: str
    format: Literal["valley", "published"] = "valley"


@dataclass(frozen=True)
class Evaluation:
    """Held-out rows: the first `samples` of them are answered each `every` steps."""

    rows: list[RowFile]
    every: int
    samples: int = 8
    max_tokens: int = 64

    def problems(self) -> list[str]:
        return below(self, 1, "every", "samples", "max_tokens")


@dataclass(frozen=True)
class Card:
    """What people are told about the weights."""

    description: str
    licence: str


@dataclass(frozen=True)
class RecipeConfig:
    """One model of the recipe."""

    name: str
    seed: int
    card: Card
    pretrained: Pretrained
    vision: VisionSizes
    language: LanguageSizes
    pooling: Pooling
    frames: int
    max_tokens: int  # longest row; later turns of a longer one are left out
    pixels: Pixels
    prompt: Prompt
    phase1: RecipeStage
    phase2: RecipeStage
    tower: RecipeStage | None = None
    language_stage: RecipeStage | None = None
    evaluation: Evaluation | None = None
    pooling_mlp_width: int = 2048
    precision: Literal["bf16", "fp32"] = "bf16"
    gradient_checkpointing: bool = True
    workers: int = 4  # processes that decode clips, for each training process
    checkpoint_minutes: float = 20  # --checkpoint-every goes before it
    export_dtype: Literal["float32", "float16", "bfloat16"] = "bfloat16"

    def problems(self) -> list[str]:
        problems = below(self, 1, "frames", "max_tokens", "pooling_mlp_width") + below(self, 0, "workers")
        problems += pooling_problems(self.pooling, self.language)
        if self.max_tokens > self.language.context:
            problems.append(f"max_tokens is {self.max_tokens}, it must not be above language.context {self.language.context}")
        if self.checkpoint_minutes <= 0:
            problems.append(f"checkpoint_minutes is {self.checkpoint_minutes:g}, it must be above 0")
        side = self.vision.image_pixels
        for kind, pixels in (("video", self.pixels.video), ("image", self.pixels.image)):
            if pixels.resize < side:
                problems.append(f"pixels.{kind}.resize is {pixels.resize}, it must be at least vision.image_pixels {side}")
        return problems + self._misplaced()

    def _misplaced(self) -> list[str]:
        """Keys of a stage that mean nothing there."""
        problems = []
        for name in ("tower", "language_stage", "phase1", "phase2"):
            stage: RecipeStage | None = getattr(self, name)
            if stage is None:
                continue
            if stage.lora is not None and name != "phase2":
                problems.append(f"{name}.lora is set, only phase2 takes it")
            if (stage.caption_encoder is None) is (name == "tower"):
                problems.append(f"{name}.caption_encoder is " + ("missing" if name == "tower" else "set, only tower takes it"))
            if stage.train_embeddings and not (name == "phase1" or stage.lora is not None):
                problems.append(f"{name}.train_embeddings is true, only phase1 and lora take it: here they learn in any case")
        return problems


def load_recipe(path: Path, overrides: list[str] | None = None) -> RecipeConfig:
    """Reads and checks a YAML file. Raises TrainingError naming each key that is wrong."""
    return build(RecipeConfig, read_mapping(path, overrides), path)


def is_recipe(path: Path, overrides: list[str] | None = None) -> bool:
    """Whether a file configures a model that learns from rows; else it is one of the drawn world."""
    return "pretrained" in read_mapping(path, overrides)
