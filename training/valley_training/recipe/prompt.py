"""A row as tokens: the text of the prompt format, the visual block where the mark stands, and which tokens are learnt."""

from __future__ import annotations

from tokenizers import Tokenizer

from valley_training.data.dialogue import IGNORED, label_spans, visual_block
from valley_training.errors import TrainingError
from valley_training.model.valley import VISUAL_TOKENS
from valley_training.recipe.config import Prompt
from valley_training.recipe.rows import Row

PUBLISHED_STOP = "###"

Text = tuple[str, list[tuple[int, int]]]


def conversation_text(turns: list[tuple[str, str]], prompt: Prompt, bos: str, eos: str) -> Text:
    """The text, and the character spans that are learnt."""
    write = _valley if prompt.format == "valley" else _published
    return write(f"{bos}{prompt.system}\n\n", turns, eos)


def _valley(text: str, turns: list[tuple[str, str]], eos: str) -> Text:
    """Each answer with its end token is learnt."""
    spans = []
    for question, answer in turns:
        text += f"### Human: {question}\n### Assistant:"
        spans.append((len(text), len(text) + len(f" {answer}{eos}")))
        text += f" {answer}{eos}\n"
    return text, spans


def _published(text: str, turns: list[tuple[str, str]], eos: str) -> Text:
    """As source (RupertLuo/Valley at 83d794f, training text and mask): no end token; learnt are the marks before each
    question, which end the answer before it, and answers with their role's name."""
    spans = []
    for question, answer in turns:
        spans.append((len(text), len(text) + len(PUBLISHED_STOP)))
        text += f"{PUBLISHED_STOP} Human: {question}\n"
        start = len(text)
        text += f"{PUBLISHED_STOP} Assistant: {answer}\n"
        spans.append((start, len(text)))
    end = f"{text}{PUBLISHED_STOP} "
    spans.append((len(text), len(end)))
    return end, spans


def prompt_text(turns: list[tuple[str, str]], question: str, prompt: Prompt, bos: str, eos: str) -> str:
    """The text up to where an answer to `question` begins."""
    text, _ = conversation_text([*turns, (question, "")], prompt, bos, eos)
    return text[: text.rindex("### Assistant:") + len("### Assistant:")]


def tokenize_row(
    row: Row, frames: int, patches: int, tokenizer: Tokenizer, prompt: Prompt, bos: str, eos: str, most: int
) -> tuple[list[int], list[int]]:
    """Token ids, and for each position the token to be predicted there. Turns past `most` tokens are left out."""
    turns = with_block(row, frames, patches)
    for count in range(len(turns), 0, -1):
        text, spans = conversation_text(turns[:count], prompt, bos, eos)
        ids, labels = label_spans(tokenizer, text, spans)
        if len(ids) <= most:
            return ids, labels
    first = f"row {row.id} has {len(ids)} tokens in its first turn"
    raise TrainingError(f"{first}, max_tokens is {most}; shorten or remove the row")


def with_block(row: Row, frames: int, patches: int) -> list[tuple[str, str]]:
    """A row's turns with the placeholders of its clip in place of the mark."""
    if row.mark is None:
        return row.turns
    block = visual_block(patches, frames)
    for token in VISUAL_TOKENS:
        if any(token in text for turn in row.turns for text in turn):
            raise TrainingError(f"row {row.id} has {token} in its words, which stands for a clip's tokens; remove it")
    return [(question.replace(row.mark, block), answer) for question, answer in row.turns]


def tokenize_text(row: Row, tokenizer: Tokenizer, bos: str, eos: str, most: int) -> tuple[list[int], list[int]]:
    """A row's words alone, each token learnt: what a decoder reads that learns from nothing."""
    words = "\n".join(f"### Human: {question}\n### Assistant: {answer}{eos}" for question, answer in row.turns)
    for mark in (f"\n{row.mark}", str(row.mark)):
        words = words.replace(mark, "") if row.mark else words
    ids: list[int] = tokenizer.encode(f"{bos}{words}", add_special_tokens=False).ids[:most]
    return ids, [*ids[1:], IGNORED]
