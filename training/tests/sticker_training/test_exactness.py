"""A quick look at how many answers are right."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from valley_training.data.dialogue import IGNORED
from valley_training.sticker_training import exactness as module
from valley_training.sticker_training.__main__ import main
from valley_training.sticker_training.exactness import Count, table_of


class Knowing(nn.Module):
    """A decoder that says at each position what it was given as `says` [S]."""

    def __init__(self, says: list[int]) -> None:
        super().__init__()
        self.says, self.embeddings = torch.tensor(says), nn.Embedding(20, 4)

    def get_input_embeddings(self) -> nn.Module:
        return self.embeddings

    def forward(self, inputs_embeds: torch.Tensor) -> SimpleNamespace:
        assert inputs_embeds.shape == (1, len(self.says), 4)
        return SimpleNamespace(logits=nn.functional.one_hot(self.says, 20)[None].float())


def test_an_answer_is_right_when_each_of_its_tokens_is() -> None:
    no = IGNORED
    labels = [no, no, 5, 6, 2, no, no, 7, 2, no, no, 8, 2, no]
    says = [0, 0, 5, 6, 2, 0, 0, 7, 3, 0, 0, 8, 2, 0]
    model = SimpleNamespace(decoder=Knowing(says))
    assert module._right(model, [10] * len(labels), labels, torch.zeros(0, 4)) == [True, False, True]


def test_the_table_has_a_line_a_kind_and_one_for_all() -> None:
    table = table_of({"when": Count(4, 2, 1), "colour": Count(6, 6, 3)})
    assert [line.split() for line in table.splitlines()] == [
        ["kind", "asked", "told", "seen"],
        ["colour", "6", "100%", "50%"],
        ["when", "4", "50%", "25%"],
        ["all", "10", "80%", "40%"],
    ]


def test_two_questions_a_scene_are_asked_of_what_a_run_has_learnt(
    tiny_config_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--config", str(tiny_config_path), "--run", str(tmp_path / "run")]
    assert main(["exactness", *where]) == 1
    assert "run a piece first" in capsys.readouterr().err
    main(["learn", *where, "--workers", "0"])
    capsys.readouterr()
    assert main(["exactness", *where, "--scenes", "4"]) == 0
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[:2] == ["all", "8"]
