"""The demo's conversations: clips of compositions that were not learnt, and questions that have an answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from valley_training.data.clips import read_video
from valley_training.sticker_world.demo import CONVERSATIONS, Conversation, scene_and_turns, write_demo
from valley_training.sticker_world.splits import is_held_out


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda conversation: conversation.file)
def test_a_demo_shows_what_was_not_learnt_and_asks_what_has_an_answer(conversation: Conversation) -> None:
    scene, turns = scene_and_turns(conversation)
    assert scene_and_turns(conversation) == (scene, turns)
    shot = scene.shots[0]
    for event in shot.events:
        assert is_held_out(shot.roles[event.role].thing, event.kind, shot.setting)
    assert len(turns) == len({turn.question for turn in turns}) == 5
    assert all(turn.answer and turn.language == conversation.language for turn in turns)


def test_a_demo_is_written_as_clips_with_a_script(tmp_path: Path) -> None:
    write_demo(tmp_path)
    script = json.loads((tmp_path / "demo.json").read_text())
    assert [one["clip"] for one in script] == [conversation.file for conversation in CONVERSATIONS]
    for one, conversation in zip(script, CONVERSATIONS, strict=True):
        assert one["turns"] == [turn.question for turn in scene_and_turns(conversation)[1]]
        assert len(read_video(tmp_path / one["clip"], 2)) == 2
