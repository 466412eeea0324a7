"""The question sets of the model card: every family in every language, of the right part of the world, the same each time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from valley_training.data.clips import read_video
from valley_training.sticker_world.evaluation_set import FAMILIES, GOALS, SPLITS, WANTED, make_suite, write_evaluation_set
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.lexicon import lexicon
from valley_training.sticker_world.scene import Scene
from valley_training.sticker_world.splits import is_held_out


def test_a_whole_set_has_at_least_a_thousand_questions() -> None:
    assert sum(WANTED.values()) * len(LANGUAGES) >= 1000


@pytest.mark.parametrize("split", SPLITS)
def test_a_set_asks_every_family_in_every_language_of_its_own_part_of_the_world(split: str) -> None:
    scenes: list[Scene] = []
    suite, answers = make_suite(split, 0.01, lambda scene, file, atlas: scenes.append(scene))
    questions = [question for clip in suite["clips"] for question in clip["questions"]]
    asked = Counter(question["id"].split("-", 1)[1].removesuffix("-0") for question in questions)
    assert all(asked[f"{family}-{code}"] == 1 for family in WANTED for code in LANGUAGES)
    assert set(answers) == {question["id"] for question in questions}
    assert all(question["expected"] for question in questions)
    for question in questions:
        assert (question["id"].split("-")[1] == "follow") == ("before" in question)
    assert suite["goals"] == GOALS[split]
    for scene in scenes:
        for shot in scene.shots:
            for event in shot.events:
                held_out = is_held_out(shot.roles[event.role].thing, event.kind, shot.setting)
                assert held_out == (split == "held-out")
            styles = {actor.look.style for role in shot.roles for actor in role.actors}
            assert (styles == {"openmoji"}) == (split == "unseen-style")


def test_the_same_command_writes_the_same_questions_again() -> None:
    one, other = (make_suite("held-out", 0.01, lambda scene, file, atlas: None) for _ in range(2))
    assert one == other


def test_a_pair_asks_of_a_thing_that_is_there_and_of_one_that_is_not() -> None:
    suite, _ = make_suite("held-out", 0.01, lambda scene, file, atlas: None)
    pairs: dict[str, list[bool]] = {}
    for clip in suite["clips"]:
        for question in clip["questions"]:
            if "pair" in question:
                pairs.setdefault(question["pair"], []).append(question["expected"]["present"])
    assert pairs
    assert all(sorted(pair) == [False, True] for pair in pairs.values())


def test_the_clips_are_there_and_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valley_training.sticker_world.evaluation_set.WANTED", {"things": 1})
    monkeypatch.setattr("valley_training.sticker_world.evaluation_set.FAMILIES", {"things": FAMILIES["things"]})
    write_evaluation_set("unseen-style", tmp_path)
    suite = json.loads((tmp_path / "suite.json").read_text())
    assert len(suite["clips"]) == len(LANGUAGES)
    assert len(read_video(tmp_path / suite["clips"][0]["file"], 2)) == 2


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_lexicon_has_every_form_that_answers_can_have(code: str) -> None:
    words = lexicon(code)
    assert all(forms and all(forms) for facet in ("things", "settings", "colours", "cells") for forms in words[facet].values())
    assert words["yes"]
    assert not set(words["yes"]) & set(words["no"])
    assert all(pieces for pieces in words["events"].values())
    assert len(words["settings"]) == 31
