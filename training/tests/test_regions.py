"""What each patch of a picture is said to show."""

from __future__ import annotations

import numpy as np

from valley_training.data.regions import REGION_NAMES, UNNAMED, region_names
from valley_training.world.scene import STILL, Actor, Scene


def scene_with(thing: str, size: float, centre: tuple[float, float], enter: float = 0.0) -> Scene:
    actor = Actor(thing, "noto", size, STILL, centre, centre, enter)
    return Scene("together", "night", (actor,), 0)


def test_patches_on_a_sticker_have_its_name_and_those_far_from_it_the_setting() -> None:
    # A sticker of half the frame in the middle of 8 x 8 patches: its middle 2 x 2 patches lie 0.125 sizes from its centre.
    names = region_names(scene_with("panda", 0.5, (0.5, 0.5)), 0.0, 8).reshape(8, 8)
    assert {REGION_NAMES[index] for index in names[3:5, 3:5].flatten()} == {"panda"}
    assert {REGION_NAMES[index] for index in names[0]} == {"night"}


def test_patches_at_a_stickers_edge_have_no_name() -> None:
    names = region_names(scene_with("panda", 0.5, (0.5, 0.5)), 0.0, 8).reshape(8, 8)
    # Column 2's middle is 0.1875 of the frame, 0.375 sizes, from the centre; the sticker ends at 0.5 sizes.
    assert set(names[3:5, 2]) == {UNNAMED}


def test_columns_go_with_x_and_rows_with_y() -> None:
    names = region_names(scene_with("panda", 0.3, (0.8, 0.2)), 0.0, 8).reshape(8, 8)
    rows, columns = np.nonzero(names == REGION_NAMES.index("panda"))
    assert rows.max() < 4 <= columns.min()


def test_a_thing_that_has_not_come_yet_is_nowhere() -> None:
    names = region_names(scene_with("panda", 0.5, (0.5, 0.5), enter=0.6), 0.5, 8)
    assert {REGION_NAMES[index] for index in names} == {"night"}
