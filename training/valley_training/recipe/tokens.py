"""The tokenizer of a decoder with the tokens of clips added."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from valley_training.errors import TrainingError, first_line
from valley_training.model.valley import VISUAL_TOKENS
from valley_training.recipe.config import Pretrained, Prompt
from valley_training.recipe.prompt import tokenize_row, tokenize_text
from valley_training.recipe.rows import Row
from valley_training.tokenizer import chat_template

PADDING = "[PAD]"  # as the published code adds it


@dataclass(frozen=True)
class RowTokenizer:
    """Rows to tokens in one prompt format."""

    tokenizer: Tokenizer
    whole: PreTrainedTokenizerBase
    prompt: Prompt
    patches: int
    most: int

    @property
    def bos(self) -> str:
        return self.whole.bos_token or ""

    @property
    def eos(self) -> str:
        return str(self.whole.eos_token)

    @property
    def special_ids(self) -> dict[str, int]:
        """Ids by the names that the model knows them by."""
        named = {"<s>": self.whole.bos_token_id, "</s>": self.whole.eos_token_id, "<pad>": self.whole.pad_token_id}
        ids = {name: number for name, number in named.items() if number is not None}
        return ids | {token: self.tokenizer.token_to_id(token) for token in VISUAL_TOKENS}

    def conversation(self, row: Row, frames: int) -> tuple[list[int], list[int]]:
        """Ids and labels of a row whose clip gave `frames` frames."""
        return tokenize_row(row, frames, self.patches, self.tokenizer, self.prompt, self.bos, self.eos, self.most)

    def words(self, row: Row) -> tuple[list[int], list[int]]:
        """Ids and labels of a row's words alone."""
        return tokenize_text(row, self.tokenizer, self.bos, self.eos, self.most)

    def encode(self, text: str) -> list[int]:
        """Ids of a text in which special tokens are written out."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def files(self) -> dict[str, str]:
        """File name -> text of the tokenizer's part of a checkpoint."""
        with TemporaryDirectory() as directory:
            self.whole.save_pretrained(directory)
            texts = {path.name: path.read_text() for path in Path(directory).glob("*.json")}
        answer_end = self.eos if self.prompt.format == "valley" else ""
        return texts | {"chat_template.jinja": chat_template("{{ eos_token }}" if answer_end else "") + "\n"}


def load_tokenizer(pretrained: Pretrained, prompt: Prompt, patches: int, most: int) -> RowTokenizer:
    """Opens the tokenizer's folder and adds what it lacks: padding, then the tokens of clips in the published order."""
    folder = pretrained.tokenizer or pretrained.decoder
    if not folder or not Path(folder).is_dir():
        raise TrainingError(f"the tokenizer's folder {folder} is not there; name one in pretrained.tokenizer")
    try:
        whole = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise TrainingError(f"{folder} holds no tokenizer that can be opened ({first_line(error)}); fetch it again") from error
    if not whole.is_fast or whole.eos_token is None:
        raise TrainingError(f"{folder} must hold a tokenizer.json or tokenizer.model with an end token; choose another folder")
    if whole.pad_token is None:
        whole.add_special_tokens({"pad_token": PADDING})
    whole.add_tokens([token for token in VISUAL_TOKENS if token not in whole.get_vocab()], special_tokens=True)
    whole.chat_template = None
    return RowTokenizer(whole.backend_tokenizer, whole, prompt, patches, most)
