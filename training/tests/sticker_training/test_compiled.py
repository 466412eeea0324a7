"""Networks as generated code compute what they did, keep their names, and do without where there is no compiler."""

import subprocess
import sys
from pathlib import Path

import torch
from transformers import LlamaForCausalLM

import valley_training
from valley_training.model.config import LanguageSizes
from valley_training.sticker_training.compiled import as_written, compile_network

LANGUAGE = LanguageSizes(width=32, layers=1, heads=4, key_value_heads=4, mlp_width=64, vocabulary=50)

WITHOUT_A_COMPILER = """
import torch
from valley_training.sticker_training.compiled import compile_network
module = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.SiLU())
expected = module(torch.ones(2, 4))
compile_network(module)
torch.testing.assert_close(module(torch.ones(2, 4)), expected)
print("computed")
"""


def test_losses_and_gradients_are_the_same() -> None:
    torch.manual_seed(0)
    decoder = LlamaForCausalLM(LANGUAGE.to_transformers())
    names = list(decoder.state_dict())

    def gradients(length: int) -> list[torch.Tensor]:
        decoder.zero_grad()
        embeddings = torch.linspace(-1, 1, 2 * length * 32).view(2, length, 32)
        decoder.model(inputs_embeds=embeddings, use_cache=False).last_hidden_state.square().mean().backward()
        return [one.grad.clone() for one in decoder.parameters() if one.grad is not None]

    expected = {length: gradients(length) for length in (5, 11)}
    compile_network(decoder.base_model)
    for length in (5, 11):
        torch.testing.assert_close(gradients(length), expected[length])
    assert list(decoder.state_dict()) == names


def test_answers_one_by_one_generate_nothing() -> None:
    module = torch.nn.Linear(2, 2)
    compile_network(module)
    before = torch._dynamo.utils.counters["stats"]["unique_graphs"]
    with as_written():
        module(torch.ones(1, 2))
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == before


def test_computes_as_before_without_a_compiler(tmp_path: Path) -> None:
    package = str(Path(valley_training.__file__).parent.parent)
    environment = {"PATH": "/nowhere", "CXX": "/nowhere/c++", "PYTHONPATH": package, "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", WITHOUT_A_COMPILER]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "computed"
