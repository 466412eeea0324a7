"""Intervals, tables and plots, from figures that are known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from valley_training.experiments.arms import QUESTIONS, arms_of
from valley_training.experiments.config import load_experiment_config
from valley_training.experiments.intervals import difference, estimate, percent
from valley_training.experiments.plots import draw
from valley_training.experiments.probes import read_probe
from valley_training.experiments.questions import KINDS
from valley_training.experiments.results import PACKED_FILE, Result, read_packed
from valley_training.experiments.retrieval import recall_of
from valley_training.experiments.tables import TABLES, by_arm, probes_table, shapes_table


def result(arm: str, seed: int, share: float, **others: float) -> Result:
    """A run that has everything the same right, but for the kinds that are named."""
    right = dict.fromkeys(KINDS, share) | others
    questions = dict.fromkeys(KINDS, 100)
    return Result(arm, seed, {"en": right}, right, right, {"1": share, "5": share, "10": share}, questions, 1.0, {})


def rows(table: str) -> dict[str, list[str]]:
    """The cells of each row by its first one; of a row that comes in several tables, the last."""
    lines = [line.strip("|").split("|") for line in table.splitlines() if line]
    return {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines}


def test_an_interval_is_that_of_student() -> None:
    # Mean 2, standard deviation 1; 4.303 / sqrt(3) = 2.4843 (Student's t, two degrees of freedom, 97.5 %).
    found = estimate([1.0, 2.0, 3.0])
    assert found.mean == 2.0
    assert found.half == pytest.approx(2.4843, abs=1e-4)
    assert not found.is_clear
    assert estimate([2.0, 2.1, 2.2]).is_clear


def test_one_seed_has_no_interval_and_claims_nothing() -> None:
    assert estimate([0.5]).half is None
    assert not estimate([0.5]).is_clear
    assert percent(estimate([0.5])) == "50"


def test_arms_are_compared_seed_by_seed() -> None:
    # Seeds differ by far more than the arms do; what seeds share drops out.
    found = difference({1: 0.2, 2: 0.5, 3: 0.8, 4: 0.9}, {1: 0.1, 2: 0.4, 3: 0.7})
    assert found is not None
    assert found.mean == pytest.approx(0.1)
    assert found.half == pytest.approx(0, abs=1e-9)
    assert found.seeds == 3
    assert difference({1: 0.5}, {2: 0.5}) is None


@pytest.mark.parametrize(
    ("values", "signed", "words"),
    [([0.61, 0.61], False, "61 ± 0"), ([-0.2], True, "−20"), ([0.2], True, "+20"), ([-0.001], True, "0")],
)
def test_figures_are_written_in_hundredths(values: list[float], signed: bool, words: str) -> None:
    assert percent(estimate(values), signed) == words


def test_a_caption_counts_as_found_where_the_clip_makes_it_likelier_than_other_clips_do() -> None:
    # Caption 2 is the likeliest after every clip, so that says nothing.
    likelihoods = torch.tensor([[0.5, 0.1, 0.9], [0.1, 0.5, 0.9], [0.1, 0.1, 0.9]]).log()
    assert recall_of(likelihoods) == {"1": 1.0, "5": 1.0, "10": 1.0}
    assert recall_of(torch.zeros(3, 12))["10"] == 0.0
    ahead = torch.zeros(3, 12)
    ahead[0, 0] = ahead[1, 1] = 1.0
    # The third clip's caption ties with nine others, which count against it.
    assert recall_of(ahead) == pytest.approx({"1": 2 / 3, "5": 2 / 3, "10": 1.0})


def test_what_a_kind_of_data_costs_is_bold_where_the_seeds_agree() -> None:
    results = [result("base", seed, 0.5) for seed in (1, 2, 3)]
    results += [result("without-motion", seed, 0.5 + 0.1 * (seed - 2), motion=0.1) for seed in (1, 2, 3)]
    cells = rows(TABLES["kinds"](results))["without motion"]
    by_kind = dict(zip([*KINDS, "all kinds"], cells, strict=True))
    assert by_kind["motion"] == "**−40 ± 0**"
    assert by_kind["order"] == "0 ± 25"


def test_what_shuffling_loses_is_told_seed_by_seed() -> None:
    shuffled = dict.fromkeys(KINDS, 0.5)
    results = [replace(result("base", seed, 0.8 + 0.01 * seed), shuffled=shuffled) for seed in (1, 2, 3)]
    changes = TABLES["pooling"](results).split("less the clip as it is, points")[1]
    # 31, 32 and 33 points; 4.303 / sqrt(3) = 2.48. The other clip is told of as well as the one that is shown.
    assert rows(changes)["v3 transformer"] == ["**−32 ± 2**", "**−32 ± 2**", "0 ± 0"]


def test_tables_have_the_arms_that_are_done() -> None:
    results = [result("base", 1, 0.5), result("none", 1, 0.75)]
    against_others = TABLES["pooling"](results).split("less no pooling, points")[1]
    assert rows(against_others)["v3 transformer"] == ["−25"] * (len(KINDS) + 1)
    assert rows(against_others)["no pooling"] == ["+25"] * (len(KINDS) + 1)
    assert rows(TABLES["retrieval"](results))["after phase 2"] == ["50", "50", "50", "1"]
    assert "one phase" not in TABLES["phases"](results)


@pytest.mark.parametrize("question", list(TABLES))
def test_each_question_has_a_table_and_a_plot_and_one_without_results_has_none(question: str, tmp_path: Path) -> None:
    results = [result(arm.name, seed, 0.1 * seed) for arm in arms_of(question) for seed in (1, 2)]
    table = TABLES[question](results)
    assert all(arm.words in table or arm.name == "base" for arm in arms_of(question))
    assert draw(question, results, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
    assert not draw(question, [], tmp_path / "none.png")


def test_shapes_are_those_of_the_paper(toy_path: Path, tmp_path: Path) -> None:
    lines = [line.strip("|").split("|") for line in shapes_table(load_experiment_config(toy_path)).splitlines()]
    small = {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines[:7]}
    published = {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines[8:]}
    lengths = (1, 2, 4, 6, 8, 16, 32, 64, 128)
    assert small["v1 mean"] == [str(4 + frames) for frames in lengths]
    assert small["no pooling"] == [str(5 * frames) for frames in lengths]
    # 260 + T positions with the markers: 268 for a clip of eight frames.
    assert published["v3 transformer"][4] == "268"
    # v3 at Llama-2-7b's width has 83,924,992 numbers, v2 256 x 4096 and one more.
    assert [published[name][-1] for name in ("v3 transformer", "v2 importance")] == ["83,924,992", "1,048,577"]
    # 257 T + 4 positions without pooling: eight frames are 2,060, more than 2,048.
    assert published["no pooling"][4] == "2,060"
    assert published["no pooling"][-2] == "7"
    assert draw("shapes", [], tmp_path / "shapes.png")


def test_the_written_tables_are_those_of_the_kept_results() -> None:
    training = Path(__file__).parents[2]
    written = (training / "EXPERIMENTS.md").read_text()
    config = load_experiment_config(training / "configs" / "experiments.yaml")
    assert shapes_table(config) in written
    probes = [read_probe(path) for path in sorted((training / "experiments" / "probes").glob("seed-*.json"))]
    assert len(probes) >= 3
    assert probes_table(probes) in written
    kept = training / "experiments" / PACKED_FILE
    if kept.exists():
        results = read_packed(kept)
        assert all(table(results) in written for question, table in TABLES.items() if by_arm(results, QUESTIONS[question]))
