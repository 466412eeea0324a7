"""A sweep of two arms and one seed: cut anywhere, killed, packed, taken up; and what is told when a file is wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from valley_training.command_end import STOPPED
from valley_training.experiments.__main__ import main
from valley_training.experiments.results import PACKED_FILE

ARMS = ["mean", "max"]


def run(toy: Path, folder: Path, *more: str, question: str = "pooling") -> int:
    return main([question, "--config", str(toy), "--folder", str(folder), "--device", "cpu", "--seeds", "5", *more])


@pytest.fixture(scope="module")
def swept(toy_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both arms done."""
    folder = tmp_path_factory.mktemp("swept")
    assert run(toy_path, folder, "--arms", *ARMS) == 0
    return folder


@pytest.fixture
def copied(swept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(swept, tmp_path / "copied"))


def measured(folder: Path) -> dict[str, object]:
    """Every result but how long it took."""
    files = (folder / "results").glob("*.json")
    return {file.name: {**json.loads(file.read_text()), "seconds": 0} for file in files}


def test_a_sweep_cut_after_every_step_measures_what_an_uncut_one_does(toy_path: Path, copied: Path, swept: Path) -> None:
    shutil.rmtree(copied / "results")
    # As after a kill: the tower has learnt, the decoder has not begun.
    for file in (copied / "seed-5").glob("[!t]*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    pieces = 0
    while run(toy_path, copied, "--arms", "mean", "--seconds", "0") == STOPPED:
        pieces += 1
        assert pieces < 20
        assert "mean\t5\tto do" in (copied / "runs.tsv").read_text()
    # Two steps of the language stage, two of phase 1, three of phase 2: the last of each goes on into what follows.
    assert pieces == 4
    assert measured(copied)["mean-seed-5.json"] == measured(swept)["mean-seed-5.json"]


def test_a_run_killed_before_its_result_is_made_again_with_the_same_figures(toy_path: Path, copied: Path, swept: Path) -> None:
    (copied / "results" / "max-seed-5.json").unlink()
    # What a kill leaves: a half-written file beside the last good one.
    (copied / "results" / "max-seed-5.json.part").write_text('{"arm": "ma')
    assert run(toy_path, copied, "--arms", *ARMS) == 0
    assert measured(copied) == measured(swept)


def test_what_is_done_is_not_made_again(toy_path: Path, copied: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in (copied / "results").iterdir()}
    assert run(toy_path, copied, "--arms", *ARMS) == 0
    assert {file: file.stat().st_mtime_ns for file in (copied / "results").iterdir()} == before
    assert (copied / "runs.tsv").read_text().splitlines()[1].startswith("mean\t5\tdone\t")


def test_a_result_says_what_it_was_made_with(swept: Path) -> None:
    result = json.loads((swept / "results" / "mean-seed-5.json").read_text())
    assert result["provenance"]["arm"]["pooling"] == "mean"
    assert result["provenance"]["config"]["phase2"]["steps"] == 3
    assert result["provenance"]["device"].startswith("cpu")
    assert result["questions"] == dict.fromkeys(result["right"]["en"], 4)


def test_packed_results_are_taken_up_elsewhere(toy_path: Path, swept: Path, tmp_path: Path) -> None:
    assert run(toy_path, swept, "--arms", *ARMS, "--pack", str(tmp_path)) == 0
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(swept, elsewhere, ignore=shutil.ignore_patterns("results", "seed-5"))
    assert run(toy_path, elsewhere, "--arms", *ARMS, "--take-up", str(tmp_path)) == 0
    assert measured(elsewhere) == measured(swept)
    assert not (elsewhere / "seed-5").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--arms", "median"], "arm 'median' is not one of 'pooling'; it can be base, none, mean"),
        (["--seeds", "-1"], "seed is -1, it must be 0 to 2147483647"),
        (["--seeds", "4294967296"], "seed is 4294967296, it must be 0 to 2147483647"),
        (["--seeds", "1", "2", "1"], "seeds are 1 2 1, each may be named once"),
        (["--override", "clips.frames=1"], "clips.frames is 1, it must be at least 2"),
        (["--override", "clips.styles=[crayon]"], "clips.styles has 'crayon', it can have noto"),
        (["--override", "clips.things=31"], "clips.things is 31, it must be at most 30"),
        (["--override", "measures.queries=7"], "measures.queries is 7, it must be at most captions (6)"),
        (["--override", "phase2.steps=4"], "is of another configuration (phase2); take another folder with --folder"),
        (["--take-up", "nowhere"], f"nowhere/{PACKED_FILE} cannot be read"),
    ],
)
def test_a_wrong_request_is_told_in_one_line(
    arguments: list[str], words: str, toy_path: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(toy_path, copied, *arguments) == 1
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 1}', '{"version": 2}'], ids=["empty", "cut", "a-list", "without-keys", "of-tomorrow"]
)
def test_a_damaged_result_is_named(text: str, toy_path: Path, copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "results" / "mean-seed-5.json").write_text(text)
    assert run(toy_path, copied, "--arms", "mean") == 1
    told = capsys.readouterr().err
    assert "mean-seed-5.json is damaged" in told
    assert "remove it to have that run made anew" in told
    assert told.count("\n") == 1


def test_damaged_clips_are_named(toy_path: Path, copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copied / "training-clips.pt").write_bytes(b"PK\x03\x04")
    assert run(toy_path, copied, "--arms", "mean") == 1
    assert "training-clips.pt is damaged" in capsys.readouterr().err

