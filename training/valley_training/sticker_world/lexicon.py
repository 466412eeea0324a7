"""The words of each language as an evaluation suite lists them, so that answers can be read by rule (src/evaluation)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from valley_training.sticker_world.languages import speech
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.settings import SETTINGS
from valley_training.sticker_world.things import NAMES

# The world's names of directions -> a suite's.
DIRECTION_NAMES = {
    **{"left": "left", "right": "right", "up": "up", "down": "down", "still": "still"},
    **{"up-left": "up and to the left", "up-right": "up and to the right"},
    **{"down-left": "down and to the left", "down-right": "down and to the right"},
}
_GAP = "\0"  # where a template has a name or another word that varies
_YES_ANSWERS = ("present", "category", "yes-clause", "yes-relation")
_NO_ANSWERS = ("not-present", "no-category", "no-clause", "no-relation")

# In words, from one on; figures are understood in every language.
_COUNTING = {
    "en": "one two three four five six seven eight nine ten",
    "es": "un dos tres cuatro cinco seis siete ocho nueve diez",
    "de": "ein zwei drei vier fünf sechs sieben acht neun zehn",
    "zh": "一 两 三 四 五 六 七 八 九 十",
}
_MORE_FORMS: dict[str, dict[int, list[str]]] = {
    "en": {0: ["no", "none", "zero"]},
    "es": {0: ["ningún", "ninguna", "ningunas", "ninguno", "cero"], 1: ["una", "uno", "unas"]},
    "de": {0: ["kein", "keine", "keinen", "null"], 1: ["eine", "einen", "einem", "einer", "eins"]},
    "zh": {0: ["没有", "零"], 2: ["二"]},
}
_LARGEST = 16  # no scene has more things


class _Varies:
    """Stands for a noun: a gap in whatever form, and one or several where words agree with it."""

    def __init__(self, several: bool) -> None:
        self._several = several

    def __getattr__(self, name: str) -> str:
        return _GAP

    def __format__(self, choices: str) -> str:
        return choices.split("|")[self._several] if choices else _GAP


def lexicon(code: str, things: tuple[str, ...] = NAMES) -> dict[str, Any]:
    """One language's part of suite.json, with the forms of these things."""
    text = yaml.safe_load((Path(speech.__file__).parent / f"{code}.yaml").read_text())
    spoken = speech.language(code)
    words = text["words"]
    directions = {DIRECTION_NAMES[name]: [form] for name, form in words["direction"].items()}
    directions["still"] = [" ".join(form.replace(_GAP, "").split()) for form in _variants(text["events"]["stay"])]
    return {
        "spaced": code != "zh",
        "yes": _openings(text, words, "true", _YES_ANSWERS),
        "no": _openings(text, words, "false", _NO_ANSWERS),
        "things": {name: _forms(code, name) for name in things},
        "settings": {setting: [spoken.place(setting)] for setting in SETTINGS},
        "colours": {name: [form] for name, form in words["colour"].items()},
        "cells": {name: [form] for name, form in words["cell"].items()},
        "directions": {name: _distinct(forms) for name, forms in directions.items()},
        "numbers": {str(number): _number_forms(code, number) for number in range(_LARGEST)},
        "events": {kind: _pieces(template) for kind, template in text["events"].items()},
    }


def _forms(code: str, name: str) -> list[str]:
    one = NOUNS[code](name)
    forms = [one.one, str(NOUNS[code](name, 2))]
    if code == "de":
        # The cases: dem Löwen, den Hunden.
        several = NOUNS[code](name, 2)
        forms += [one.den.split(" ", 1)[1], one.dem.split(" ", 1)[1], several.dem.split(" ", 2)[2]]
    return _distinct(forms)


def _number_forms(code: str, number: int) -> list[str]:
    counting = _COUNTING[code].split()
    word = [counting[number - 1]] if 1 <= number <= len(counting) else []
    return [str(number), *word, *_MORE_FORMS[code].get(number, [])]


def _openings(text: dict[str, Any], words: dict[str, Any], key: str, answers: tuple[str, ...]) -> list[str]:
    """What an answer of yes, or of no, begins with: up to its first comma."""
    first = [text["answers"][answer].replace("，", ",").split(",")[0] for answer in answers]
    return _distinct([words["answer"][key], words["there"][key], *first])


def _variants(template: str | list[str]) -> list[str]:
    """An event's templates with gaps, for one and for several."""
    templates = template if isinstance(template, list) else [template]
    gaps = dict.fromkeys(("who", "how", "direction", "side", "exit"), _GAP)
    return [one.format(**gaps, x=_Varies(several), y=_Varies(several)) for one in templates for several in (False, True)]


def _pieces(template: str | list[str]) -> list[list[str]]:
    """What stands between the gaps, in order, for each variant."""
    found = [[piece.strip() for piece in variant.split(_GAP) if piece.strip()] for variant in _variants(template)]
    return [pieces for index, pieces in enumerate(found) if pieces not in found[:index]]


def _distinct(forms: list[str]) -> list[str]:
    return list(dict.fromkeys(forms))
