"""The model of a configuration: pretrained parts from their folders, or random ones, and what earlier stages learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import CLIPVisionModel, LlamaForCausalLM

from valley_training.errors import TrainingError, first_line
from valley_training.model.config import ValleyConfig
from valley_training.model.lora import add_lora, merge_lora
from valley_training.model.shards import SINGLE_FILE, check_shards, read_shards
from valley_training.model.valley import Valley
from valley_training.recipe.config import RecipeConfig
from valley_training.recipe.folders import check_decoder, check_tower
from valley_training.recipe.tokens import RowTokenizer


def build_model(config: RecipeConfig, run: Path, tokenizer: RowTokenizer) -> Valley:
    """A model before phase 1. A part that is not pretrained is as its stage left it."""
    tower, decoder = load_tower(config), load_decoder(config, tokenizer)
    if config.pretrained.tower is None:
        load_learnt(tower, run, "tower", "tower.")
    if config.pretrained.decoder is None:
        load_learnt(decoder, run, "language", "decoder.")
    language = replace(config.language, vocabulary=decoder.config.vocab_size)
    sizes = ValleyConfig(config.vision, language, config.pooling, config.pooling_mlp_width, tokenizer.special_ids)
    return Valley(sizes, tower, decoder)


def load_tower(config: RecipeConfig) -> CLIPVisionModel:
    """The tower of its folder, or a random one."""
    folder = config.pretrained.tower
    if folder is None:
        return CLIPVisionModel(config.vision.to_transformers())
    check_tower(folder, config.vision)
    return _from_folder(CLIPVisionModel, folder)


def load_decoder(config: RecipeConfig, tokenizer: RowTokenizer) -> LlamaForCausalLM:
    """The decoder of its folder, or a random one, with rows for the tokens that were added."""
    folder = config.pretrained.decoder
    if folder is None:
        ids = tokenizer.special_ids
        sizes = replace(config.language, vocabulary=max(config.language.vocabulary, len(tokenizer.whole)))
        return LlamaForCausalLM(sizes.to_transformers(ids.get("<s>", 1), ids["</s>"], ids["<pad>"]))
    check_decoder(folder, config.language)
    decoder = _from_folder(LlamaForCausalLM, folder)
    _add_token_rows(decoder, len(tokenizer.whole), config.language.vocabulary)
    return decoder


def _add_token_rows(decoder: LlamaForCausalLM, tokens: int, known: int) -> None:
    """Rows for the tokens past the `known` ones, each the mean of those: as source for the clips' marks."""
    if tokens <= known:
        return
    decoder.resize_token_embeddings(tokens, mean_resizing=False)
    for table in {decoder.get_input_embeddings().weight, decoder.get_output_embeddings().weight}:
        with torch.no_grad():
            table[known:] = table[:known].mean(0)


def load_learnt(module: nn.Module, run: Path, stage: str, prefix: str = "") -> None:
    """Takes over what a stage learnt; the names of its parameters begin with `prefix` where they are of this module."""
    folder = run / stage / "learnt"
    if not folder.is_dir():
        raise TrainingError(f"{folder} is not there; run the stage '{stage}' first")
    state = {name.removeprefix(prefix): tensor for name, tensor in read_shards(folder).items() if name.startswith(prefix)}
    own = module.state_dict()
    wrong = [name for name, tensor in state.items() if name not in own or own[name].shape != tensor.shape]
    if wrong or not state:
        seen = wrong[0] if wrong else "every tensor"
        raise TrainingError(f"{folder} does not fit this configuration (at {seen}); move it away to begin anew")
    module.load_state_dict(state, strict=False)


def trained_model(config: RecipeConfig, run: Path, tokenizer: RowTokenizer, stage: str) -> Valley:
    """The model as phase 1 or phase 2 left it, LoRA merged, ready to be asked."""
    if stage not in ("phase1", "phase2"):
        raise TrainingError(f"the stage '{stage}' leaves no whole model; choose the weights of phase1 or phase2")
    model = build_model(config, run, tokenizer)
    load_learnt(model, run, "phase1", "valley.")
    if stage == "phase2":
        lora = config.phase2.lora
        if lora is not None:
            add_lora(model, lora.rank, lora.alpha, lora.dropout, lora.targets, config.phase2.train_embeddings)
        load_learnt(model, run, "phase2", "valley.")
        if lora is not None:
            merge_lora(model)
    return model.eval()


def _from_folder(kind: Any, folder: str) -> Any:
    if (Path(folder) / SINGLE_FILE).exists() or any(Path(folder).glob("*.safetensors.index.json")):
        check_shards(Path(folder))
    try:
        return kind.from_pretrained(folder, local_files_only=True, dtype=torch.float32, attn_implementation="sdpa")
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise TrainingError(f"{folder} cannot be opened ({first_line(error)}); fetch it again") from error
