"""What a model says of held-out clips, after each piece of a phase."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from torch import Tensor

from valley_training.model.valley import Valley
from valley_training.sticker_training.config import StickerConfig
from valley_training.sticker_training.run import StickerRun
from valley_training.sticker_training.samples import Samples


def lines(path: Path) -> list[dict[str, str | int]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_each_sample_is_asked_up_to_where_its_answer_begins(
    tiny_config: StickerConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valley_training.sticker_training.samples.CLIPS", 4)
    run = StickerRun(tiny_config, tmp_path, workers=0)
    tokenizer, asked = run.tokenizer(), []

    def say_yes(_: Valley, prompt: list[int], visual: list[Tensor], *_limits: object) -> list[int]:
        asked.append(tokenizer.decode(prompt, skip_special_tokens=False))
        assert [len(one) for one in visual] == [tiny_config.vision.patches + tiny_config.frames]
        return tokenizer.encode(" Yes.", add_special_tokens=False).ids

    monkeypatch.setattr(Valley, "generate_greedy", say_yes)
    Samples(tiny_config, tokenizer, run.model(), tmp_path / "samples.jsonl")(7)
    said = lines(tmp_path / "samples.jsonl")
    assert [line["step"] for line in said] == [7] * 4
    assert {line["language"] for line in said} == {"en", "es", "zh", "de"}
    assert {line["answer"] for line in said} == {"Yes."}
    for line, prompt in zip(said, asked, strict=True):
        last = prompt[prompt.rindex("### Human:") :]
        assert str(line["question"]) in last
        assert last.endswith("### Assistant:")
        # The turns before it have their answers.
        assert prompt.count("### Assistant:") == prompt.count("</s>") + 1


def test_pieces_of_a_phase_add_their_samples(tiny_config: StickerConfig, tmp_path: Path) -> None:
    run = StickerRun(tiny_config, tmp_path, workers=0)
    while run.learn(0.0) is not None:
        pass
    assert [line["step"] for line in lines(tmp_path / "phase1-samples.jsonl")] == [1, 2, 3]
    assert [line["step"] for line in lines(tmp_path / "phase2-samples.jsonl")] == [1, 2, 3, 4]
