"""Configuration files: what they may say, build on and be overridden by, and what is told when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from valley_training.config import load_config
from valley_training.config_file import read_mapping
from valley_training.errors import TrainingError


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("frames: 8", "frames: 8\ncolour: red"), "colour is not known"),
        (("frames: 8", "frames: 0"), "frames is 0, it must be at least 1"),
        (("frames: 8", "frames: eight"), "frames is 'eight', it must be int"),
        (("frames: 8\n", ""), "frames is missing"),
        (("learning_rate: 1.0e-3", "learning_rate: .inf"), "tower.learning_rate is inf, it must be a number"),
        (("learning_rate: 1.0e-3", "learning_rate: 0"), "tower.learning_rate is 0, it must be above 0"),
        (("layers: 2, heads: 2, mlp", "layers: 2, heads: 3, mlp"), "vision.heads is 3, it must divide width 32"),
        (("patch_pixels: 16", "patch_pixels: 15"), "vision.patch_pixels is 15, it must divide image_pixels 64"),
        (("select_layer: -2", "select_layer: -3"), "vision.select_layer is -3, it must be 1 to 2 or -1 to -2 of 2 layers"),
        (("steps: 4", "steps: [4"), r"config\.yaml is no YAML in line"),
        (("pooling: transformer", "pooling: median"), "it must be mean, importance or transformer"),
        (("clips: 8, ", "klips: 8, "), r"features\.klips is not known"),
    ],
)
def test_a_wrong_configuration_is_told_by_its_key(
    change: tuple[str, str], message: str, small_config_text: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(small_config_text.replace(*change))
    with pytest.raises(TrainingError, match=message):
        load_config(path)


def test_a_file_may_build_on_another_and_be_overridden(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("name: base\nlanguage: { width: 64, layers: 4 }\n")
    (tmp_path / "small.yaml").write_text("extends: base.yaml\nname: small\nlanguage: { layers: 2 }\n")
    mapping = read_mapping(tmp_path / "small.yaml", ["language.width=32", "data=[a, b]"])
    assert mapping == {"name": "small", "language": {"width": 32, "layers": 2}, "data": ["a", "b"]}


def test_files_that_build_on_each_other_in_a_ring_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("extends: two.yaml\n")
    (tmp_path / "two.yaml").write_text("extends: one.yaml\n")
    with pytest.raises(TrainingError, match="extends itself"):
        read_mapping(tmp_path / "one.yaml")


def test_an_override_without_a_value_is_refused(small_config_text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(small_config_text)
    with pytest.raises(TrainingError, match="--override frames must be key=value"):
        load_config(path, ["frames"])
