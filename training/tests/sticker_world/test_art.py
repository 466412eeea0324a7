"""The art and the names: complete, licensed, and the unseen style out of reach."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from valley_training.sticker_world.art import ART_DIRECTORY, training_atlas
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.things import ASKED_CATEGORIES, NAMES, of_category
from valley_training.sticker_world.unseen import unseen_atlas

PACKAGE = Path(__file__).parents[2] / "valley_training"


def test_the_world_has_more_than_six_hundred_things_each_drawn_by_several_hands() -> None:
    assert len(NAMES) >= 600
    atlas = training_atlas()
    assert len(atlas.styles) >= 8
    for name in NAMES:
        assert sum(bool(atlas.cells(name, style)) for style in atlas.styles) >= 5, name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_thing_has_a_name_of_its_own_in_each_language(code: str) -> None:
    ones = [NOUNS[code](name).one for name in NAMES]
    assert all(ones)
    assert len(set(ones)) == len(ones)
    assert all(str(NOUNS[code](name, 2)) for name in NAMES)


def test_every_category_that_people_ask_for_has_things() -> None:
    for category in ASKED_CATEGORIES:
        assert of_category(category), category


def test_openmoji_and_fxemoji_are_no_training_style() -> None:
    assert not {"openmoji", "fxemoji"} & set(training_atlas().styles)
    assert unseen_atlas().styles == ("openmoji",)
    assert {path.name for path in (ART_DIRECTORY / "unseen").glob("*.webp")} == {"openmoji.webp"}
    assert not list((ART_DIRECTORY / "seen").glob("*moji*openmoji*"))


def test_no_module_that_training_runs_imports_the_unseen_style() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name in ("unseen.py", "evaluation_set.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            assert not any(name.split(".")[-1] in ("unseen", "unseen_atlas") for name in names), path


def test_each_style_says_whose_it_is() -> None:
    for entry in (*training_atlas().licences, *unseen_atlas().licences):
        assert all(entry.values())
        assert entry["licence"] in ("Apache-2.0", "CC-BY-4.0", "CC-BY-SA-4.0", "MIT")
        assert entry["name"] in (ART_DIRECTORY / "LICENCES.md").read_text() or entry["name"].startswith("fluent-emoji-")


def test_a_cell_shows_its_art_and_nothing_of_its_neighbours() -> None:
    atlas = training_atlas()
    for style in ("noto", "emojione-monotone"):
        for name in ("cat", "knife", "heart"):
            for cell in atlas.cells(name, style):
                alpha = np.asarray(atlas.picture(style, cell))[:, :, 3]
                assert alpha[4:-4, 4:-4].max() > 200
                assert max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max()) < 40


def test_the_art_of_all_styles_stays_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in ART_DIRECTORY.rglob("*") if path.is_file()) < 15e6


def test_colours_are_what_people_would_say() -> None:
    atlas = training_atlas()
    for name, colour in (("frog", "green"), ("strawberry", "red"), ("lemon", "yellow"), ("carrot", "orange")):
        named = [atlas.colour(style, cell) for style in atlas.styles for cell in atlas.cells(name, style)]
        said = [one for one in named if one]
        assert said.count(colour) >= 0.7 * len(said) > 0, (name, said)
