"""Rows of data: what they may look like, how they become text and tokens, and what is told of wrong ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from valley_training.data.dialogue import IGNORED
from valley_training.errors import TrainingError
from valley_training.fixtures.dry_run import small_tokenizer
from valley_training.model.valley import VISUAL_TOKENS
from valley_training.recipe.config import Prompt, RowFile
from valley_training.recipe.prompt import conversation_text, prompt_text, tokenize_row, tokenize_text
from valley_training.recipe.rows import Row, Rows

TALK = [{"from": "human", "value": "What flies?\n<video>"}, {"from": "gpt", "value": "Two birds."}]
MORE = [{"from": "human", "value": "Where to?"}, {"from": "gpt", "value": "South."}]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    whole = small_tokenizer(["### Human: What flies?\n### Assistant: Two birds.\n"])
    whole.add_tokens(list(VISUAL_TOKENS), special_tokens=True)
    return whole.backend_tokenizer


def rows_of(directory: Path, *rows: Any) -> Rows:
    text = "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
    (directory / "rows.jsonl").write_text(text)
    return Rows([RowFile(str(directory / "rows.jsonl"), str(directory))])


def test_a_row_shows_a_video_an_image_frames_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "jukin").mkdir()
    image = [{"from": "human", "value": "What is it?"}, {"from": "GPT", "value": "A cat."}]
    rows = rows_of(
        tmp_path,
        {"id": 1, "video": "birds", "source": "jukin", "conversations": TALK},
        "",
        {"id": 2, "image": "cat.png", "conversations": image},
        {"id": 3, "image": ["1.png", "2.png"], "conversations": image},
        {"id": 4, "conversations": MORE},
    )
    assert len(rows) == 4
    assert rows[0].clip.files == [tmp_path / "jukin" / "birds.mp4"]
    assert rows[0].turns == [("What flies?\n<video>", "Two birds.")]
    assert rows[1].turns == [("What is it?\n<image>", "A cat.")]  # the mark is put where it was forgotten
    assert [path.name for path in rows[2].clip.files] == ["1.png", "2.png"]
    assert rows[3].clip is None
    assert rows[3].id == "4"


def test_rows_of_several_files_follow_each_other(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text(
            "".join(json.dumps({"id": f"{name}{n}", "conversations": MORE}) + "\n" for n in (1, 2))
        )
    rows = Rows([RowFile(str(tmp_path / f"{name}.jsonl"), "") for name in ("a", "b")])
    assert [row.id for row in rows] == ["a1", "a2", "b1", "b2"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", r"rows\.jsonl row 1 is no JSON"),
        ([1], "row 1 is list, it must be an object; turn a list into lines by jq"),
        ({"conversations": TALK[:1]}, "row 1 needs conversations"),
        ({"conversations": [TALK[1], TALK[0]]}, r"has conversations\[0\] from 'gpt', it must be from human"),
        ({"conversations": TALK}, "has 1 marks <video>, none, as the row has no such clip"),
        ({"image": "a.png", "conversations": TALK}, "has 1 marks <video>, none"),
        ({"video": "a.mp4", "conversations": TALK + TALK}, "has 2 marks <video>, one at most"),
        ({"video": "a.mp4", "image": "a.png", "conversations": TALK}, "has an image and a video"),
        ({"video": 3, "conversations": TALK}, "has video 3, it must be a file name"),
    ],
)
def test_a_wrong_row_is_told_by_file_and_number(row: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=message):
        rows_of(tmp_path, row).check()


def test_a_clip_that_is_not_there_is_named_before_training(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, {"id": "x", "video": "gone.mp4", "conversations": TALK})
    with pytest.raises(TrainingError, match=r"row x shows .*gone\.mp4, which is not there"):
        rows.check()


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"rows\.jsonl has no rows"):
        rows_of(tmp_path)


def learnt_text(tokenizer: Tokenizer, labels: list[int]) -> str:
    return tokenizer.decode([label for label in labels if label != IGNORED], skip_special_tokens=False)


def test_answers_and_their_end_are_learnt_and_labels_are_the_next_token(tokenizer: Tokenizer, tmp_path: Path) -> None:
    row = rows_of(tmp_path, {"id": "x", "video": "a.mp4", "conversations": TALK + MORE})[0]
    ids, labels = tokenize_row(row, 2, 4, tokenizer, Prompt("Look."), "<s>", "</s>", 200)
    block = "<im_start><im_patch><im_patch><im_patch><im_patch><im_end><vi_start><vi_frame><vi_frame><vi_end>"
    assert tokenizer.decode(ids, skip_special_tokens=False) == (
        f"<s>Look.\n\n### Human: What flies?\n{block}\n### Assistant: Two birds.</s>\n"
        "### Human: Where to?\n### Assistant: South.</s>\n"
    )
    assert learnt_text(tokenizer, labels) == " Two birds.</s> South.</s>"
    assert all(label in (IGNORED, following) for label, following in zip(labels, ids[1:], strict=False))


def test_the_published_format_learns_what_the_published_code_does() -> None:
    text, spans = conversation_text([("Why?", "So."), ("How?", "Thus.")], Prompt("Look.", "published"), "<s>", "</s>")
    assert text == "<s>Look.\n\n### Human: Why?\n### Assistant: So.\n### Human: How?\n### Assistant: Thus.\n### "
    learnt = [text[start:end] for start, end in spans]
    assert learnt == ["###", "### Assistant: So.\n", "###", "### Assistant: Thus.\n", "### "]


@pytest.mark.parametrize("form", ["valley", "published"])
def test_a_prompt_ends_where_the_answer_begins(form: Any) -> None:
    text = prompt_text([("Why?", "So.")], "How?", Prompt("Look.", form), "<s>", "</s>")
    assert text.endswith("### Human: How?\n### Assistant:")
    assert "So." in text


def test_turns_that_are_too_many_are_left_out_from_the_end(tokenizer: Tokenizer) -> None:
    row = Row("x", None, [("What flies?", "Two birds."), ("Where to?", "South.")])
    whole, _ = tokenize_row(row, 0, 4, tokenizer, Prompt("Look."), "<s>", "</s>", 200)
    _, labels = tokenize_row(row, 0, 4, tokenizer, Prompt("Look."), "<s>", "</s>", len(whole) - 1)
    assert learnt_text(tokenizer, labels) == " Two birds.</s>"
    with pytest.raises(TrainingError, match=r"row x has .* tokens in its first turn, max_tokens is 5"):
        tokenize_row(row, 0, 4, tokenizer, Prompt("Look."), "<s>", "</s>", 5)


def test_words_that_stand_for_a_clips_tokens_are_refused(tokenizer: Tokenizer, tmp_path: Path) -> None:
    said = [{"from": "human", "value": "<video> <im_patch>?"}, {"from": "gpt", "value": "No."}]
    row = rows_of(tmp_path, {"id": "x", "video": "a.mp4", "conversations": said})[0]
    with pytest.raises(TrainingError, match="row x has <im_patch> in its words"):
        tokenize_row(row, 2, 4, tokenizer, Prompt("Look."), "<s>", "</s>", 200)


def test_words_alone_are_learnt_throughout_and_have_no_marks(tokenizer: Tokenizer, tmp_path: Path) -> None:
    row = rows_of(tmp_path, {"id": "x", "video": "a.mp4", "conversations": TALK})[0]
    ids, labels = tokenize_text(row, tokenizer, "<s>", "</s>", 200)
    assert tokenizer.decode(ids, skip_special_tokens=False) == "<s>### Human: What flies?\n### Assistant: Two birds.</s>"
    assert labels == [*ids[1:], IGNORED]
