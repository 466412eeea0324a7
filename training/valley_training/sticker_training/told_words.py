"""The vectors that told words stand for: what a thing is called in each of the world's languages, at once.

So an answer can take a name from a row as it is, whichever language it is in, and a name in a question resembles the rows
that show the thing. With the English names alone the other languages would have to be learnt as a dictionary first."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from tokenizers import Tokenizer
from torch import Tensor

from valley_training.sticker_training.labels import COLOURS, COLUMNS, REGION_NAMES, ROWS
from valley_training.sticker_training.told import COUNTS, TIMES, TOLD_WORDS
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES, language
from valley_training.sticker_world.meaning import Word
from valley_training.sticker_world.things import THINGS


def word_weights(tokenizer: Tokenizer) -> Tensor:
    """What each of TOLD_WORDS takes of each token's embedding, sparse float32 [W, V]; a word's weights add up to 1."""
    places: list[tuple[int, int]] = []
    weights: list[float] = []
    for row, names in enumerate(_told_names()):
        for name in names:
            ids = tokenizer.encode(name, add_special_tokens=False).ids
            places += [(row, one) for one in ids]
            weights += [1 / (len(names) * len(ids))] * len(ids)
    size = (len(TOLD_WORDS), tokenizer.get_vocab_size())
    return torch.sparse_coo_tensor(torch.tensor(places).T, torch.tensor(weights), size, check_invariants=True).coalesce()


def word_vectors(embeddings: Tensor, weights: Tensor) -> Tensor:
    """Embeddings [V, Dl] and word_weights [W, V] -> the vector of each word [W, Dl]."""
    return torch.sparse.mm(weights, embeddings)


def _told_names() -> Iterator[list[str]]:
    """Of each of TOLD_WORDS its names, as they stand within texts. An orange is not orange, so it is the group that counts.
    Columns, rows and times are numbers more than words: they have English names only, and counts are digits."""
    for name in REGION_NAMES:
        yield [_in_text(_region_name(name, code), code) for code in LANGUAGES]
    for colour in COLOURS:
        yield [_in_text(str(language(code).value(Word("colour", colour))), code) for code in LANGUAGES]
    for number in (*COLUMNS, *ROWS, *TIMES):
        yield [f" {number}"]
    yield from ([count] for count in COUNTS)


def _region_name(name: str, code: str) -> str:
    return str(NOUNS[code](name)) if name in THINGS else language(code).place(name)


def _in_text(name: str, code: str) -> str:
    """Chinese is written without spaces."""
    return name if code == "zh" else f" {name}"
