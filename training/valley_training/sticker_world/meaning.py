"""What a question or an answer means, before any language says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Mention:
    """A thing, so many times."""

    thing: str
    count: int = 1


@dataclass(frozen=True)
class Word:
    """An entry of a language's word tables."""

    table: str
    key: str


@dataclass(frozen=True)
class Place:
    """A setting, as where something happens."""

    setting: str


@dataclass(frozen=True)
class Clause:
    """Something that a thing does; `definite` for a thing that was spoken of."""

    kind: str
    who: Mention
    direction: str | None = None
    speed: str | None = None
    other: Mention | None = None
    definite: bool = True


@dataclass(frozen=True)
class Joined:
    """Several, said as one: with commas and `and`, or one after another with `then`. nouns: definite or not."""

    parts: tuple[Mention | Clause | Word, ...]
    then: bool = False
    definite: bool = False


@dataclass(frozen=True)
class Checklist:
    """Names or categories one after another, each with a word for what is asked of it: whether it is there, where, in which
    colour; `None` in the question."""

    entries: tuple[tuple[Mention | Word, Word | None], ...]


@dataclass(frozen=True)
class Said:
    """One sentence: an entry of the answers with what fills it."""

    answer: str
    slots: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """A question with its true answer. expected: what an evaluation scores by, free of language. word and items: the
    answer as one word and as a list, where it has such a form. about, event: what the next question may refer to."""

    kind: str
    question: str
    slots: Mapping[str, Any]
    answer: Sequence[Said]
    expected: Mapping[str, Any]
    word: Mention | Word | None = None
    items: tuple[Mention | Clause, ...] = ()
    about: tuple[int, int] | None = None  # shot, role
    event: int | None = None  # in the order of the timeline


@dataclass(frozen=True)
class Turn:
    """A question as asked and its answer as said, in one language."""

    kind: str
    language: str
    question: str
    answer: str
    expected: Mapping[str, Any]
