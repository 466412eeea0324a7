"""From a table of clips to a model that answers about clips it has never seen: filter, generation, splits, both phases of
training, package and evaluation, each as the product has it."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from clip_table import DrawnClip, draw_clips, write_table
from toy_model import OneReading, configuration, decode_clips, evaluate, hardly_taught, write_suite
from valley_command import valley
from writing_model import A_PAGE, BREAKS_OFF, BUSY, DECLINES, FAILS, GIVES_AWAY, IN_GERMAN, NO_JSON, writing_model

RECIPE = Path(__file__).parent / "instructions.yaml"
# What goes wrong once, so that the same is asked again: of which captions, by their place in the table.
MENDED = {BUSY: range(3), FAILS: range(3, 6), BREAKS_OFF: range(6, 9), A_PAGE: range(9, 10), NO_JSON: range(10, 15)}
# What goes wrong twice, so that the clip is given up.
GIVEN_UP = {DECLINES: range(15, 19), IN_GERMAN: range(19, 23), NO_JSON: range(23, 26), GIVES_AWAY: range(26, 28)}
ASKED_CLIPS = 12


@dataclass(frozen=True)
class OwnData:
    """What the commands made of the table, and what they said."""

    folder: Path
    clips: list[DrawnClip]
    aligned: list[str]
    generated: list[str]
    asked: int

    @property
    def clip_folder(self) -> Path:
        return self.folder / "clips"

    def rows(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Layers this narrow are quicker in one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def own_data(tmp_path_factory: pytest.TempPathFactory) -> OwnData:
    folder = tmp_path_factory.mktemp("own-data")
    clip_folder, table = folder / "clips", folder / "clips.csv"
    clips = draw_clips(clip_folder)
    write_table(table, clip_folder, clips)
    aligned = valley("data", "align", table, folder / "alignment.jsonl", "--clips", clip_folder, folder=folder)
    faults = {clips[place].caption: [fault] for fault, places in MENDED.items() for place in places}
    faults |= {clips[place].caption: [fault] * 2 for fault, places in GIVEN_UP.items() for place in places}
    with writing_model(faults) as model:
        options = ("--endpoint", model.url, "--model", "writer", "--recipe", RECIPE, "--concurrency", "8")
        generated = valley("data", "generate", table, folder / "instructions.jsonl", *options, folder=folder)
        asked = model.asked
    for kind in ("alignment", "instructions"):
        options = ("--clips", clip_folder, "--test", "0.15")
        valley("data", "split", folder / f"{kind}.jsonl", folder / kind, *options, folder=folder)
    return OwnData(folder, clips, aligned.splitlines(), generated.splitlines(), asked)


def test_the_filter_takes_the_captions_and_tells_every_row_that_it_cannot_use(own_data: OwnData) -> None:
    rows = len(own_data.clips) + 2
    assert rows > 200
    # Each thing of a size and each place is in more than three captions and in less than a hundred.
    assert own_data.aligned[0] == f"written: {len(own_data.clips)} of {rows + 1} rows"
    assert "same caption as another: 1, same clip: 1" in own_data.aligned
    assert own_data.aligned[-6] == "left out: 5"
    left_out = ["missing-clip", "no-caption", "not-utf8", "nul-byte", "wrong-columns"]
    assert sorted(own_data.aligned[-5:]) == [f"  {reason}: 1" for reason in left_out]
    answers = Counter(row["conversations"][1]["value"] for row in own_data.rows("alignment.jsonl"))
    assert answers == Counter(clip.caption for clip in own_data.clips)


def test_the_generated_set_holds_what_is_right_and_says_what_the_rest_was(own_data: OwnData) -> None:
    rows = len(own_data.clips) + 3
    rejected = Counter(row["rejection"] for row in own_data.rows("instructions.jsonl.rejected.jsonl"))
    # Rows that repeat a caption get the dialogue that was there before, unless they drew another task.
    duplicates = rejected.pop("duplicate", 0)
    assert rejected == {"refused": 4, "wrong-language": 4, "not-the-form": 3, "gives-away": 2}
    assert own_data.generated[0] == f"written: {rows - rejected.total() - duplicates} of {rows} rows"
    broken_off = sum(len(MENDED[fault]) for fault in (BUSY, FAILS, BREAKS_OFF, A_PAGE))
    answers = own_data.asked - broken_off
    assert f"answers: {answers} asked, 0 remembered, {broken_off} tries again" in own_data.generated
    assert f"{answers * 100} tokens read, {answers * 20} written, cost 0.0000" in own_data.generated
    tasks = {row["type"] for row in own_data.rows("instructions.jsonl")}
    assert len(tasks) == 5


def test_no_clip_is_both_learnt_from_and_asked_about(own_data: OwnData) -> None:
    learnt, asked = (
        {row["video"] for kind in ("alignment", "instructions") for row in own_data.rows(f"{kind}/{part}.jsonl")}
        for part in ("train", "test")
    )
    assert len(asked) > ASKED_CLIPS
    assert not learnt & asked


def test_both_phases_run_on_the_set_and_the_evaluation_rises(own_data: OwnData) -> None:
    folder, suite = own_data.folder, own_data.folder / "suite"
    held_out = {row["video"] for row in own_data.rows("alignment/test.jsonl")}
    write_suite(suite, own_data.clip_folder, [clip for clip in own_data.clips if clip.file in held_out][:ASKED_CLIPS])
    decoded = decode_clips(own_data.clip_folder)
    config = configuration(folder, own_data.clip_folder)
    taught = OneReading(config, folder / "taught", decoded)
    for stage in ("tower", "language"):
        assert taught.train(stage)
    untaught = OneReading(hardly_taught(config), folder / "untaught", decoded)
    shutil.copytree(taught.directory, untaught.directory)
    for run in (untaught, taught):
        assert run.train("phase1")
        assert run.train("phase2")
    before, after = (evaluate(run, suite) for run in (untaught, taught))
    assert after["all"] >= before["all"] + 0.3, f"{before} before, {after} after"
    # Who does not look is right about one of six places.
    assert after["setting"] >= 0.6
