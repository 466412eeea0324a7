"""Clips told in words at the places of visual tokens, and the tower that learns to say the same."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from valley_training.data.pixels import to_pixel_values
from valley_training.errors import TrainingError
from valley_training.model.valley import SPECIAL_TOKENS, Valley
from valley_training.sticker_training.answers import Sample, dialogue_loss, in_groups, spliced
from valley_training.sticker_training.clips import ClipBatch, make_clip_part
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.crowds import Sticker
from valley_training.sticker_training.phases import clip_loss, naming_loss, told_loss, told_vectors
from valley_training.sticker_training.reading import AskedPlaces, WordReading
from valley_training.sticker_training.records import RECORD, Mentions
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_training.told import (
    COUNTS_START,
    GROUP_STARTS,
    TIMES,
    TIMES_START,
    TOLD_WORDS,
    WORD_GROUPS,
    told_clip,
    told_frame,
)
from valley_training.sticker_training.told_words import word_vectors, word_weights
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.scene import Actor, Camera, Finish, Key, Look, Role, Scene, Shot
from valley_training.sticker_world.things import NAMES

PATCH = SPECIAL_TOKENS.index("<im_patch>")


def column_of(group: int, word: str) -> int:
    return GROUP_STARTS[group] + WORD_GROUPS[group].index(word)


def scene_of(role: Role) -> Scene:
    return Scene((Shot(0.0, 4.0, "sea", Camera(), (role,), (), "stay", 0),), 8, 1.0, Finish(), 0)


def test_a_clip_is_told_by_what_each_patch_shows_over_time_and_each_frame_as_a_whole() -> None:
    # A cat that fills the upper left quarter, and is in the lower right one a moment later.
    keys = (Key(0.0, 0.25, 0.25, 0.5), Key(1.9, 0.25, 0.25, 0.5), Key(2.0, 0.75, 0.75, 0.5), Key(4.0, 0.75, 0.75, 0.5))
    cat = Role("cat", (Actor(Look("noto", 0), keys),), "red")
    told = told_clip(scene_of(cat), [0.0, 1.0, 1.5, 3.0], 4)
    assert told.shape == (16 + 4, len(TOLD_WORDS))
    name, sea, red = column_of(0, "cat"), column_of(0, "sea"), column_of(1, "red")
    # The upper left patch shows it in three of four frames, the lower right one in one, the upper right one never.
    assert told[[0, 15, 3], name].tolist() == [0.75, 0.25, 0.0]
    assert told[[0, 15, 3], sea].tolist() == [0.25, 0.75, 1.0]
    assert told[0, red] == 0.375
    # Its centre is at a quarter, which is the second fifth; the patch's own middle, at an eighth, is in the first.
    assert told[0, column_of(2, "left")] == 0.375
    assert told[0, column_of(2, "far left")] == 0.125
    assert told[16:, name].tolist() == [1.0] * 4
    assert told[16:, column_of(3, "lower")].tolist() == [0.0, 0.0, 0.0, 0.5]


def test_a_patch_tells_when_it_shows_a_thing_and_the_ground_tells_no_time() -> None:
    # From the upper left to the lower right in the last of four frames.
    keys = (Key(0.0, 0.25, 0.25, 0.5), Key(2.9, 0.25, 0.25, 0.5), Key(3.0, 0.75, 0.75, 0.5), Key(4.0, 0.75, 0.75, 0.5))
    told = told_clip(scene_of(Role("cat", (Actor(Look("noto", 0), keys),))), [0.0, 1.0, 2.0, 3.0], 4)
    times = told[:, TIMES_START:COUNTS_START]
    assert times.shape == (16 + 4, len(TIMES))
    # Frames 0 to 3 of four are in the fifths 0, 1, 2 and 3; what is there in three of them shares its weight among those.
    torch.testing.assert_close(times[0], torch.tensor([0.5, 0.5, 0.5, 0.0, 0.0]) / 3)
    assert times[15].tolist() == [0.0, 0.0, 0.0, 0.5, 0.0]
    assert not times[3].any()
    assert not times[16:].any()


def test_a_frame_tells_how_many_stickers_it_shows() -> None:
    for shown, said in ((1, 1), (3, 3), (10, 10), (12, 10)):
        counts = told_frame([Sticker("cat", None, 0.5, 0.5, 0.2)] * shown, "sea")[COUNTS_START:]
        assert counts.nonzero()[0].tolist() == [said - 1]
        assert counts[said - 1] == 0.5
    assert not told_frame([], "sea")[COUNTS_START:].any()


def test_a_word_is_the_mean_of_its_names_in_four_languages() -> None:
    tokenizer = sticker_tokenizer(600, 0, 4)
    embeddings = torch.randn(600, 3, generator=torch.Generator().manual_seed(0))
    vectors = word_vectors(embeddings, word_weights(tokenizer))

    def mean(text: str) -> torch.Tensor:
        return embeddings[tokenizer.encode(text, add_special_tokens=False).ids].mean(0)

    for group, word, names in (
        (0, "birthday cake", (" birthday cake", " tarta de cumpleaños", "生日蛋糕", " Geburtstagstorte")),
        (0, "sea", (" at sea", " en el mar", "在海上", " auf dem Meer")),
        (0, "tangerine", (" tangerine", " mandarina", "橘子", " Mandarine")),
        # The colour, which no fruit is mixed into.
        (1, "orange", (" orange", " naranja", "橙色", " orange")),
        (2, "far left", (" far left",)),
    ):
        expected = torch.stack([mean(name) for name in names]).mean(0)
        torch.testing.assert_close(vectors[column_of(group, word)], expected, msg=word)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_name_of_one_word_is_one_token_where_the_vocabulary_has_room(code: str) -> None:
    tokenizer = sticker_tokenizer(10240, 0, 200)
    names = [str(NOUNS[code](name)) for name in NAMES]
    words = [name if code == "zh" else f" {name}" for name in names if " " not in name and "-" not in name]
    whole = [word for word in words if len(tokenizer.encode(word, add_special_tokens=False).ids) == 1]
    assert len(whole) > 0.95 * len(words)


def test_what_is_said_as_it_would_be_told_is_read_without_a_loss() -> None:
    words = torch.randn(len(TOLD_WORDS), 64, generator=torch.Generator().manual_seed(0))
    reading = WordReading(words)
    for scale in reading.log_scales:
        torch.nn.init.constant_(scale, 4.6)
    regions = torch.tensor([[5, 2, 1, 3], [WORD_GROUPS[0].index("sea"), -1, 0, 4]])
    said = words[regions[:, 0]] + 0.5 * (words[GROUP_STARTS[2] + regions[:, 2]] + words[GROUP_STARTS[3] + regions[:, 3]])
    said[0] += 0.5 * words[GROUP_STARTS[1] + 2]
    naming, distance, right = reading.patch_losses(said, regions)
    assert distance.item() == pytest.approx(0, abs=1e-9)
    assert right.item() == 1
    swapped, farther, wrong = reading.patch_losses(said.flip(0), regions)
    assert swapped > 10 * naming
    assert farther > 1
    assert wrong.item() == 0
    told = torch.zeros(1, len(TOLD_WORDS))
    told[0, 5] = told[0, 9] = 0.5
    _, near = reading.frame_losses(told @ words, told)
    assert near.item() == pytest.approx(0, abs=1e-9)


def test_clips_that_are_said_as_they_would_be_told_lie_at_no_distance() -> None:
    words = torch.randn(len(TOLD_WORDS), 16, generator=torch.Generator().manual_seed(0))
    told = torch.zeros(4, len(TOLD_WORDS))
    told[0, column_of(0, "cat")] = told[0, TIMES_START] = 1.0
    told[1:, column_of(0, "sea")] = 1.0
    assert told_loss(told @ words, told, words) == 0
    # One row in four shows a thing: if that alone is not said, it costs half of what its length is to the mean.
    said = told @ words
    said[0] = 0
    lengths = (told @ words).square().sum(1)
    assert told_loss(said, told, words).item() == pytest.approx((lengths[0] / lengths.mean() / 2).item())


def test_a_name_costs_what_its_share_among_all_names_says() -> None:
    words = torch.zeros(len(TOLD_WORDS), 16)
    words[: len(NAMES)] = torch.randn(len(NAMES), 16, generator=torch.Generator().manual_seed(0))
    told = torch.zeros(3, len(TOLD_WORDS))
    told[0, column_of(0, "cat")], told[1, column_of(0, "dog")], told[2, column_of(0, "sea")] = 1.0, 0.4, 1.0
    cosines = _cosines_to_names(words)
    for said, named in ((["cat", "dog"], 1.0), (["cat", "cat"], 0.5), (["dog", "cat"], 0.0)):
        rows = torch.stack([words[column_of(0, one)] for one in (*said, "owl")])  # what shows no thing may say anything
        loss, right = naming_loss(rows, told, words)
        odds = [math.exp(30 * cosines(rows[row], name)) for row, name in enumerate(("cat", "dog"))]
        sums = [sum(math.exp(30 * cosines(rows[row], name)) for name in NAMES) for row in (0, 1)]
        expected = -sum(math.log(odd / total) for odd, total in zip(odds, sums, strict=True)) / 2
        assert loss.item() == pytest.approx(expected, rel=1e-3)
        assert right == named
    assert naming_loss(torch.randn(1, 16), told[2:], words) == (0, 0)


def _cosines_to_names(words: torch.Tensor) -> Callable[[torch.Tensor, str], float]:
    mean = words[: len(NAMES)].mean(0)
    return lambda row, name: torch.cosine_similarity(row - mean, words[column_of(0, name)] - mean, dim=0).item()


def test_both_phases_are_taught_names_and_phase_1_all_that_would_be_told(tiny_config: StickerConfig) -> None:
    tokenizer = sticker_tokenizer(600, 0, 4)
    mentions, words = Mentions(tokenizer), word_weights(tokenizer)
    part = make_clip_part(tiny_config, 1, 0, tokenizer, mentions)
    assert [len(told) for told in part.told] == [tiny_config.vision.patches + length for length in part.lengths]
    model = Valley(tiny_config.valley())
    answers, _ = dialogue_loss(model.decoder, part.dialogues, _visual(model, part))
    said, told, vectors = torch.cat(_visual(model, part)), torch.cat(part.told), told_vectors(model, words)
    naming, named = naming_loss(said, told, vectors)
    second, figures = clip_loss(model, 2, words, part)
    assert second.item() == pytest.approx(answers.item() + 0.3 * naming.item(), rel=1e-2)  # of 16 bits within
    assert figures["named"] == pytest.approx(named, abs=0.05)
    first, figures = clip_loss(model, 1, words, part)
    assert first.item() - second.item() == pytest.approx(figures["far"], rel=1e-3)


def _visual(model: Valley, part: ClipBatch) -> list[torch.Tensor]:
    return model.pool_clips(list(model.encode_frames(to_pixel_values(part.pictures)).split(part.lengths)))


def test_a_place_that_nobody_asked_about_costs_nothing() -> None:
    places = AskedPlaces(8, 4)
    absent = torch.full((2, 3, 2), -1)
    loss, right = places.loss(torch.randn(2, 8), torch.randn(2, 3, 4), absent)
    assert loss.isfinite()
    assert right == 0


def test_dialogues_of_like_lengths_go_together_and_none_is_lost() -> None:
    lengths = [9, 2, 7, 4, 1, 8]
    known = [0] * len(RECORD)
    samples = [Sample([length] * length, [length] * length, [index], [[0, *known]]) for index, length in enumerate(lengths)]
    groups = in_groups(samples, 0)
    assert [group.records[:, :2].tolist() for group in groups] == [[[0, 0], [1, 0]]] * 3
    batches = [group.batch for group in groups]
    assert [batch.token_ids.shape for batch in batches] == [(2, 2), (2, 7), (2, 9)]
    told = [(int(ids[0]), clips) for batch in batches for ids, clips in zip(batch.token_ids, batch.clips, strict=True)]
    assert told == [(1, [4]), (2, [1]), (4, [3]), (7, [2]), (8, [5]), (9, [0])]


def test_visual_tokens_take_their_places_and_a_mismatch_is_told(tiny_config: StickerConfig) -> None:
    decoder = Valley(tiny_config.valley()).decoder
    ids = torch.tensor([[1, PATCH, 20, 0], [1, 21, PATCH, PATCH]])
    visual = [torch.full((1, 32), 3.0), torch.full((2, 32), 5.0)]
    rows = spliced(decoder, ids, visual)
    assert rows[0, 1].tolist() == [3.0] * 32
    assert rows[1, 2:].tolist() == [[5.0] * 32] * 2
    assert rows[0, 2].equal(decoder.get_input_embeddings().weight[20])
    with pytest.raises(TrainingError, match="3 placeholders but 1 visual tokens"):
        spliced(decoder, ids, visual[:1])
