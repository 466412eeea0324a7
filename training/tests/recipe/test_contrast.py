"""What the tower's stage takes for a caption: all of its words, whatever their ids, and nothing behind its end."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from dry_run import CONFIG
from transformers import CLIPVisionModel

from valley_training.fixtures.dry_run import small_tokenizer
from valley_training.recipe.config import Pretrained, load_recipe
from valley_training.recipe.contrast import ContrastLoss, caption_ids
from valley_training.recipe.tokens import RowTokenizer, load_tokenizer


def tokenizer(folder: Path, names: dict[str, str]) -> RowTokenizer:
    """One with <s> 1 and </s> 2, as LLaMA's; `names` says what else its special tokens are."""
    whole = small_tokenizer(["a red square moves to the right"])
    whole.add_special_tokens(names)
    whole.save_pretrained(folder)
    return load_tokenizer(Pretrained(tokenizer=str(folder)), load_recipe(CONFIG).prompt, patches=4, most=64)


def contrast(tokens: RowTokenizer) -> ContrastLoss:
    config = load_recipe(CONFIG)
    assert config.tower is not None
    assert config.tower.caption_encoder is not None
    torch.manual_seed(0)
    return ContrastLoss(CLIPVisionModel(config.vision.to_transformers()), config.tower.caption_encoder, tokens).eval()


@pytest.mark.parametrize("room", [0, 5], ids=["full", "padded"])
@pytest.mark.parametrize(
    "names",
    [
        pytest.param({}, id="padding of its own, above all words"),
        pytest.param({"pad_token": "<unk>"}, id="padding below all words, as Vicuna's"),
        pytest.param({"pad_token": "</s>"}, id="padding by the end token"),
        pytest.param({"bos_token": "</s>", "pad_token": "<unk>"}, id="one token to begin and to end"),
    ],
)
@torch.no_grad()
def test_every_word_of_a_caption_counts(names: dict[str, str], room: int, tmp_path: Path) -> None:
    tokens = tokenizer(tmp_path, names)
    # Learnt words have higher ids than the letters behind them.
    captions = [caption_ids(f"a red square moves {letters}", tokens, 16) for letters in ("xy", "xz", "xy")]
    length = captions[0].index(tokens.special_ids["</s>"], 1) + 1
    assert captions[0][:length].index(max(captions[0][:length])) < length - 3
    one, other, again = contrast(tokens).caption_features(torch.tensor(captions)[:, : length + room])
    assert torch.allclose(one, again, atol=1e-6)
    assert (one - other).abs().max() > 1e-3


@torch.no_grad()
def test_what_stands_behind_the_end_of_a_caption_does_not_count(tmp_path: Path) -> None:
    tokens = tokenizer(tmp_path, {"pad_token": "<unk>"})
    captions = torch.tensor([caption_ids("a red square", tokens, 16)] * 2)
    captions[1, -1] = captions.max()
    padded, filled = contrast(tokens).caption_features(captions)
    assert torch.allclose(padded, filled, atol=1e-6)
