"""What the stages learn from: labels that are true of the picture, batches that depend on nothing but their number."""

from __future__ import annotations

import random

import numpy as np
import torch
from tokenizers import Tokenizer

from valley_training.data.dialogue import IGNORED
from valley_training.sticker_training.clips import make_clip_part
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.crowds import Crowd, Sticker, draw_crowds
from valley_training.sticker_training.finishing import finished
from valley_training.sticker_training.labels import (
    ASKED,
    CAPTION_LENGTH,
    COLOURS,
    COLUMNS,
    REGION_NAMES,
    ROWS,
    UNNAMED,
    WORDS,
    asked_places,
    caption,
    region_labels,
)
from valley_training.sticker_training.language import make_language_part
from valley_training.sticker_training.notes import notes_of
from valley_training.sticker_training.records import Mentions
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_training.tower import make_tower_part
from valley_training.sticker_training.tower_pictures import draw_pictures
from valley_training.sticker_world.art import training_atlas
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import placed
from valley_training.sticker_world.splits import is_held_out
from valley_training.sticker_world.things import NAMES


def test_patches_are_named_by_what_lies_there() -> None:
    picture = np.zeros((64, 64, 3), dtype=np.uint8)
    crowd = Crowd(picture, "sea", (Sticker("cat", "orange", 0.25, 0.25, 0.5), Sticker("dog", None, 0.75, 0.75, 0.5)))
    labels = region_labels(crowd, 8, random.Random(0))
    names, colours = labels[:, 0].reshape(8, 8), labels[:, 1].reshape(8, 8)
    # The middle of the first sticker, of the second, the edge of the first.
    assert REGION_NAMES[names[1, 1]] == REGION_NAMES[names[2, 2]] == "cat"
    assert COLOURS[colours[2, 2]] == "orange"
    assert REGION_NAMES[names[6, 5]] == "dog"
    assert colours[6, 5] == UNNAMED
    assert names[0, 2] == UNNAMED
    # All patches of a thing say where its centre is, those of the ground where they are themselves.
    places = {tuple(place) for place in labels[names.flatten() == REGION_NAMES.index("dog"), 2:].tolist()}
    assert [(COLUMNS[column], ROWS[row]) for column, row in places] == [("right", "lower")]
    sea = np.flatnonzero(names.flatten() == REGION_NAMES.index("sea"))
    assert 4 <= len(sea) <= 12
    for patch in sea:
        assert labels[patch, 2:].tolist() == [(patch % 8 * 2 + 1) * 5 // 16, (patch // 8 * 2 + 1) * 5 // 16]


def test_a_picture_is_asked_where_single_things_are_and_for_some_that_are_not_there() -> None:
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    crowd = Crowd(picture, "sea", (Sticker("cat", "red", 0.1, 0.9, 0.2), *[Sticker("dog", None, 0.5, 0.5, 0.2)] * 3))
    asked = asked_places(crowd, random.Random(0)).tolist()
    assert len(asked) == ASKED
    assert asked[0] == [NAMES.index("cat"), COLUMNS.index("far left"), ROWS.index("bottom")]
    for thing, column, row in asked[1:]:
        assert NAMES[thing] not in ("cat", "dog")
        assert (column, row) == (UNNAMED, UNNAMED)


def test_a_caption_says_each_thing_its_colour_and_its_place_or_how_often() -> None:
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    crowd = Crowd(picture, "sea", (Sticker("cat", "red", 0.1, 0.9, 0.2), *[Sticker("dog", None, 0.5, 0.5, 0.2)] * 3))
    words = [WORDS[index] for index in caption(crowd, random.Random(0)) if index]
    cat, dog = ["cat", "red coloured", "far left", "bottom"], ["dog", "three times"]
    assert words in ([*cat, *dog, "sea", "<end>"], [*dog, *cat, "sea", "<end>"])
    many = Crowd(picture, "sea", tuple([Sticker("dog", None, 0.5, 0.5, 0.2)] * 9))
    assert [WORDS[index] for index in caption(many, random.Random(0)) if index] == ["dog", "five times", "sea", "<end>"]


def test_crowds_show_no_composition_that_is_held_out_and_their_stickers_leave_room() -> None:
    crowds = list(draw_crowds(random.Random(1), 60, 48, training_atlas(), 8))
    assert {len(crowd.stickers) for crowd in crowds} >= {1, 4, 9, 16}
    for crowd in crowds:
        assert crowd.picture.shape == (48, 48, 3)
        for sticker in crowd.stickers:
            assert not is_held_out(sticker.thing, "stay", crowd.setting)
            assert sticker.size / 2 <= sticker.x <= 1 - sticker.size / 2
        for index, one in enumerate(crowd.stickers):
            for other in crowd.stickers[index + 1 :]:
                assert max(abs(one.x - other.x), abs(one.y - other.y)) >= 0.33 * (one.size + other.size)


def test_pictures_that_share_a_setting_share_a_cast_and_others_do_not() -> None:
    def shown(a_setting: int) -> tuple[set[str], set[str]]:
        crowds = list(draw_crowds(random.Random(2), 8, 32, training_atlas(), a_setting))
        return {crowd.setting for crowd in crowds}, {one.thing for crowd in crowds for one in crowd.stickers}

    settings, things = shown(8)
    assert len(settings) == 1
    assert 6 <= len(things) <= 16
    settings, things = shown(1)
    assert len(settings) > 3
    assert len(things) > 18


def test_half_of_the_pictures_show_as_many_things_as_there_is_room_for() -> None:
    crowds = list(draw_crowds(random.Random(3), 200, 32, training_atlas(), 1))
    gathered = [crowd for crowd in crowds if len({one.thing for one in crowd.stickers}) in (9, 16)]
    assert 75 <= len(gathered) <= 125
    # A caption names some of them, each with its place.
    words = [WORDS[index] for index in caption(gathered[0], random.Random(0)) if index]
    assert len({one.thing for one in gathered[0].stickers} & set(words)) == 6
    assert words[-2:] == [gathered[0].setting, "<end>"]


def test_the_tower_also_learns_from_frames_of_clips(
    tiny_config: StickerConfig,
) -> None:
    pictures = draw_pictures(random.Random(4), 50, tiny_config)
    assert len(pictures) == 50
    assert {picture.picture.shape for picture in pictures} == {(tiny_config.vision.image_pixels,) * 2 + (3,)}
    again = draw_pictures(random.Random(4), 50, tiny_config)
    assert all(
        (one.picture == other.picture).all() and one.stickers == other.stickers
        for one, other in zip(pictures, again, strict=True)
    )
    # Frames of clips are last. Where a clip shows nothing at the moment, there is only the setting to be told.
    frames = pictures[30:]
    assert max(len(frame.stickers) for frame in frames) <= 10
    assert sum(len(frame.stickers) for frame in frames) > 20
    for frame in frames:
        assert 0 < len([word for word in caption(frame, random.Random(0)) if word]) <= CAPTION_LENGTH
        assert all(0 <= sticker.x <= 1 and 0 <= sticker.y <= 1 for sticker in frame.stickers)


def test_finishing_keeps_pictures_what_they_are() -> None:
    torch.manual_seed(0)
    dark, bright = torch.full((20, 16, 16, 3), 30, dtype=torch.uint8), torch.full((20, 16, 16, 3), 225, dtype=torch.uint8)
    pictures = torch.cat([dark, bright])[torch.randperm(40)]
    seen = finished(pictures)
    assert seen.shape == pictures.shape
    assert seen.min() >= 0
    assert seen.max() <= 255
    means = seen.mean((1, 2, 3))
    was_dark = pictures.float().mean((1, 2, 3)) < 100
    assert means[was_dark].max() < 100 < means[~was_dark].min()
    assert means[was_dark].std() > 1


def test_notes_tell_of_every_thing_that_is_seen_with_its_time() -> None:
    rng = random.Random(5)
    for _ in range(20):
        scene = sample_scene(rng, held_out=False)
        times = frame_times(scene, 4)
        lines = notes_of(scene, times).removeprefix("<vi_start>").removesuffix("<vi_end>").split("; ")
        assert len(lines) == 4
        for line, time in zip(lines, times, strict=True):
            inside = [one for one in placed(scene, time) if one.inside]
            assert line.count(",") == max(0, len(inside) - 1)
            roles = scene.shot_at(time).roles
            assert all(roles[one.role].thing in line for one in inside)


def test_parts_come_again_the_same_and_differ_by_number(tiny_config: StickerConfig) -> None:
    tokenizer = sticker_tokenizer(600, 0, 4)
    mentions = Mentions(tokenizer)
    for make in (
        lambda number: make_tower_part(tiny_config, number),
        lambda number: make_clip_part(tiny_config, 2, number, tokenizer, mentions),
    ):
        one, again, other = make(3), make(3), make(4)
        assert one.pictures.equal(again.pictures)
        assert one.pictures.shape != other.pictures.shape or not one.pictures.equal(other.pictures)
    text = [make_language_part(tiny_config, 1, tokenizer, mentions) for _ in range(2)]
    for one, again in zip(text[0].dialogues, text[1].dialogues, strict=True):
        assert one.batch.token_ids.equal(again.batch.token_ids)
        assert one.records.equal(again.records)


def test_each_dialogue_has_a_placeholder_for_every_visual_token_and_learns_answers_alone(tiny_config: StickerConfig) -> None:
    tokenizer = sticker_tokenizer(600, 0, 4)
    mentions = Mentions(tokenizer)
    patch, frame = tokenizer.token_to_id("<im_patch>"), tokenizer.token_to_id("<vi_frame>")
    for number in range(6):
        part = make_clip_part(tiny_config, 2, number, tokenizer, mentions)
        batches = [group.batch for group in part.dialogues]
        dialogues = [one for batch in batches for one in zip(batch.token_ids, batch.labels, batch.clips, strict=True)]
        assert len(dialogues) == tiny_config.phase2.batch * tiny_config.phase2.dialogues
        assert sum(part.lengths) == len(part.pictures)
        for ids, labels, clips in dialogues:
            assert int((ids == patch).sum()) == tiny_config.vision.patches * len(clips)
            assert int((ids == frame).sum()) == sum(part.lengths[clip] for clip in clips)
            learnt = labels[labels != IGNORED]
            assert 0 < len(learnt) < len(ids)
            assert tokenizer.token_to_id("</s>") in learnt
            assert patch not in learnt


def test_the_tokenizer_spells_every_language_and_each_digit_alone() -> None:
    tokenizer: Tokenizer = sticker_tokenizer(1200, 0, 40)
    assert LANGUAGES == ("en", "es", "zh", "de")
    for text in ("The dog moves to the left.", "¿Qué pasa después?", "有两只猫。", "Der Löwe hüpft größer."):
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        assert tokenizer.decode(ids) == text
    assert len(tokenizer.encode("375", add_special_tokens=False).ids) == 3
