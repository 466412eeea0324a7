"""The world: what a scene says is what its pictures show and what its answers say."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from valley_training.evaluation_set import write_demo
from valley_training.world.language import ask_count, ask_motion, ask_order, ask_presence, ask_things, sample_dialogue
from valley_training.world.render import draw_background, render_frames, training_frame
from valley_training.world.scene import DIRECTIONS, SETTINGS, STILL, Actor, Scene, is_held_out, sample_scene


def scenes(count: int, held_out: bool = False) -> list[Scene]:
    rng = random.Random(7)
    return [sample_scene(rng, held_out) for _ in range(count)]


def actor(thing: str, direction: str = STILL, enter: float = 0.0) -> Actor:
    step_x, step_y = DIRECTIONS.get(direction, (0, 0))
    return Actor(thing, "noto", 0.3, direction, (0.5, 0.5), (0.5 + 0.3 * step_x, 0.5 + 0.3 * step_y), enter)


def test_no_composition_is_both_trained_on_and_held_out() -> None:
    for held_out in (False, True):
        assert all(is_held_out(scene.kind, scene.things, scene.setting) is held_out for scene in scenes(200, held_out))


def test_things_stay_whole_inside_the_frame_and_do_not_hide_each_other() -> None:
    for scene in scenes(200):
        for time in np.linspace(0, 1, 9):
            seen = [(*one.centre(time), one.size) for one in scene.actors if one.visible(time)]
            for x, y, size in seen:
                assert size / 2 <= x <= 1 - size / 2
                assert size / 2 <= y <= 1 - size / 2
            for index, (x0, y0, size0) in enumerate(seen):
                for x1, y1, size1 in seen[index + 1 :]:
                    assert max(abs(x0 - x1), abs(y0 - y1)) > 0.4 * (size0 + size1)


def test_a_thing_moves_where_its_direction_says() -> None:
    for scene in scenes(200):
        for one in scene.actors:
            moved = tuple(int(np.sign(round(end - start, 6))) for start, end in zip(one.start, one.end, strict=True))
            assert moved == DIRECTIONS.get(one.direction, (0, 0))


def test_the_same_seed_gives_the_same_pictures() -> None:
    scene = scenes(1)[0]
    first, second = (render_frames(scene, [0.0, 0.5, 1.0], 64) for _ in range(2))
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))


def test_a_thing_is_drawn_only_once_it_has_entered_and_where_it_is() -> None:
    scene = Scene("sequence", "sea", (actor("cat", "right", enter=0.5),), seed=3)
    empty = np.clip(draw_background("sea", random.Random(3), 100), 0, 255).astype(np.uint8)
    before, after = render_frames(scene, [0.4, 1.0], 100)
    assert np.array_equal(before, empty)
    changed = np.argwhere((after != empty).any(axis=2))
    assert changed[:, 1].mean() == pytest.approx(80, abs=6)  # x of the way's end
    assert changed[:, 0].mean() == pytest.approx(50, abs=6)


def test_a_training_frame_is_a_picture_of_the_asked_side() -> None:
    frame = training_frame(render_frames(scenes(1)[0], [0.0], 128)[0], random.Random(0), 64)
    assert frame.shape == (64, 64, 3)
    assert frame.dtype == np.uint8


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_setting_can_be_drawn(setting: str) -> None:
    assert draw_background(setting, random.Random(0), 32).shape == (32, 32, 3)


def test_answers_say_what_the_scene_is() -> None:
    rng = random.Random(0)
    together = Scene("together", "snow", (actor("cat", "up and to the left"), actor("apple")), 0)
    assert ask_things(together, rng).answer == "There is a cat and an apple."
    assert ask_motion(together, rng, "cat").answer == "The cat moves up and to the left."
    assert ask_motion(together, rng, "apple").answer == "The apple stays still."
    assert ask_motion(together, rng, "dog").answer == "There is no dog in the clip."
    assert ask_presence(together, rng, "apple").answer == "Yes, there is an apple."
    assert ask_presence(together, rng, "dog").answer == "No, there is no dog."
    assert ask_order(together, rng).answer == "They were there from the start."


def test_order_questions_follow_the_times_of_entering() -> None:
    rng = random.Random(0)
    sequence = Scene("sequence", "snow", (actor("bus"), actor("fox", enter=0.3), actor("key", enter=0.6)), 0)
    answers = {ask_order(sequence, rng).answer for _ in range(200)}
    assert answers == {
        "The bus came first.",
        "The key came last.",
        "First the bus, then the fox, then the key.",
        "The fox came after the bus.",
        "The key came after the fox.",
        "Nothing came after the key.",
    }


def test_counts_are_the_number_of_actors() -> None:
    rng = random.Random(0)
    copies = Scene("copies", "sky", (actor("fox"), actor("fox"), actor("fox")), 0)
    for _ in range(50):
        turn = ask_count(copies, rng)
        assert turn.expected["count"] in (0, 3)
        assert turn.answer in ("There are three things.", "There are three foxes.") or turn.answer.startswith("There are no ")


def test_a_still_picture_has_no_motion_and_no_order() -> None:
    rng = random.Random(5)
    for scene in scenes(50):
        if scene.kind != "sequence":
            for turn in sample_dialogue(scene, rng, 6, still_picture=True):
                if turn.kind != "talk":
                    assert " moves" not in turn.answer
                    assert "came first" not in turn.answer


def test_the_demo_is_two_clips_with_conversations_of_four_turns_or_more(tmp_path: Path) -> None:
    write_demo(tmp_path)
    demo = json.loads((tmp_path / "demo.json").read_text())
    assert len(demo) == 2
    for conversation in demo:
        assert len(conversation["turns"]) >= 4
        assert (tmp_path / conversation["clip"]).read_bytes()[4:8] == b"ftyp"
