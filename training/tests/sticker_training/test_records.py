"""What is known of things, where dialogues name them, and how a decoder is taught to recall it there."""

from __future__ import annotations

import math
import random

import pytest
import torch
from tokenizers import Tokenizer

from valley_training.data.dialogue import Segment, tokenize_dialogue
from valley_training.data.frame_times import timed_block
from valley_training.model.valley import Valley
from valley_training.sticker_training.answers import Sample, dialogue_loss, in_groups
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.labels import UNNAMED
from valley_training.sticker_training.recall import RECALL_WEIGHT, hear_middle, recall_loss
from valley_training.sticker_training.records import ABSENT, NAMED, PRESENT, RECORD, Mentions, records_of
from valley_training.sticker_training.tokens import sticker_tokenizer
from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES
from valley_training.sticker_world.meaning import Turn
from valley_training.sticker_world.render import frame_times
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import Actor, Camera, Event, Finish, Key, Look, Role, Scene, Shot
from valley_training.sticker_world.things import NAMES

TIMES = [0.0, 1.0, 2.0, 3.0]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return sticker_tokenizer(2400, 0, 40)


def an_actor(*keys: Key) -> Actor:
    return Actor(Look("noto", 0), keys)


def scene_of(*roles: Role, events: tuple[Event, ...] = ()) -> Scene:
    return Scene((Shot(0.0, 4.0, "sea", Camera(), roles, events, "stay", 0),), 8, 1.0, Finish(), 0)


def told(record: list[int]) -> dict[str, str]:
    """A record in words, without what is unknown."""
    entries = zip(RECORD.items(), record, strict=True)
    return {entry: classes[known] for (entry, classes), known in entries if known != UNNAMED}


def test_a_record_says_where_a_thing_is_first_and_last_when_and_what_it_does() -> None:
    # A red cat that goes from the left to the right from second 1 on; it is not there in the first frame.
    keys = (Key(0.0, 0.1, 0.5, 0.2, visible=False), Key(1.0, 0.1, 0.5, 0.2), Key(3.0, 0.9, 0.5, 0.2))
    cat = Role("cat", (an_actor(*keys),), "red")
    scene = scene_of(cat, events=(Event("appear", 0, 0.9, 1.0), Event("move", 0, 1.0, 3.0, "right")))
    records = records_of(scene, TIMES)
    assert [NAMED[number] for number in records] == ["cat", "animal"]
    assert told(records[NAMES.index("cat")]) == {
        "there": "yes",
        "colour": "red",
        "count": "1",
        "first column": "far left",
        "first row": "centre",
        "last column": "far right",
        "last row": "centre",
        "first frame": "2",
        "last frame": "6",
        "does first": "appear",
        "does last": "move",
        "direction": "right",
        "size": "4",
    }


def test_what_does_one_thing_alone_is_known_by_when_it_does_and_how_fast() -> None:
    cat = Role("cat", (an_actor(Key(0.0, 0.1, 0.5, 0.9)),))
    event = Event("move", 0, 1.0, 3.9, "right", "fast")
    record = told(records_of(scene_of(cat, events=(event,)), TIMES)[NAMES.index("cat")])
    # Four seconds: an eighth is half a second. Of sizes the last stands for more, too.
    assert (record["begins"], record["ends"], record["speed"], record["size"]) == ("2", "7", "fast", "12")


def test_copies_have_no_place_and_a_thing_of_two_shots_is_only_there() -> None:
    two = Role("dog", (an_actor(Key(0.0, 0.2, 0.2, 0.2)), an_actor(Key(0.0, 0.8, 0.8, 0.2))))
    record = told(records_of(scene_of(two), TIMES)[NAMES.index("dog")])
    assert record == {"there": "yes", "count": "2", "first frame": "0", "last frame": "6", "size": "4"}

    one = Role("dog", (an_actor(Key(0.0, 0.2, 0.2, 0.2)),))
    shots = tuple(Shot(start, start + 2.0, "sea", Camera(), (one,), (), "stay", 0) for start in (0.0, 2.0))
    records = records_of(Scene(shots, 8, 1.0, Finish(), 0), TIMES)
    assert told(records[NAMES.index("dog")]) == {"there": "yes"}


def test_of_a_kind_is_known_what_is_known_of_its_only_thing_and_of_two_that_it_is_there() -> None:
    left, right = an_actor(Key(0.0, 0.2, 0.2, 0.2)), an_actor(Key(0.0, 0.8, 0.8, 0.2))

    def known(*names: str) -> dict[str, dict[str, str]]:
        roles = [Role(name, (actor,)) for name, actor in zip(names, (left, right), strict=False)]
        return {NAMED[number]: told(record) for number, record in records_of(scene_of(*roles), TIMES).items()}

    armed = known("dagger", "cat")
    assert set(armed) == {"dagger", "weapon", "cat", "animal"}
    assert armed["weapon"] == armed["dagger"] != armed["animal"] == armed["cat"]
    assert known("dagger", "bomb")["weapon"] == {"there": "yes"}
    # Fire is a thing, and a kind of things.
    burning = records_of(scene_of(Role("fire", (left,))), TIMES)
    assert [NAMED[number] for number in burning] == ["fire", "fire"]


@pytest.mark.parametrize(
    ("code", "question", "kind"),
    [
        ("en", "Is there a weapon?", "weapon"),
        ("en", "Anything with fire?", "fire"),
        ("es", "¿Hay un arma?", "weapon"),
        ("de", "Siehst du Alkohol?", "alcohol"),
    ],
)
def test_a_kind_is_found_where_it_is_asked_for(tokenizer: Tokenizer, code: str, question: str, kind: str) -> None:
    turns = [Turn("talk", code, "-", "-", {}), Turn("moderation", code, question, "-", {})]
    ids, _ = tokenize_dialogue(tokenizer, [Segment(turns, timed_block(4, TIMES))])
    number = len(NAMES) + NAMED[len(NAMES) :].index(kind)
    assert [one[1:] for one in Mentions(tokenizer).records(ids, code, [{number: PRESENT}])] == [PRESENT]


def test_names_are_found_after_the_clip_in_every_language_at_their_last_token(tokenizer: Tokenizer) -> None:
    mentions = Mentions(tokenizer)
    record = [1, *ABSENT[1:]]
    for code in LANGUAGES:
        noun = str(NOUNS[code]("cat"))
        # The first question comes before the clip; what it names cannot be recalled there.
        turns = [Turn("talk", code, noun, "Ja.", {}), Turn("presence", code, noun.upper()[0] + noun[1:], noun, {})]
        ids, _ = tokenize_dialogue(tokenizer, [Segment(turns, timed_block(4, TIMES))])
        found = mentions.records(ids, code, [{NAMES.index("cat"): record}])
        assert [one[1:] for one in found] == [record, record]
        for position, *_ in found:
            assert noun.lower().endswith(tokenizer.decode([ids[position]]).strip().lower())


def test_the_longest_name_counts_and_what_is_not_there_is_absent(tokenizer: Tokenizer) -> None:
    mentions = Mentions(tokenizer)
    assert {"hot dog", "dog"} <= set(NAMES)
    turns = [Turn("talk", "en", "Hi.", "Hi.", {}), Turn("presence", "en", "Is there a hot dog?", "No, just a dog.", {})]
    ids, _ = tokenize_dialogue(tokenizer, [Segment(turns, timed_block(4, TIMES))])
    dog = [1, *ABSENT[1:]]
    assert [one[1:] for one in mentions.records(ids, "en", [{NAMES.index("dog"): dog}])] == [ABSENT, dog]


def test_of_two_clips_the_last_before_a_name_counts(tokenizer: Tokenizer) -> None:
    block = timed_block(4, TIMES)
    turns = [Turn("talk", "en", "Hi.", "A cat.", {})]
    ids, _ = tokenize_dialogue(tokenizer, [Segment(turns, block), Segment(turns, block)])
    red, blue = ([1, number, *ABSENT[2:]] for number in (0, 1))
    cat = NAMES.index("cat")
    assert [one[1:] for one in Mentions(tokenizer).records(ids, "en", [{cat: red}, {cat: blue}])] == [red, blue]


def test_nearly_every_thing_of_a_dialogue_is_found(tokenizer: Tokenizer) -> None:
    """Each answer to a checklist of names has as many mentions as names, and of those that are there as many as are."""
    mentions, rng, lists = Mentions(tokenizer), random.Random(5), 0
    for number in range(40):
        scene, code = sample_scene(rng, held_out=False), LANGUAGES[number % 4]
        times = frame_times(scene, 8)
        for turn in sample_dialogue(scene, rng, code, 8):
            if "there" not in turn.expected or turn.kind != "checklist":
                continue
            lists += 1
            turns = [Turn("talk", code, "-", "-", {}), Turn(turn.kind, code, "-", turn.answer, {})]
            ids, _ = tokenize_dialogue(tokenizer, [Segment(turns, timed_block(4, times))])
            found = mentions.records(ids, code, [records_of(scene, times)])
            assert sum(one[1] for one in found) >= sum(turn.expected["there"].values()) - 1
    assert lists > 5


def test_the_loss_of_recalling_is_that_of_guessing_for_a_state_that_says_nothing_and_small_for_one_that_says_it() -> None:
    records = torch.tensor([[1, 3, *ABSENT[2:]], ABSENT])
    loss, _ = recall_loss(torch.zeros(2, 64), records)
    assert loss.item() == pytest.approx(math.log(2) + math.log(len(RECORD["colour"])), rel=1e-4)
    states = torch.randn(2, 64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    for _ in range(60):
        loss, right = recall_loss(states, records)
        (gradient,) = torch.autograd.grad(loss, states)
        states = (states - 0.5 * gradient).detach().requires_grad_()
    assert right == 1.0
    assert loss.item() < 0.3


def test_a_dialogue_costs_its_answers_and_what_is_recalled_in_the_middle(tiny_config: StickerConfig) -> None:
    decoder = Valley(tiny_config.valley()).decoder
    record = [1, 2, *ABSENT[2:]]
    samples = [Sample([25, 26, 27, 28], [-100, 27, 28, -100], [], [[2, *record]]), Sample([29, 30], [30, -100], [], [])]
    loss, figures = dialogue_loss(decoder, in_groups(samples, 0), [])
    # The tiny decoder has one layer, which is the middle: its state at position 2, before the last norm.
    states = decoder.model.layers[0](
        decoder.get_input_embeddings()(torch.tensor([[25, 26, 27, 28]])),
        position_embeddings=decoder.model.rotary_emb(torch.zeros(1, 4, 32), torch.arange(4)[None]),
    )
    recall, _ = recall_loss(states[:, 2], torch.tensor([record]))
    assert loss.item() == pytest.approx(figures["answers"] + RECALL_WEIGHT * recall.item(), rel=1e-4)
    assert hear_middle(decoder) is decoder.model.layers[0]
    loss.backward()
    assert decoder.model.layers[0].self_attn.q_proj.weight.grad is not None
