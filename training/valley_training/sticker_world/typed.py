"""Questions as people type them: small letters, no question mark, a polite word, a slip of the finger."""

from __future__ import annotations

import random
import unicodedata

from valley_training.sticker_world.languages.speech import Language

_POLITE_SHARE, _SMALL_SHARE, _BARE_SHARE, _PLAIN_LETTERS_SHARE, _SLIP_SHARE = 0.05, 0.2, 0.15, 0.25, 0.12
# A slip in a short word could make another word of it.
_LEAST_LETTERS_FOR_SLIP = 5


def roughened(question: str, rng: random.Random, spoken: Language) -> str:
    """The question with what typing does to it, now and then; its meaning stays."""
    if rng.random() < _POLITE_SHARE:
        question = rng.choice(spoken.politeness) + question
    if rng.random() < _SMALL_SHARE:
        question = question.lower()
    if rng.random() < _BARE_SHARE:
        question = question.rstrip("?.？。").lstrip("¿")
    if spoken.code == "es" and rng.random() < _PLAIN_LETTERS_SHARE:
        question = without_accents(question).replace("¿", "")
    if spoken.code == "de" and rng.random() < _PLAIN_LETTERS_SHARE / 2:
        question = question.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")
    if spoken.code != "zh" and rng.random() < _SLIP_SHARE:
        question = with_slip(question, rng)
    return question


def without_accents(text: str) -> str:
    """Spanish as typed in haste: accents go, the ñ stays."""
    return "".join(
        letter if letter in "ñÑ" else "".join(c for c in unicodedata.normalize("NFD", letter) if not unicodedata.combining(c))
        for letter in text
    )


def with_slip(text: str, rng: random.Random) -> str:
    """One long word with two letters swapped, one doubled or one left out; never its first letter."""
    words = text.split(" ")
    long = [index for index, word in enumerate(words) if sum(map(str.isalpha, word)) >= _LEAST_LETTERS_FOR_SLIP]
    if not long:
        return text
    index = rng.choice(long)
    word = words[index]
    place = rng.randrange(1, len(word) - 2)
    match rng.randrange(3):
        case 0:
            word = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        case 1:
            word = word[:place] + word[place] + word[place:]
        case _:
            word = word[:place] + word[place + 1 :]
    words[index] = word
    return " ".join(words)
