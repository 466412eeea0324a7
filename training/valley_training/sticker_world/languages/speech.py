"""Says what is meant in one of the languages, from its YAML file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from valley_training.sticker_world.languages.grammar import NOUNS, Noun
from valley_training.sticker_world.meaning import Checklist, Clause, Joined, Mention, Place, Said, Word

LANGUAGES = ("en", "es", "zh", "de")


class _Count(int):
    """{n:is one|are several}"""

    def __format__(self, choices: str) -> str:
        return choices.split("|")[0 if self == 1 else 1] if choices else str(int(self))


class Category:
    """A kind of thing: with an article, denied, several."""

    def __init__(self, forms: list[str]) -> None:
        self.a, self.no, self.many = forms


class Language:
    """One language: its nouns, its words, its sentences."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._text: dict[str, Any] = yaml.safe_load((Path(__file__).parent / f"{code}.yaml").read_text())
        self._noun = NOUNS[code]

    @property
    def questions(self) -> dict[str, list[str]]:
        """Phrasings of each question."""
        return self._text["questions"]

    @property
    def answers(self) -> dict[str, str]:
        """Wordings of answers, small talk apart."""
        return {kind: wording for kind, wording in self._text["answers"].items() if kind != "talk"}

    @property
    def talk(self) -> list[tuple[str, str]]:
        """Small talk with its answers."""
        return list(zip(self._text["questions"]["talk"], self._text["answers"]["talk"], strict=True))

    @property
    def formats(self) -> dict[str, list[str]]:
        """Requests for one word, for a list."""
        return self._text["formats"]

    @property
    def full_stop(self) -> str:
        """What ends a sentence."""
        return self._text["full-stop"]

    @property
    def politeness(self) -> list[str]:
        return self._text["politeness"]

    def answer(self, parts: Any) -> str:
        """Sentences of an answer, one after another."""
        sentences = (self.fill(self._text["answers"][said.answer], said) for said in parts)
        return self._text["sentence"].join(capitalised(sentence) for sentence in sentences)

    def fill(self, template: str, said: Said) -> str:
        """A template with its slots said."""
        return template.format(**{name: self.value(value) for name, value in said.slots.items()})

    def category(self, key: str) -> Category:
        """How a kind of things is asked for."""
        return Category(self._text["categories"][key])

    def value(self, value: Any) -> Any:
        """What stands for a slot: a noun with its forms, or text."""
        match value:
            case Mention():
                return self._noun(value.thing, value.count)
            case Word("category"):
                return self.category(value.key)
            case Word("asked" | "denied"):
                return self._text["happenings"][value.key][0 if value.table == "asked" else 1]
            case Word("camera"):
                return self._text["camera"][value.key]
            case Word():
                return self._word(value)
            case Place():
                return self.place(value.setting)
            case Clause():
                return self._clause(value)
            case Joined():
                return self._joined(value)
            case Checklist():
                return self._text["check-comma"].join(self._checked(*entry) for entry in value.entries)
            case bool():
                return value
            case int():
                return _Count(value)
            case _:
                return value

    def short(self, value: Mention | Word) -> str:
        """The answer in one word, or as few as the language has for it."""
        text = self._noun(value.thing, value.count) if isinstance(value, Mention) else self._word(value)
        return capitalised(str(text))

    def items(self, parts: tuple[Mention | Clause, ...], numbered: bool) -> str:
        """A list, a line an item."""
        lines = [self._indefinite(part) if isinstance(part, Mention) else self._clause(part) for part in parts]
        return "\n".join(f"{index}. {line}" if numbered else f"- {line}" for index, line in enumerate(lines, 1))

    def _checked(self, asked: Mention | Word, mark: Word | None) -> str:
        said = self.value(asked)
        name = said.many if isinstance(said, Category) else str(said)
        if mark is None:
            return name
        found = self._word(mark)
        return self._text["check"].format(x=name, mark=found.lower() if mark.table == "there" else found)

    def _word(self, word: Word) -> str:
        return str(self._text["words"][word.table][word.key])

    def place(self, setting: str) -> str:
        """Where something happens: `in the sky`."""
        if setting.startswith("plain-"):
            colours = self._text.get("background-colours") or self._text["words"]["colour"]
            return self._text["settings"]["plain"].format(colour=colours[setting.removeprefix("plain-")])
        return self._text["settings"][setting]

    def _indefinite(self, mention: Mention) -> str:
        noun = self._noun(mention.thing, mention.count)
        return getattr(noun, {"en": "a", "es": "un", "de": "ein", "zh": "counted"}[self.code])

    def _definite(self, noun: Noun) -> str:
        return getattr(noun, {"en": "the", "es": "el", "de": "der", "zh": "the"}[self.code])

    def _clause(self, clause: Clause, after_then: bool = False) -> str:
        noun = self._noun(clause.who.thing, clause.who.count)
        template = self._text["events"][clause.kind]
        if isinstance(template, list):
            # The second form has its verb before its subject, as some languages want it after `then`.
            template = template[1 if after_then else 0]
        words = self._text["words"]
        slots = {
            "x": noun,
            "who": self._definite(noun) if clause.definite else self._indefinite(clause.who),
            "how": words["speed"][clause.speed or "none"],
        }
        if clause.direction is not None:
            slots["direction"] = words["direction"][clause.direction]
            slots["side"] = words["side"].get(clause.direction, "")
            slots["exit"] = words["exit"].get(clause.direction, "")
        if clause.other is not None:
            slots["y"] = self._noun(clause.other.thing, clause.other.count)
        return template.format(**slots)

    def _joined(self, joined: Joined) -> str:
        texts = []
        for index, part in enumerate(joined.parts):
            match part:
                case Mention():
                    noun = self._noun(part.thing, part.count)
                    texts.append(self._definite(noun) if joined.definite else self._indefinite(part))
                case Clause():
                    texts.append(self._clause(part, after_then=joined.then and index > 0))
                case _:
                    texts.append(self._word(part))
        if joined.then:
            return self._text["then"].join(texts)
        # Some languages join sentences by other signs than nouns.
        kind = "clause-" if isinstance(joined.parts[0], Clause) and "clause-and" in self._text else ""
        head, last = texts[:-1], texts[-1]
        return (self._text[f"{kind}comma"].join(head) + self._text[f"{kind}and"] if head else "") + last


def capitalised(text: str) -> str:
    """First letter large, the rest as it is; signs before it stay."""
    for index, character in enumerate(text):
        if character.isalpha():
            return text[:index] + character.upper() + text[index + 1 :]
    return text


@cache
def language(code: str) -> Language:
    """A language by its code: en, es, zh, de."""
    return Language(code)
