"""Answers are true: each kind of question is compared with what an onlooker finds, in every language."""

from __future__ import annotations

import random
import re
import string
from collections import defaultdict
from functools import cache

import pytest
from oracle import Sight, colour_of, first_seen, last_seen, watch, way

from valley_training.sticker_world.dialogue import sample_dialogue
from valley_training.sticker_world.languages.grammar import NOUNS
from valley_training.sticker_world.languages.speech import LANGUAGES, language
from valley_training.sticker_world.meaning import Turn, Word
from valley_training.sticker_world.sampling import sample_scene
from valley_training.sticker_world.scene import DIRECTIONS, Scene
from valley_training.sticker_world.splits import phrasings_of
from valley_training.sticker_world.things import THINGS

SCENES, TURNS = 220, 16
# Kinds of question that the whole set of dialogues has to contain.
KINDS = {
    *("things", "count", "presence", "where", "relation", "setting", "colour"),
    *("checklist", "places", "colours", "ways"),
    *("compare", "category", "moderation"),
    *("description", "motion", "order", "when", "why", "camera", "shots", "ends", "happening", "beyond", "talk"),
}


@cache
def dialogues() -> tuple[tuple[Scene, tuple[Turn, ...]], ...]:
    rng = random.Random("answers")
    found = []
    for index in range(SCENES):
        scene = sample_scene(rng, held_out=index % 2 == 1)
        found.append((scene, tuple(sample_dialogue(scene, rng, LANGUAGES[index % 4], TURNS))))
    return tuple(found)


def of_kind(*kinds: str) -> list[tuple[Scene, Turn]]:
    found = [(scene, turn) for scene, turns in dialogues() for turn in turns if turn.kind in kinds]
    assert len(found) >= 8, kinds
    return found


def total(scene: Scene, thing: str) -> int:
    return sum(len(role.actors) for shot in scene.shots for role in shot.roles if role.thing == thing)


def test_every_kind_of_question_is_asked_in_every_language() -> None:
    kinds = defaultdict(set)
    for _, turns in dialogues():
        for turn in turns:
            kinds[turn.language].add(turn.kind)
    for code in LANGUAGES:
        assert kinds[code] == KINDS, code


def test_nothing_is_left_unfilled_and_no_answer_is_empty() -> None:
    for _, turns in dialogues():
        for turn in turns:
            assert turn.question.strip()
            assert turn.answer.strip()
            assert not set("{}|") & set(turn.question + turn.answer), turn


def test_things_named_are_those_that_are_seen() -> None:
    for scene, turn in of_kind("things"):
        seen = watch(scene)
        assert set(turn.expected["things"]) == {thing for thing, sights in seen.items() if any(s.centres for s in sights)}


def test_counts_are_what_an_onlooker_counts() -> None:
    for scene, turn in of_kind("count"):
        thing = turn.expected.get("thing")
        if thing is None:
            assert turn.expected["count"] == sum(total(scene, name) for name in watch(scene))
        elif turn.expected.get("at") == "end":
            assert turn.expected["count"] == len(watch(scene)[thing][-1].centres)
        else:
            assert turn.expected["count"] == (total(scene, thing) if thing in watch(scene) else 0)


def test_presence_follows_what_is_there() -> None:
    answers = {True: 0, False: 0}
    for scene, turn in of_kind("presence"):
        assert turn.expected["present"] == (turn.expected["thing"] in watch(scene))
        answers[turn.expected["present"]] += 1
    assert min(answers.values()) >= 0.3 * sum(answers.values())


def test_a_checklist_ticks_each_name_that_is_there() -> None:
    words = {"en": (" yes", " no"), "es": (" sí", " no"), "zh": ("有", "没有"), "de": (" ja", " nein")}
    for scene, turn in of_kind("checklist"):
        yes, no = words[turn.language]
        for thing, there in turn.expected.get("there", {}).items():
            assert there == (thing in watch(scene))
            name = str(NOUNS[turn.language](thing))
            marked = [name + (yes if there else no) + end for end in (",", "，", ".", "。")]
            assert any(one in turn.answer for one in marked), (name, turn.answer)
        for category, there in turn.expected.get("categories", {}).items():
            assert there == any(category in THINGS[thing].categories for thing in watch(scene))
        if "categories" in turn.expected:
            ticks = [part.endswith(yes) and not part.endswith(no) for part in re.split("[,，]", turn.answer.rstrip(".。"))]
            assert ticks == list(turn.expected["categories"].values()), turn.answer
        else:
            assert {True, False} == set(turn.expected["there"].values())


def marks_of(turn: Turn) -> dict[str, str]:
    """What a list's answer says of each name."""
    entries = re.split("[,，]", turn.answer.split(":")[-1].split("：")[-1].rstrip(".。"))
    names = {str(NOUNS[turn.language](thing)): thing for thing in turn.expected[turn.kind]}
    marks = {}
    for entry in entries:
        name = max((name for name in names if entry.strip().startswith(name)), key=len)
        marks[names[name]] = entry.strip().removeprefix(name).strip()
    assert list(marks) == list(turn.expected[turn.kind])
    return marks


def test_lists_say_of_each_thing_where_it_is_and_deny_what_is_not_there() -> None:
    for scene, turn in of_kind("places"):
        words = language(turn.language)
        for thing, said in marks_of(turn).items():
            cell = turn.expected["places"][thing]
            assert (cell is None) == (thing not in watch(scene))
            if cell is None:
                assert said == words.value(Word("there", "false")).lower()
            else:
                assert said == words.value(Word("cell", cell))
                assert_in_cell(watch(scene)[thing], cell)


def test_lists_say_the_colour_of_each_thing() -> None:
    for scene, turn in of_kind("colours"):
        for thing, said in marks_of(turn).items():
            if thing in watch(scene):
                assert said == language(turn.language).value(Word("colour", str(colour_of(scene, thing))))
            else:
                assert turn.expected["colours"][thing] is None


def test_lists_say_which_way_each_thing_goes() -> None:
    for scene, turn in of_kind("ways"):
        for thing, said in marks_of(turn).items():
            key = turn.expected["ways"][thing]
            if key is None:
                assert thing not in watch(scene)
                continue
            table = "rest" if key == "still" else "direction"
            assert said == language(turn.language).value(Word(table, key))
            across, down = way(watch(scene)[thing])
            step_x, step_y = DIRECTIONS.get(key, (0, 0))
            shots = [shot for shot in scene.shots if thing in [role.thing for role in shot.roles]]
            if shots[0].camera.kind == "still":
                assert (abs(across) > 0.05) == (step_x != 0)
                assert (abs(down) > 0.05) == (step_y != 0)
                assert across * step_x >= 0 <= down * step_y


def test_moderation_finds_what_belongs_to_the_category() -> None:
    for scene, turn in of_kind("moderation", "category"):
        if "category" in turn.expected:
            category = turn.expected["category"]
            belonging = {thing for thing in watch(scene) if category in THINGS[thing].categories}
            assert turn.expected["present"] == bool(belonging)
            assert set(turn.expected.get("things", ())) == belonging
        if "from" in turn.expected:
            sights = watch(scene)[turn.expected["things"][0]]
            slack = 0.12 * scene.seconds
            assert turn.expected["from"] == pytest.approx(first_seen(sights), abs=slack)
            assert turn.expected["to"] == pytest.approx(last_seen(sights), abs=slack)


def test_places_are_where_a_thing_is_all_the_time() -> None:
    for scene, turn in [(s, t) for s, t in of_kind("where") if "cell" in t.expected]:
        assert_in_cell(watch(scene)[turn.expected["thing"]], turn.expected["cell"])


def assert_in_cell(sights: list[Sight], cell: str) -> None:
    """Ninths are told apart at 0.36 and 0.64."""
    columns, rows = {"left": -1, "right": 1}, {"up": -1, "down": 1}
    column = sum(columns.get(word, 0) for word in cell.split("-"))
    row = sum(rows.get(word, 0) for word in cell.split("-"))
    for sight in sights:
        for x, y in sight.centres:
            assert (x > 0.64) - (x < 0.36) == column
            assert (y > 0.64) - (y < 0.36) == row


def test_relations_hold_between_centres() -> None:
    for scene, turn in of_kind("relation"):
        seen = watch(scene)
        pairs = zip(seen[turn.expected["thing"]], seen[turn.expected["other"]], strict=True)
        (x0, y0), (x1, y1) = next((a.centres[0], b.centres[0]) for a, b in pairs if a.centres and b.centres)
        step_x, step_y = DIRECTIONS[turn.expected["relation"]]
        assert (x0 - x1) * step_x + (y0 - y1) * step_y > 0.1


def test_colours_are_those_of_the_drawn_picture() -> None:
    for scene, turn in of_kind("colour"):
        if turn.expected.get("present", True):
            assert turn.expected["colour"] == colour_of(scene, turn.expected["thing"])


def test_directions_are_where_things_go() -> None:
    for scene, turn in of_kind("motion"):
        events, direction = turn.expected.get("events", ["move"]), turn.expected.get("direction")
        if turn.expected.get("present", True) and direction and events[0] in ("move", "follow", "chase", "leave"):
            across, down = way(watch(scene)[turn.expected["thing"]])
            step_x, step_y = DIRECTIONS[direction]
            assert across * step_x > 0.05 if step_x else abs(across) < 0.12
            assert down * step_y > 0.05 if step_y else abs(down) < 0.12
        elif events == ["stay"] and all(shot.camera.kind == "still" for shot in scene.shots):
            across, down = way(watch(scene)[turn.expected["thing"]])
            assert max(abs(across), abs(down)) < 0.01


def test_orders_are_those_of_first_sight() -> None:
    for scene, turn in of_kind("order"):
        times = {thing: first_seen(sights) for thing, sights in watch(scene).items()}
        if turn.expected.get("order"):
            assert turn.expected["order"] == sorted(times, key=times.__getitem__)
        if "first" in turn.expected:
            assert times[turn.expected["first"]] == min(times.values())
        if "last" in turn.expected:
            assert times[turn.expected["last"]] == max(times.values())


def test_sizes_and_paces_compare_as_drawn() -> None:
    for scene, turn in of_kind("compare"):
        seen = watch(scene)
        if "bigger" in turn.question.lower() and turn.language == "en":
            sizes = {thing: max(size for sight in sights for size in sight.sizes) for thing, sights in seen.items()}
            asked = [thing for thing in sizes if re.search(rf"\b{re.escape(thing)}\b", turn.question)]
            assert all(sizes[turn.expected["thing"]] >= sizes[thing] for thing in asked)


def test_the_end_and_the_start_show_what_is_there_then() -> None:
    for scene, turn in of_kind("ends"):
        at = 0 if turn.expected["at"] == "start" else -1
        there = {thing for thing, sights in watch(scene).items() if sights[at].centres}
        # What begins or ends within a hundredth of the clip may fall on either side.
        near = {thing for thing, sights in watch(scene).items() if sights[2 if at == 0 else -3].centres}
        assert there & near <= set(turn.expected["things"]) <= there | near


def test_a_reason_is_what_touches_the_thing_when_it_begins() -> None:
    caused = [(scene, turn) for scene, turn in of_kind("why") if turn.expected["cause"]]
    assert len(caused) >= 5
    for scene, turn in caused:
        seen = watch(scene)
        other = next(thing for thing in seen if thing != turn.expected["thing"])
        gaps = [
            max(abs(a.centres[0][0] - b.centres[0][0]), abs(a.centres[0][1] - b.centres[0][1])) - (a.sizes[0] + b.sizes[0]) / 2
            for a, b in zip(seen[turn.expected["thing"]], seen[other], strict=True)
            if a.centres and b.centres
        ]
        assert min(gaps) < 0.01 < gaps[0]


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_language_has_the_same_sentences_with_the_same_gaps(code: str) -> None:
    def gaps(template: str) -> set[str]:
        nested = [spec for _, _, spec, _ in string.Formatter().parse(template) if spec]
        names = [name for part in (template, *nested) for _, name, _, _ in string.Formatter().parse(part) if name]
        return {re.split(r"[.:]", name)[0] for name in names} - {"n", "number"}

    english, other = language("en"), language(code)
    assert set(other.questions) == set(english.questions)
    for kind, phrasings in other.questions.items():
        assert len(phrasings) == len(set(phrasings)), kind
        # Where English says "it", others have to know what it is.
        allowed = {"x"}.union(*(gaps(phrasing) for phrasing in english.questions[kind]))
        for phrasing in phrasings:
            assert gaps(phrasing) <= allowed, (kind, phrasing)
    assert set(other.answers) == set(english.answers)
    for kind, wording in other.answers.items():
        assert gaps(wording) <= gaps(english.answers[kind]), (kind, wording)
    assert len(other.talk) == len(english.talk)


def test_the_evaluation_asks_in_words_that_training_does_not() -> None:
    for code in LANGUAGES:
        kept = [phrasings for phrasings in language(code).questions.values() if len(phrasings) >= 5]
        assert len(kept) >= 15
        for phrasings in kept:
            assert not set(phrasings_of(phrasings, unseen=True)) & set(phrasings_of(phrasings, unseen=False))


def test_nouns_take_the_forms_that_a_dictionary_gives() -> None:
    english, spanish, german, chinese = (NOUNS[code] for code in ("en", "es", "de", "zh"))
    assert [english("unicorn").a, english("hourglass").a, english("apple").a] == ["a unicorn", "an hourglass", "an apple"]
    assert [english(thing, 2).many for thing in ("fox", "butterfly", "donkey", "knife", "tooth")] == [
        *("foxes", "butterflies", "donkeys", "knives", "teeth")
    ]
    assert [spanish("eagle").un, spanish("eagle").el, spanish("eagle", 3).el] == ["un águila", "el águila", "las tres águilas"]
    assert [spanish(thing, 2).many for thing in ("lion", "fish", "bus", "sailboat", "police car")] == [
        *("leones", "peces", "autobuses", "veleros", "coches de policía")
    ]
    assert [spanish("dog").del_, spanish("dog").al, spanish("cat", 0).counted] == ["del perro", "al perro", "ningún gato"]
    assert [german("lion").den, german("lion").dem, german("dog").einen] == ["den Löwen", "dem Löwen", "einen Hund"]
    assert [german("cat", 3).dem, german("car", 2).dem, german("cat").keinen] == [
        *("den drei Katzen", "den zwei Autos", "keine Katze")
    ]
    assert [german("tree", 2).dem, german("bus").den] == ["den zwei Bäumen", "den Bus"]
    assert [chinese("cat").counted, chinese("book", 2).counted, chinese("car").how_many] == ["一只猫", "两本书", "几辆汽车"]
