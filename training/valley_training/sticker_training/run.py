"""The stages of a model of the sticker world, in order, each from the files of the run's folder to the files of it."""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import PreTrainedModel

from valley_training.errors import TrainingError
from valley_training.model.conv_stem import fold_norms
from valley_training.model.freeze import learn_phase1, learn_phase2
from valley_training.model.valley import Valley
from valley_training.sticker_training.attention import quick_attention
from valley_training.sticker_training.beginnings import begin_by_matching, begin_by_nearness
from valley_training.sticker_training.clips import make_clip_part
from valley_training.sticker_training.compiled import compile_network
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.exactness import Count, exactness
from valley_training.sticker_training.feed import parts_from, parts_in_turns, processes, takes_turns
from valley_training.sticker_training.language import language_loss, make_language_part
from valley_training.sticker_training.phases import clip_loss, start_as_mean
from valley_training.sticker_training.records import Mentions
from valley_training.sticker_training.samples import Samples
from valley_training.sticker_training.shards import STAGES, TOWER_PARTS, furthest, load_fitting, stage_weights
from valley_training.sticker_training.timed_stage import TimedStage, run_timed_stage
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_training.told_words import word_vectors, word_weights
from valley_training.sticker_training.tower import StickerContrast, joined, make_tower_part
from valley_training.sticker_world.art import training_atlas

TOKENIZER_FILE = "tokenizer.json"


class StickerRun:
    """A configuration and its folder. Any stage can be stopped and run again to go on."""

    def __init__(self, config: StickerConfig, directory: Path, workers: int | None = None) -> None:
        self.config, self.directory = config, directory
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.workers = processes(self.device) if workers is None else workers
        directory.mkdir(parents=True, exist_ok=True)
        # Worker processes are many; each of them splits words alone.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

    def learn(self, until: float, checkpoint_seconds: float = 60.0) -> str | None:
        """Stage after stage until all are over (None) or the clock `time.monotonic` passes `until` (the stage it is at)."""
        self._read_art()
        for name in STAGES[self._first() :]:
            # Each stage begins at its own random state, however the run was cut before it.
            torch.manual_seed(self._seed(name))
            ending = run_timed_stage(self.stage(name), self.directory, self.device, until, checkpoint_seconds)
            if ending == "stopped":
                return name
            if ending == "over" and time.monotonic() >= until and name != STAGES[-1]:
                return STAGES[STAGES.index(name) + 1]
        return None

    def tokenizer(self) -> Tokenizer:
        """The run's tokenizer, learnt at first use."""
        path = self.directory / TOKENIZER_FILE
        if not path.exists():
            config = self.config
            part = path.with_suffix(".part")
            sticker_tokenizer(config.language.vocabulary, config.seed, config.tokenizer_scenes).save(str(part))
            part.replace(path)
        return Tokenizer.from_file(str(path))

    def model(self) -> Valley:
        """A model of the configured sizes with fresh weights."""
        return Valley(self.config.valley())

    def trained(self) -> Valley:
        """The model as the last stage left it; of a run without a phase, what tower and decoder have learnt."""
        model = self.model()
        start_as_mean(model.pooling)
        names = furthest(self.directory)
        if not names:
            raise TrainingError(f"{self.directory} holds no stage that has learnt anything; run a piece first")
        for name in names:
            load_fitting(model, self._learnt(name))
        return model.eval()

    def exactness(self, scenes: int) -> dict[str, Count]:
        """How many answers are right to the last token, by kind, as the last stage left the model."""
        tokenizer = self.tokenizer()
        return exactness(self.trained(), self.config, tokenizer, word_weights(tokenizer), scenes)

    def _first(self) -> int:
        names = furthest(self.directory)
        return STAGES.index(names[0]) if names and names[0].startswith("phase") else 0

    def _seed(self, name: str) -> int:
        return self.config.seed * len(STAGES) + STAGES.index(name)

    def stage(self, name: str) -> TimedStage:
        """One of STAGES, as it begins or goes on from what is in the folder."""
        config = self.config
        tokenizer = self.tokenizer()
        words, mentions = word_weights(tokenizer), Mentions(tokenizer)
        if name == "language":
            decoder = self.model().decoder
            begin_by_matching(decoder)
            self._hasten(decoder)
            settings = config.language_stage
            make_text = partial(_language_part, config, tokenizer, mentions)
            tokens = settings.batch * settings.dialogues * config.language.context
            return TimedStage(
                name, decoder, settings, self._feed(make_text, 16 * tokens), partial(language_loss, decoder, words)
            )
        if name == "tower":
            contrast = StickerContrast(config.vision, word_vectors(self._embeddings(), words))
            begin_by_nearness(contrast.tower)
            self._hasten(contrast.tower, contrast.tower.embeddings.patch_embedding, *contrast.tower.encoder.layers)
            settings = config.tower
            feed = self._feed(partial(make_tower_part, config), settings.batch * config.vision.image_pixels**2 * 3)
            return TimedStage(name, contrast, settings, feed, contrast.loss, joined)
        phase = 1 if name == "phase1" else 2
        settings = config.phase1 if phase == 1 else config.phase2
        model = self._model_before(phase)
        self._hasten(model.decoder)
        self._hasten(model.vision_tower)
        make_clips = partial(_clip_part, config, phase, tokenizer, mentions)
        feed = self._feed(make_clips, settings.batch * config.frames * config.vision.image_pixels**2 * 3)
        samples = Samples(config, tokenizer, model, self.directory / f"{name}-samples.jsonl")
        loss = partial(clip_loss, model, phase, words)
        return TimedStage(name, model, settings, feed, loss, samples=samples)

    def _hasten(self, network: PreTrainedModel, *called: nn.Module) -> None:
        """A tower or a decoder, in the form in which it learns fastest here; `called` are its parts that are called from
        outside, where it is not called as a whole."""
        quick_attention(network, self.device)
        if self.config.compiled and self.device.type == "cpu":
            # A decoder's head is given the learnt positions alone, outside.
            for part in called or (network.base_model,):
                compile_network(part)

    def _model_before(self, phase: int) -> Valley:
        """The model that a phase begins with; where the phase has learnt already, its checkpoint replaces the weights."""
        model = self.model()
        has_own = f"phase{phase}" in furthest(self.directory)
        if not has_own and phase == 1:
            start_as_mean(model.pooling)
        for name in () if has_own else ("language", "tower") if phase == 1 else ("phase1",):
            load_fitting(model, self._learnt(name))
        (learn_phase1 if phase == 1 else learn_phase2)(model)
        # A linear projector cannot follow hundreds of names that go each its own way; the tower has learnt them as they are.
        model.decoder.get_input_embeddings().requires_grad_(False)
        return model

    def _learnt(self, name: str) -> dict[str, Tensor]:
        """What a stage has learnt, by its names in the model."""
        weights = self._weights(name)
        if name == "language":
            return {f"decoder.{key}": tensor for key, tensor in weights.items()}
        if name == "tower":
            kept = {key: tensor for key, tensor in weights.items() if key.startswith(TOWER_PARTS)}
            stem = self.config.vision.stem
            names = {"tower": "vision_tower", "projector": "mm_projector"}
            return {f"{names[key.split('.')[0]]}.{key.split('.', 1)[1]}": one for key, one in fold_norms(kept, stem).items()}
        return weights

    def _embeddings(self) -> Tensor:
        """The decoder's, as the language stage left them [V, Dl]."""
        model = self.model()
        load_fitting(model, self._learnt("language"))
        return model.decoder.get_input_embeddings().weight.detach()

    def _weights(self, name: str) -> dict[str, Tensor]:
        weights = stage_weights(self.directory, name)
        if weights is None:
            raise TrainingError(f"{self.directory / name}.pt is not there; the stage '{name}' has to learn first")
        return weights

    def _feed(self, make_part: Any, part_bytes: int) -> Any:
        parts = parts_in_turns if self.workers and takes_turns(self.device) else parts_from
        return partial(parts, make_part, workers=self.workers, part_bytes=part_bytes)

    def _read_art(self) -> None:
        """Before processes fork off, so that they share it."""
        atlas = training_atlas()
        for style in atlas.styles:
            atlas.picture(style, 0)
        print(f"{self.device}, {self.workers} processes that draw", file=sys.stderr, flush=True)


def _language_part(config: StickerConfig, tokenizer: Tokenizer, mentions: Mentions, number: int) -> Any:
    return make_language_part(config, number, tokenizer, mentions)


def _clip_part(config: StickerConfig, phase: int, tokenizer: Tokenizer, mentions: Mentions, number: int) -> Any:
    return make_clip_part(config, phase, number, tokenizer, mentions)
