"""The linear reader: what it can read, what pooling takes from it, and what is told when a file is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from valley_training.errors import TrainingError
from valley_training.experiments.plots import draw_probes
from valley_training.experiments.probes import READERS, TARGETS, Probe, read, read_probe
from valley_training.experiments.tables import probes_table


def test_a_class_that_is_a_weighted_sum_is_read() -> None:
    inputs = torch.randn(600, 8, generator=torch.Generator().manual_seed(0))
    classes = (inputs @ torch.tensor([1.0, -2, 0, 0, 0, 0, 0, 0]) > 0).long()
    assert (read(inputs[:500], classes[:500], inputs[500:]) == classes[500:]).float().mean() > 0.9


def test_a_mean_over_time_cannot_tell_which_way_and_frames_one_after_another_can() -> None:
    # Two patches; a thing lies on the one in the first frame and on the other in the last, or the other way round.
    forwards = torch.eye(2)[None, :, :, None].expand(100, 2, 2, 1)
    patches = torch.cat([forwards, forwards.flip(1)])
    frames = torch.zeros(200, 2, 1)
    order = torch.randperm(200, generator=torch.Generator().manual_seed(0))
    patches, classes = patches[order], (order >= 100).long()
    share = {}
    for name in ("mean", "max", "no pooling"):
        inputs = torch.cat([part.flatten(1) for part in READERS[name](patches, frames)], 1)
        share[name] = (read(inputs[:150], classes[:150], inputs[150:]) == classes[150:]).float().mean().item()
    assert share["no pooling"] == 1.0
    assert share["mean"] < 0.7
    assert share["max"] < 0.7


def probe(seed: int, mean: float) -> Probe:
    right = {reader: dict.fromkeys(TARGETS, mean if reader == "mean" else 0.9) for reader in READERS}
    return Probe(seed, right, dict.fromkeys(TARGETS, 0.25), dict.fromkeys(TARGETS, 100), {})


def test_what_a_reader_lacks_is_told_against_the_one_that_gets_everything(tmp_path: Path) -> None:
    table = probes_table([probe(1, 0.4), probe(2, 0.5), probe(3, 0.6)])
    # Student's t: 4.303 x 10 / sqrt(3) = 24.8 points.
    assert "| mean | 50 ± 25 |" in table
    assert "| mean | **−40 ± 25** |" in table
    assert "| guess | 25 |" in table
    assert draw_probes([probe(1, 0.4)], tmp_path / "probes.png")
    assert not draw_probes([], tmp_path / "none.png")


NO_READERS = '{"seed": 1, "right": {}, "guess": {}, "clips": {}, "provenance": {}}'


@pytest.mark.parametrize("text", ["", "[]", '{"seed": 1}', NO_READERS])
def test_a_damaged_probe_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "seed-1.json").write_text(text)
    with pytest.raises(TrainingError, match=r"seed-1\.json is damaged .*; remove it to have it made anew"):
        read_probe(tmp_path / "seed-1.json")
