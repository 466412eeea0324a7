"""The experiments' world: what is asked is true, what is held out is never learnt, arms differ in what they say alone."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest
import torch

from valley_training.experiments.arms import ARMS
from valley_training.experiments.asking import collect_questions, counts, shuffled, swapped
from valley_training.experiments.clips import sample_scene
from valley_training.experiments.config import ClipSettings, load_experiment_config
from valley_training.experiments.ground import Ground, open_ground
from valley_training.experiments.phases import phase2_schedule, phase_batch
from valley_training.experiments.questions import KINDS, ask, know, sample_turns, say
from valley_training.world.art import THINGS
from valley_training.world.scene import Scene, is_held_out

SETTINGS = ClipSettings(training=1, held_out=1, frames=3, things=15, styles=["noto"])
TO_THE_RIGHT = {"en": "to the right", "es": "hacia la derecha", "de": "nach rechts", "zh": "右"}


@pytest.fixture(scope="module")
def scenes() -> list[Scene]:
    return [sample_scene(number, False, SETTINGS) for number in range(80)]


@pytest.fixture(scope="module")
def ground(toy_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return open_ground(load_experiment_config(toy_path), tmp_path_factory.mktemp("ground"), "cpu", time.monotonic() + 600)


def test_no_composition_is_both_learnt_and_asked(scenes: list[Scene]) -> None:
    held_out = [sample_scene(number, True, SETTINGS) for number in range(20)]
    assert not any(is_held_out(scene.kind, scene.things, scene.setting) for scene in scenes)
    assert all(is_held_out(scene.kind, scene.things, scene.setting) for scene in held_out)


def test_scenes_keep_to_what_so_small_a_tower_can_see(scenes: list[Scene]) -> None:
    for scene in scenes:
        assert set(scene.things) <= set(THINGS[:15])
        assert {actor.direction for actor in scene.actors} <= {"still", "left", "right", "up", "down"}
        assert {actor.style for actor in scene.actors} == {"noto"}
        if scene.kind == "sequence":
            assert all(actor.direction == "still" for actor in scene.actors)
    assert set(Counter(scene.kind for scene in scenes)) == {"together", "sequence", "copies"}


@pytest.mark.parametrize("code", list(TO_THE_RIGHT))
def test_a_thing_is_said_to_go_where_it_goes_in_every_language(code: str, scenes: list[Scene]) -> None:
    rng = random.Random(0)
    for scene in scenes:
        directions = {actor.direction for actor in scene.actors}
        if scene.kind != "sequence" and len(directions) == 1:
            asked = ask("motion", know(scene, 15), rng)
            assert asked is not None
            assert (TO_THE_RIGHT[code] in say(asked, "motion", code, rng).answer) == (directions == {"right"})


def test_what_came_first_and_how_many_there_are_follow_the_scene(scenes: list[Scene]) -> None:
    rng = random.Random(0)
    for scene in scenes:
        known = know(scene, 15)
        order, count, presence = (ask(kind, known, rng) for kind in ("order", "count", "presence"))
        if order is not None and "first" in order.expected:
            assert order.expected["first"] == scene.things[0]
        assert count is not None
        assert presence is not None
        if "thing" not in count.expected:
            assert count.expected["count"] == len(scene.actors)
        assert presence.expected["present"] == (presence.expected["thing"] in scene.things)


def test_a_kind_that_is_left_out_is_never_asked(scenes: list[Scene]) -> None:
    rng = random.Random(0)
    for kind in KINDS:
        kinds = ARMS[f"without-{kind}"].kinds
        asked = {turn.kind for scene in scenes[:20] for turn in sample_turns(know(scene, 15), rng, "en", 6, kinds)}
        assert asked == set(KINDS) - {kind}


def test_arms_see_the_same_clips_in_the_same_order_and_a_seed_others(ground: Ground) -> None:
    base = phase_batch(ground, ARMS["base"], 1, 2, 0)
    again = phase_batch(ground, ARMS["base"], 1, 2, 0)
    assert base.token_ids.equal(again.token_ids)
    for name in ("none", "without-motion", "a-quarter-each"):
        assert phase_batch(ground, ARMS[name], 1, 2, 0).clips.equal(base.clips)
    first, second = (
        torch.cat([phase_batch(ground, ARMS["base"], seed, 2, step).clips for step in range(6)]) for seed in (1, 2)
    )
    assert not first.equal(second)


def test_one_phase_has_as_many_steps_as_two(ground: Ground) -> None:
    config = ground.config
    assert phase2_schedule(ground, ARMS["one-phase"]).steps == config.phase1.steps + config.phase2.steps
    assert phase2_schedule(ground, ARMS["phase-2-alone"]).steps == config.phase2.steps


def test_as_many_questions_of_each_kind_are_asked(ground: Ground) -> None:
    questions = collect_questions(ground)
    assert counts(questions) == dict.fromkeys(KINDS, ground.config.measures.questions)
    assert [one.clip for one in questions] == [one.clip for one in collect_questions(ground)]


def test_shuffled_clips_have_their_own_frames_and_swapped_ones_those_of_another() -> None:
    features = torch.arange(12.0).reshape(4, 3, 1, 1)
    mixed = shuffled(features)
    assert mixed.sort(1).values.equal(features)
    assert all(not mixed[clip].equal(features[clip]) for clip in range(4))
    assert swapped(features).equal(features[[2, 3, 0, 1]])
