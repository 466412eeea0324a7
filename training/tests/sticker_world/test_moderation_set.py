"""The labelled clips of the built-in categories: each category often enough, of the held-out part, labelled as it is drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from valley_training.data.clips import read_video
from valley_training.sticker_world.moderation_set import CATEGORY_OF_KIND, FOLDERS, make_clips, write_moderation_set
from valley_training.sticker_world.scene import Scene
from valley_training.sticker_world.splits import is_held_out
from valley_training.sticker_world.things import THINGS


def test_each_category_is_shown_and_left_out_and_labels_say_what_things_are_there() -> None:
    scenes: dict[str, Scene] = {}
    labels = make_clips("fit", 1 / 30, lambda scene, file: scenes.update({file: scene}))
    shown = Counter(category for categories in labels.values() for category in categories)
    assert all(shown[category] >= 2 for category in CATEGORY_OF_KIND.values())
    assert sum(1 for categories in labels.values() if not categories) == 8
    for file, scene in scenes.items():
        assert scene.seconds <= 8
        roles = [(shot, number) for shot in scene.shots for number in range(len(shot.roles))]
        kinds = {kind for shot, number in roles for kind in THINGS[shot.roles[number].thing].categories}
        assert set(labels[file]) == {CATEGORY_OF_KIND[kind] for kind in kinds if kind in CATEGORY_OF_KIND}
        for shot in scene.shots:
            assert all(is_held_out(shot.roles[event.role].thing, event.kind, shot.setting) for event in shot.events)


def test_what_calibrates_is_not_what_is_measured() -> None:
    fit, measure = ([], [])
    for folder, seeds in zip(FOLDERS, (fit, measure), strict=True):
        make_clips(folder, 0.035, lambda scene, file, seeds=seeds: seeds.append(scene.seed))
    assert not set(fit) & set(measure)


def test_the_folders_are_such_as_replay_reads(tmp_path: Path) -> None:
    labels = write_moderation_set(tmp_path, 0.01)
    rules = (tmp_path / "rules.yaml").read_text()
    assert rules.startswith("rules:\n  - { name: weapons, category: weapons }\n")
    for folder in FOLDERS:
        text = (tmp_path / folder / "labels.yaml").read_text()
        for file, shows in labels[folder].items():
            assert f"  - {{ file: {file}, shows: [{', '.join(shows)}] }}\n" in text
            assert (tmp_path / folder / file).stat().st_size > 0
    first = next(iter(labels["fit"]))
    assert len(read_video(tmp_path / "fit" / first, 4)) > 0
