"""The stages of a model that learns from rows, each from the files of the run folder to the files of the run folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import set_seed
from torch import nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from transformers import PreTrainedModel

from valley_training.errors import TrainingError
from valley_training.loop.run_stage import Pace, Stage, run_stage
from valley_training.loop.sharded_checkpoint import ShardedCheckpoint
from valley_training.model.freeze import learn_phase1, learn_phase2
from valley_training.model.lora import add_lora
from valley_training.model.shards import replace_with_shards
from valley_training.model.valley import Valley
from valley_training.recipe.batches import Batch, RowDataset, StepOrder, add_clips, clip_pictures, pad_tokens, step_batches
from valley_training.recipe.config import RecipeConfig, RecipeStage, RowFile
from valley_training.recipe.contrast import ContrastLoss, caption_ids, collate_captions
from valley_training.recipe.evaluate import Samples
from valley_training.recipe.forward import ConversationLoss, WordsLoss
from valley_training.recipe.parts import build_model, load_decoder, load_learnt, load_tower, trained_model
from valley_training.recipe.processes import open_accelerator
from valley_training.recipe.rows import Row, Rows, RowSource
from valley_training.recipe.step import backward, learnt_positions
from valley_training.recipe.tokens import RowTokenizer, load_tokenizer

STAGES = ("tower", "language", "phase1", "phase2")


class RecipeRun:
    """One training run: a configuration and its folder. Each stage can be stopped and run again to go on, on one process
    or many.

    Whence rows come is for the caller to say: `open_rows` makes a source of them from what a stage's section names in
    `rows`. By default these are files; a world that draws its clips passes a function of its own that reads the same names.
    """

    def __init__(
        self,
        config: RecipeConfig,
        directory: Path,
        pace: Pace | None = None,
        open_rows: Callable[[list[RowFile]], RowSource] = Rows,
    ) -> None:
        self.config, self.directory, self.pace = config, directory, pace or Pace()
        self.open_rows = open_rows
        self.accelerator = open_accelerator(config.precision)
        self.tokenizer: RowTokenizer = load_tokenizer(
            config.pretrained, config.prompt, config.vision.patches, config.max_tokens
        )

    def train(self, stage: str) -> bool:
        """Runs one of STAGES. True when it is done, False when the piece is over."""
        torch.manual_seed(self.config.seed)  # of the parts that begin at random, alike in all processes
        return {
            "tower": self.train_tower,
            "language": self.train_language,
            "phase1": self.train_phase1,
            "phase2": self.train_phase2,
        }[stage]()

    def needed(self) -> list[str]:
        """The stages that this configuration has: what is pretrained needs none."""
        pretrained = self.config.pretrained
        ready = {"tower": pretrained.tower is not None, "language": pretrained.decoder is not None}
        return [stage for stage in STAGES if not ready.get(stage)]

    def settings(self, stage: str) -> RecipeStage:
        """A stage's section. Raises TrainingError where there is none, or nothing to learn."""
        config = self.config
        own = {
            "tower": ("tower", config.tower, config.pretrained.tower),
            "language": ("language_stage", config.language_stage, config.pretrained.decoder),
        }
        section, settings, folder = own.get(stage, (stage, getattr(config, stage, None), None))
        if folder is not None:
            raise TrainingError(f"the stage '{stage}' has nothing to learn: its part comes from {folder}; go on with the next")
        if settings is None:
            raise TrainingError(f"the configuration has no section {section}; write one or name a pretrained folder")
        return settings

    def train_tower(self) -> bool:
        """Contrastive: a picture of each row and its first answer."""
        config, tokenizer = self.config, self.tokenizer
        settings = self.settings("tower")
        encoder = settings.caption_encoder
        if encoder is None:
            raise TrainingError("tower.caption_encoder is missing; name its sizes")
        tower = load_tower(config)
        self._save_memory(tower)
        module = ContrastLoss(tower, encoder, tokenizer)
        return self._run("tower", settings, module, collate_captions, "recall@1", weigh=_pictures)

    def train_language(self) -> bool:
        """Next token, on the words of the rows alone."""
        config, tokenizer = self.config, self.tokenizer
        settings = self.settings("language")
        decoder = load_decoder(config, tokenizer)
        self._save_memory(decoder)
        padding = tokenizer.special_ids["<pad>"]
        collate = partial(pad_tokens, padding=padding)
        return self._run("language", settings, WordsLoss(decoder), collate, "right")

    def train_phase1(self) -> bool:
        """The projector learns, and the temporal pooling where it has weights."""
        model = self._model()
        learn_phase1(model, self.config.phase1.train_embeddings)
        return self._train_phase("phase1", self.config.phase1, model)

    def train_phase2(self) -> bool:
        """Projector, temporal pooling and decoder learn together; of the decoder, all of it or low-rank changes."""
        settings = self.config.phase2
        model = self._model()
        load_learnt(model, self.directory, "phase1", "valley.")
        if settings.lora is None:
            learn_phase2(model)
        else:
            lora = settings.lora
            add_lora(model, lora.rank, lora.alpha, lora.dropout, lora.targets, settings.train_embeddings)
        return self._train_phase("phase2", settings, model)

    def trained(self, stage: str = "phase2") -> Valley:
        """The model as a phase left it, LoRA merged."""
        return trained_model(self.config, self.directory, self.tokenizer, stage)

    def _model(self) -> Valley:
        """A model before phase 1, ready to be trained."""
        model = build_model(self.config, self.directory, self.tokenizer)
        self._save_memory(model.decoder)
        return model

    def _train_phase(self, name: str, settings: RecipeStage, model: Valley) -> bool:
        if self.config.precision == "bf16" and self.accelerator.num_processes == 1:
            # What does not learn needs no more than it computes with. FSDP wants one precision throughout a layer.
            for parameter in model.parameters():
                if not parameter.requires_grad:
                    parameter.data = parameter.data.to(torch.bfloat16)
        return self._run(name, settings, ConversationLoss(model), self.collate, "right", samples=True)

    def preparation(self, stage: str) -> Callable[[Row], Any]:
        """What a stage makes of a row, in a worker process."""
        return {"tower": self._prepare_caption, "language": self.tokenizer.words}.get(stage, self.prepare)

    def _prepare_caption(self, row: Row) -> Any:
        """A row's picture, and its first answer as ids and as it is."""
        config = self.config
        if row.clip is None:
            raise TrainingError(f"row {row.id} has neither image nor video, the stage 'tower' needs one; remove the row")
        caption = row.turns[0][1]
        pictures = clip_pictures(row.clip, config.frames, config.pixels, config.vision.image_pixels)
        context = config.tower.caption_encoder.context
        # The middle of a video is what its caption most likely is about.
        return pictures[len(pictures) // 2], caption_ids(caption, self.tokenizer, context), caption

    def prepare(self, row: Row) -> Any:
        """A row's ids, labels and pictures."""
        config = self.config
        clip = None
        if row.clip is not None:
            clip = clip_pictures(row.clip, config.frames, config.pixels, config.vision.image_pixels)
        ids, labels = self.tokenizer.conversation(row, 0 if clip is None else len(clip))
        return ids, labels, clip

    def collate(self, samples: list[Any]) -> Batch:
        """Prepared rows as a batch."""
        batch = pad_tokens([(ids, labels) for ids, labels, _ in samples], self.tokenizer.special_ids["<pad>"])
        return add_clips(batch, [clip for _, _, clip in samples], self.config.vision.image_pixels)

    def _run(
        self,
        name: str,
        settings: RecipeStage,
        module: nn.Module,
        collate: Callable[[list[Any]], Batch],
        figure: str,
        weigh: Callable[[Batch], int] = learnt_positions,
        samples: bool = False,
    ) -> bool:
        accelerator, config = self.accelerator, self.config
        micro_batches = self._micro_batches(name, settings)
        rows = self.open_rows(settings.rows)
        if accelerator.is_local_main_process:
            rows.check()
        schedule = settings.schedule(len(rows))
        learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
        optimizer = torch.optim.AdamW(
            learning, lr=schedule.learning_rate, betas=schedule.betas, weight_decay=schedule.weight_decay
        )
        module, optimizer = accelerator.prepare(module, optimizer)
        set_seed(config.seed, device_specific=True)
        dataset = RowDataset(rows, self.preparation(name))

        def batches(step: int) -> Any:
            order = StepOrder(len(rows), settings.batch, settings.micro_batch, config.seed, step, schedule.steps)
            return step_batches(accelerator, dataset, collate, order, micro_batches, config.workers)

        evaluation = config.evaluation if samples else None
        stage = Stage(
            name,
            module,
            optimizer,
            schedule,
            ShardedCheckpoint(self.directory / name, accelerator, module, optimizer, self._shape(settings, len(rows))),
            batches,
            partial(backward, accelerator, module, figure=figure, weigh=weigh),
            Samples(self, evaluation, module, self.directory / f"{name}-samples.jsonl") if evaluation else None,
            evaluation.every if evaluation else 0,
            log_every=1,
        )
        if not run_stage(stage, self.directory, accelerator, self.pace):
            return False
        self._keep_learnt(name, module)
        return True

    def _micro_batches(self, name: str, settings: RecipeStage) -> int:
        """Of each process for a step."""
        processes = self.accelerator.num_processes
        if settings.batch % (settings.micro_batch * processes):
            raise TrainingError(
                f"{name}: {processes} processes with micro_batch {settings.micro_batch} do not divide batch {settings.batch}; "
                f"choose a number of processes or a micro_batch that does"
            )
        return settings.batch // (settings.micro_batch * processes)

    def _shape(self, settings: RecipeStage, rows: int) -> dict[str, Any]:
        """What must stay as it is while a stage is under way."""
        config = self.config
        sizes = {"vision": asdict(config.vision), "language": asdict(config.language), "pooling": config.pooling}
        text = {"frames": config.frames, "max_tokens": config.max_tokens, "prompt": asdict(config.prompt)}
        stage = {"batch": settings.batch, "epochs": settings.epochs, "lora": asdict(settings.lora) if settings.lora else None}
        return sizes | text | stage | {"train_embeddings": settings.train_embeddings, "rows": rows, "seed": config.seed}

    def _save_memory(self, network: PreTrainedModel) -> None:
        if self.config.gradient_checkpointing:
            network.activation_checkpointing_enable()

    def _keep_learnt(self, name: str, module: nn.Module) -> None:
        """What learnt, by name, for the stages that follow."""
        directory = self.directory / name / "learnt"
        options = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=True)
        state = get_model_state_dict(module, options=options)
        if self.accelerator.is_main_process:
            names = {
                name for name, parameter in self.accelerator.unwrap_model(module).named_parameters() if parameter.requires_grad
            }
            replace_with_shards({key: value for key, value in state.items() if key in names}, directory)
        self.accelerator.wait_for_everyone()


def _pictures(batch: Batch) -> int:
    return len(batch["pixel_values"])
