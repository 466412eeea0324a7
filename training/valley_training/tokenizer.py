"""The tokenizer: byte-level BPE learnt on the world's own dialogues, with the special tokens of Valley."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from valley_training.data.dialogue import SYSTEM_PROMPT, notes_of
from valley_training.model.valley import SPECIAL_TOKENS
from valley_training.world.language import sample_dialogue
from valley_training.world.scene import sample_scene

CORPUS_SCENES = 6000


def chat_template(answer_end: str = "{{ eos_token }}") -> str:
    """The prompt as a Jinja template; `answer_end` stands after each answer."""
    return (
        "{{ bos_token }}{% for message in messages %}"
        "{% if message.role == 'system' %}{{ message.content }}\n\n"
        "{% elif message.role == 'user' %}### Human: {{ message.content }}\n"
        f"{{% else %}}### Assistant: {{{{ message.content }}}}{answer_end}\n{{% endif %}}"
        "{% endfor %}{% if add_generation_prompt %}### Assistant:{% endif %}"
    )


def train_tokenizer(vocabulary: int, seed: int) -> Tokenizer:
    """A tokenizer with ids 0.. for the special tokens in the order of SPECIAL_TOKENS."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(seed), trainer)
    return tokenizer


def learn_tokenizer(texts: Iterator[str], vocabulary: int) -> Tokenizer:
    """A tokenizer of any languages, a token a digit so that numbers are written as they are read. Ids as above."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def tokenizer_files(tokenizer: Tokenizer) -> dict[str, str]:
    """File name -> text of the tokenizer's part of a checkpoint."""
    settings = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "clean_up_tokenization_spaces": False,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    return {
        "tokenizer.json": tokenizer.to_str(pretty=True) + "\n",
        "tokenizer_config.json": json.dumps(settings, indent=2) + "\n",
        "chat_template.jinja": chat_template() + "\n",
    }


def _corpus(seed: int) -> Iterator[str]:
    rng = random.Random(f"tokenizer-{seed}")
    for _ in range(CORPUS_SCENES):
        scene = sample_scene(rng, held_out=False)
        yield f"{SYSTEM_PROMPT}\n\n"
        yield notes_of(scene, 8, rng)
        for turn in sample_dialogue(scene, rng, 6):
            yield f"### Human: {turn.question}\n### Assistant: {turn.answer}\n"
