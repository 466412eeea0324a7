"""Scenes and pictures: reproducible, in their split, and things are drawn where the scene says."""

from __future__ import annotations

import random
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from valley_training.sticker_world.__main__ import contact_sheet
from valley_training.sticker_world.backgrounds import draw_background
from valley_training.sticker_world.clip_file import write_clip
from valley_training.sticker_world.render import all_times, frame_size, frame_times, render_frames
from valley_training.sticker_world.sampling import LONGEST_SECONDS, SHORTEST_SECONDS, STORIES, sample_scene
from valley_training.sticker_world.scene import DIRECTIONS, EVENT_KINDS, Finish, Scene, placed
from valley_training.sticker_world.settings import SETTINGS
from valley_training.sticker_world.splits import is_held_out, phrasings_of

SIDE = 64


@cache
def scenes(held_out: bool = False, count: int = 150) -> tuple[Scene, ...]:
    rng = random.Random(f"scenes-{held_out}")
    return tuple(sample_scene(rng, held_out) for _ in range(count))


def bare(scene: Scene, empty: bool = False) -> Scene:
    """The scene without noise, fades and light; empty: without its things."""
    shots = tuple(replace(shot, roles=()) for shot in scene.shots) if empty else scene.shots
    return replace(scene, shots=shots, finish=Finish())


def centre_of_change(scene: Scene, time: float) -> np.ndarray | None:
    """Where the picture differs from the empty place, as a share of the side: x, y."""
    with_things, without = (next(render_frames(one, [time], SIDE)).astype(int) for one in (scene, bare(scene, empty=True)))
    changed = np.argwhere(np.abs(with_things - without).max(axis=2) > 24)
    return changed.mean(axis=0)[::-1] / SIDE if len(changed) else None


def test_the_same_seed_gives_the_same_scene_and_the_same_pictures() -> None:
    one, other = (sample_scene(random.Random(5), held_out=False) for _ in range(2))
    assert one == other
    times = frame_times(one, 4)
    for first, second in zip(render_frames(one, times, SIDE), render_frames(other, times, SIDE), strict=True):
        assert np.array_equal(first, second)


def test_no_composition_is_both_trained_on_and_held_out() -> None:
    for held_out in (False, True):
        for scene in scenes(held_out):
            for shot in scene.shots:
                for event in shot.events:
                    assert is_held_out(shot.roles[event.role].thing, event.kind, shot.setting) is held_out


def test_phrasings_of_the_evaluation_are_not_asked_in_training() -> None:
    every = [f"phrasing {index}" for index in range(11)]
    assert not set(phrasings_of(every, unseen=True)) & set(phrasings_of(every, unseen=False))
    assert phrasings_of(["only one"], unseen=True) == ["only one"]


def test_every_story_event_and_setting_comes_up() -> None:
    rng = random.Random(3)
    many = [sample_scene(rng, held_out=False) for _ in range(500)]
    assert {shot.story for scene in many for shot in scene.shots} == set(STORIES)
    assert {event.kind for scene in many for shot in scene.shots for event in shot.events} == set(EVENT_KINDS)
    assert {shot.setting for scene in many for shot in scene.shots} == set(SETTINGS)
    assert {shot.camera.kind for scene in many for shot in scene.shots} == {"still", "pan", "zoom-in", "zoom-out", "shake"}
    assert {len(scene.shots) for scene in many} == {1, 2, 3}
    assert all(SHORTEST_SECONDS <= scene.seconds <= LONGEST_SECONDS for scene in many)


def test_shots_follow_each_other_without_a_gap_and_events_lie_in_their_shot() -> None:
    for scene in scenes():
        assert scene.shots[0].start == 0
        for before, after in zip(scene.shots, scene.shots[1:], strict=False):
            assert before.end == after.start
        for shot in scene.shots:
            for event in shot.events:
                assert shot.start <= event.start <= event.end <= shot.end + 1e-6


def test_things_are_whole_where_they_rest() -> None:
    for scene in scenes():
        for shot in scene.shots:
            resting = {event.role for event in shot.events if event.kind == "stay"}
            for time in (shot.start, shot.end - 0.01):
                for one in placed(scene, time):
                    if one.role in resting:
                        assert min(one.x, one.y) > one.size / 2 - 0.03
                        assert max(one.x, one.y) < 1 - one.size / 2 + 0.03


def test_a_moving_thing_is_drawn_moving_the_way_its_event_says() -> None:
    moving = [
        scene
        for scene in scenes(count=400)
        if len(scene.shots) == 1 and [event.kind for event in scene.shots[0].events] == ["move"]
    ]
    assert len(moving) >= 10
    for scene in moving[:24]:
        event = scene.shots[0].events[0]
        start, end = centre_of_change(bare(scene), event.start), centre_of_change(bare(scene), event.end)
        if start is None or end is None:
            continue
        steps = [0 if abs(step) < 0.12 else int(np.sign(step)) for step in end - start]
        assert tuple(steps) == DIRECTIONS[event.direction]


def test_what_appears_is_not_drawn_before_and_what_vanishes_not_after() -> None:
    checked = 0
    for scene in scenes(count=400):
        kinds = [event.kind for event in scene.shots[0].events]
        if len(scene.shots) == 1 and kinds in (["appear"] * len(kinds), ["enter"] * len(kinds)):
            first = min(event.start for event in scene.shots[0].events)
            assert centre_of_change(bare(scene), first - 0.05 * scene.seconds) is None
            assert centre_of_change(bare(scene), first + 0.2 * scene.seconds) is not None
            checked += 1
    assert checked >= 5


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_setting_can_be_drawn_and_varies(setting: str) -> None:
    one, other = (np.asarray(draw_background(setting, seed, 24)) for seed in (1, 2))
    assert one.shape == other.shape
    assert not np.array_equal(one, other)


def test_a_wide_clip_shows_the_square_in_its_middle() -> None:
    scene = next(scene for scene in scenes() if scene.aspect > 1.7 and len(scene.shots) == 1)
    scene = bare(scene)
    width, height = frame_size(scene, SIDE, whole=True)
    whole = next(render_frames(scene, [0.0], SIDE, whole=True))
    square = next(render_frames(scene, [0.0], SIDE))
    assert whole.shape == (height, width, 3)
    left = (width - SIDE) // 2
    assert np.abs(whole[:, left : left + SIDE].astype(int) - square).mean() < 6


def test_frames_are_chosen_evenly_from_the_first_to_the_last() -> None:
    for scene in scenes()[:40]:
        times = frame_times(scene, 8)
        assert times == sorted(times)
        assert times[0] == 0
        assert times[-1] == all_times(scene)[-1] < scene.seconds


def test_a_scene_becomes_an_mp4_with_its_frames_and_its_shape(tmp_path: Path) -> None:
    scene = next(scene for scene in scenes(count=400) if scene.seconds < 4 and scene.aspect < 0.8)
    write_clip(scene, tmp_path / "clip.mp4", side=48)
    show = ["ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames", "-of", "csv=p=0"]
    shown = subprocess.run([*show, str(tmp_path / "clip.mp4")], capture_output=True, text=True, check=True).stdout
    width, height = frame_size(scene, 48, whole=True)
    assert shown.strip() == f"{width},{height},{len(all_times(scene))}"


def test_the_sheet_of_scenes_has_a_row_for_each_story() -> None:
    sheet = contact_sheet(random.Random(0))
    assert sheet.width > sheet.height / 3
    assert np.asarray(sheet).std() > 20
